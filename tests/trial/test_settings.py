"""Settings, as plain trial sees them."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from flexicharge.config import SettingsRefused, read_settings


class SettingsTests(SynchronousTestCase):
    """Reading settings needs neither a reactor nor pytest."""

    def test_options_win(self) -> None:
        """An option outweighs the environment."""
        settings = read_settings({"PORT": "1"}, options={"PORT": "2"})
        self.assertEqual(settings.http_port, 2)

    def test_everything_wrong_is_said_at_once(self) -> None:
        """Two violations make one message."""
        refusal = self.assertRaises(
            SettingsRefused, read_settings, {"PORT": "x", "SESSION_GRACE": "y"}
        )
        self.assertEqual(
            [violation.name for violation in refusal.violations],
            ["PORT", "SESSION_GRACE"],
        )

    def test_a_password_is_not_represented(self) -> None:
        """Settings may be logged."""
        environ = dict.fromkeys(
            ("DATABASE_HOST", "DATABASE_NAME", "DATABASE_USERNAME"), "db"
        )
        settings = read_settings(
            environ | {"DATABASE_PASSWORD": "hush", "BYPASS_KLARNA": "1"}
        )
        self.assertNotIn("hush", repr(settings))
