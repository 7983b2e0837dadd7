"""The oddities by name: what each does, and where it was seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from attrs import evolve, field, frozen

from flexicharge.simulator.errors import SimulatorError
from flexicharge.simulator.oddities import noise, order, payloads
from flexicharge.simulator.oddities.payloads import changed
from flexicharge.simulator.oddities.twist import Twist, Twists
from flexicharge.simulator.phrasebook import Quirks

SILENT_RECONNECT: Final = "silent-reconnect"
BOOT_ON_RECONNECT: Final = "boot-on-reconnect"
TWO_SOCKETS: Final = "two-sockets"


class UnknownOddity(SimulatorError):
    """No oddity has this name."""


@frozen
class Oddity:
    """One oddity: a quirk of the phrasebook, a twist, or what its name says.

    `source` is a section of the wire contract or a number of the field notes.
    """

    name: str
    about: str
    source: str
    quirk: str = field(default="", kw_only=True)
    twist: Callable[[], Twist] | None = field(default=None, kw_only=True)


_ALL: Final = (
    Oddity(
        "constant-message-id",
        "puts one id on every Call but its readings",
        "§3.4",
        quirk="constant_message_id",
    ),
    Oddity(
        "transaction-id-one",
        "calls every transaction 1, whatever the server answered",
        "§3.4",
        quirk="transaction_id_one",
    ),
    Oddity(
        "numbers-as-text",
        "names its connector as text",
        "§3.4",
        quirk="numbers_as_text",
    ),
    Oddity(
        "null-tag", "spells the tag `id_tag`, and has none", "§3.4", quirk="null_tag"
    ),
    Oddity(
        "meter-stands-still",
        "says 0 for every register and energy",
        "§3.4",
        quirk="meter_stands_still",
    ),
    Oddity(
        "empty-error-code",
        "has an empty text for `NoError`",
        "§3.4",
        quirk="empty_error_code",
    ),
    Oddity(
        "comma-in-measurand",
        "writes `Power.Active,Import`",
        "§3.4",
        quirk="comma_in_measurand",
    ),
    Oddity(
        "public-connector",
        "names its connector by the six-digit number, or null",
        "§3.4",
        quirk="public_connector",
    ),
    Oddity(
        "whole-seconds", "has times without fractions", "§3.4", quirk="whole_seconds"
    ),
    Oddity(
        "float-registers",
        "has whole registers with a decimal point",
        "§3.4",
        quirk="registers_as_floats",
    ),
    Oddity(
        "stop-transaction-one",
        "calls the transaction 1 when it stops it",
        "§3.4",
        quirk="stop_transaction_one",
    ),
    Oddity("any-tag", "takes a start with whatever tag", "§3.5", quirk="any_tag"),
    Oddity(
        "invalid-json",
        "sends every third reading as what is no JSON",
        "Q6",
        twist=noise.InvalidJson,
    ),
    Oddity(
        "empty-frames",
        "sends an empty text before every Call",
        "Q7",
        twist=noise.EmptyFrames,
    ),
    Oddity(
        "null-payloads",
        "boots with `null` for a payload, and asks the time with one",
        "Q7",
        twist=noise.NullPayloads,
    ),
    Oddity(
        "message-type-1",
        "sends frames of a kind that there is not",
        "Q8",
        twist=noise.MessageType1,
    ),
    Oddity(
        "zoneless-times",
        "has times as text that does not say in which zone",
        "Q9",
        twist=changed(payloads.timed(payloads.zoneless)),
    ),
    Oddity(
        "times-zero",
        "says that it is always 1970",
        "Q9",
        twist=changed(payloads.timed(lambda _: 0)),
    ),
    Oddity(
        "times-negative",
        "says that it is the year one",
        "Q9",
        twist=changed(payloads.timed(lambda _: payloads.YEAR_ONE)),
    ),
    Oddity(
        "times-huge",
        "has times that no calendar holds",
        "§3.4, Q9",
        twist=changed(payloads.timed(lambda _: payloads.HUGE)),
    ),
    Oddity(
        "transaction-id-0",
        "calls every transaction 0",
        "Q10",
        twist=changed(payloads.numbered(0)),
    ),
    Oddity(
        "transaction-id-minus-1",
        "calls every transaction -1",
        "Q10",
        twist=changed(payloads.numbered(-1)),
    ),
    Oddity(
        "transaction-id-max",
        "calls every transaction 9223372036854775807",
        "Q10",
        twist=changed(payloads.numbered(2**63 - 1)),
    ),
    Oddity(
        "start-repeated",
        "says a start twice, the second time under a fresh id",
        "Q11",
        twist=order.StartRepeated,
    ),
    Oddity(
        "start-after-stop",
        "says the start of a charge once more when it is over",
        "Q11",
        twist=order.StartAfterStop,
    ),
    Oddity(
        "stop-never",
        "never says that a charge has stopped",
        "Q12",
        twist=order.StopNever,
    ),
    Oddity("stop-repeated", "says a stop four times", "Q12", twist=order.StopRepeated),
    Oddity(
        "orphan-stop",
        "stops what never was, whenever it boots",
        "Q12",
        twist=order.OrphanStop,
    ),
    Oddity(
        "readings-after-stop",
        "repeats its last reading when the charge is over",
        "Q13",
        twist=order.ReadingsAfterStop,
    ),
    Oddity(
        "no-transaction-id",
        "leaves the transaction out of its readings",
        "Q13",
        twist=changed(payloads.unnumbered),
    ),
    Oddity(
        "closing-reading-late",
        "says where the meter stands at the end only after the stop",
        "Q14",
        twist=order.ClosingReadingLate,
    ),
    Oddity(
        "connector-0",
        "names the station in its readings, not the connector",
        "Q15",
        twist=changed(payloads.connector_0),
    ),
    Oddity(
        "empty-values",
        "has empty texts for all values of its readings",
        "Q16",
        twist=changed(payloads.with_empty_values),
    ),
    Oddity(
        "missing-values",
        "sends readings without any value",
        "Q16",
        twist=changed(payloads.without_values),
    ),
    Oddity(
        "power-in-hertz",
        "gives its power in Hz",
        "Q16",
        twist=changed(payloads.power_in_hertz),
    ),
    Oddity(
        "power-in-kw",
        "gives its power in kW, and calls it W",
        "Q17",
        twist=changed(payloads.power_in_kw),
    ),
    Oddity(
        "energy-in-kwh",
        "gives its energy in kWh, and says so",
        "Q17",
        twist=changed(payloads.energy_in_kwh),
    ),
    Oddity(
        "unknown-status-words",
        "says statuses in words of its own",
        "Q18",
        twist=changed(payloads.odd_status),
    ),
    Oddity(
        "unknown-error-codes",
        "reports errors that there are not with every status",
        "Q18",
        twist=changed(payloads.odd_error),
    ),
    Oddity(
        "answers-errors",
        "refuses whatever it is asked, with a misspelt error",
        "Q18",
        twist=noise.AnswersErrors,
    ),
    Oddity(
        "over-long-strings",
        "makes every text four hundred characters longer",
        "Q19",
        twist=changed(payloads.over_long),
    ),
    Oddity(
        "boot-loop",
        "says that it has booted every ten seconds",
        "Q21",
        twist=noise.BootLoop,
    ),
    Oddity(
        "heartbeats", "asks for the time twice a second", "Q22", twist=noise.Heartbeats
    ),
    Oddity(SILENT_RECONNECT, "says nothing at all when its line is back", "Q23"),
    Oddity(
        BOOT_ON_RECONNECT, "boots whenever its line is back, in mid-charge too", "Q23"
    ),
    Oddity(
        "deaf",
        "answers nothing that it is asked, and does none of it",
        "Q25",
        twist=noise.Deaf,
    ),
    Oddity(
        "authorize",
        "asks whether its tag is good before it starts",
        "Q29",
        twist=order.Authorizes,
    ),
    Oddity(
        "vendor-messages",
        "tells what only its maker understands",
        "Q29",
        twist=order.VendorMessages,
    ),
    Oddity(
        TWO_SOCKETS, "dials a second time while its first line is still open", "Q32"
    ),
    Oddity(
        "status-flood",
        "says every status forty times at once",
        "Q22",
        twist=order.StatusFlood,
    ),
    Oddity(
        "meter-backwards",
        "has its meter go backwards once in every charge",
        "§3.4",
        twist=order.MeterBackwards,
    ),
    Oddity(
        "stop-below-reading",
        "stops at half of the energy that it has told",
        "§3.4",
        twist=order.StopBelowReading,
    ),
)
ODDITIES: Final = {oddity.name: oddity for oddity in _ALL}


def oddity(name: str) -> Oddity:
    """Return an oddity; raise `UnknownOddity` with all names there are."""
    try:
        return ODDITIES[name]
    except KeyError:
        known = ", ".join(sorted(ODDITIES))
        raise UnknownOddity(f"there is no oddity {name!r}; there are {known}") from None


def quirks_with(quirks: Quirks, names: Sequence[str]) -> Quirks:
    """Return quirks with those added that some oddities are."""
    wanted = [oddity(name).quirk for name in names]
    return evolve(quirks, **{quirk: True for quirk in wanted if quirk})


def twists_of(names: Sequence[str]) -> Twists:
    """Return fresh twists for one charger; raise `UnknownOddity`."""
    makers = [oddity(name).twist for name in names]
    return Twists([make() for make in makers if make is not None])
