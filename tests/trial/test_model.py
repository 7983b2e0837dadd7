"""Rules of the trade, as plain trial sees them."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from flexicharge.model.demo import DAY_S, demo_price, demo_tariffs


class DemoTariffTests(SynchronousTestCase):
    """The demo network's prices."""

    now = 1_800_000_000.0

    def test_there_is_one_price_for_every_hour(self) -> None:
        """From yesterday on, hour by hour, without a gap."""
        hours = [price.hour_at for price in demo_tariffs(self.now)]
        self.assertLessEqual(hours[0], self.now - DAY_S)
        self.assertEqual(hours, list(range(hours[0], hours[-1] + 1, 3600)))

    def test_prices_do_not_depend_on_when_they_are_made(self) -> None:
        """Two servers agree on what an hour costs."""
        later = {price.hour_at: price for price in demo_tariffs(self.now + DAY_S)}
        for price in demo_tariffs(self.now):
            self.assertEqual(later.get(price.hour_at, price), price)

    def test_prices_are_sensible(self) -> None:
        """Between 0.50 and 5.99 SEK."""
        prices = [demo_price(hour) for hour in range(0, 100 * 3600, 3600)]
        self.assertTrue(all(0.5 <= price < 6 for price in prices))
