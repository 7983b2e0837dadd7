"""The oddities of OCPP 1.6 by name: what each does, and where it was seen."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from flexicharge.simulator.oddities import noise
from flexicharge.simulator.oddities import order as any_order
from flexicharge.simulator.oddities.payloads import changed
from flexicharge.simulator.oddities.table import (
    BOOT_ON_RECONNECT,
    SILENT_RECONNECT,
    TWO_SOCKETS,
    Oddity,
    UnknownOddity,
)
from flexicharge.simulator.oddities.twist import Twists
from flexicharge.simulator.standard.oddities import order, payloads

ANSWERS_LATE: Final = "answers-late"
FICKLE_IDS: Final = "fresh-ids-for-retries"
MANY_CONNECTORS: Final = "many-connectors"
NEEDS_CONNECTOR: Final = "needs-connector"
NO_MEMORY: Final = "no-memory"
OLD_SESSIONS: Final = "old-sessions"
LAST_NUMBER: Final = 2**63 - 1

_FRAMES: Final = (
    Oddity(
        "invalid-json",
        "sends every third reading as what is no JSON",
        "Q6",
        twist=order.InvalidJson,
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
        twist=order.NullPayloads,
    ),
    Oddity(
        "message-type-1",
        "sends frames of a kind that there is not",
        "Q8",
        twist=noise.MessageType1,
    ),
    Oddity(
        "many-elements",
        "sends frames with one element too many",
        "extra-elements",
        twist=order.ManyElements,
    ),
    Oddity(
        "numbers-for-ids",
        "has numbers for message ids",
        "number-for-id",
        twist=changed(payloads.whole_ids),
    ),
    Oddity(
        "long-ids",
        "has message ids of over 36 characters",
        "long-id",
        twist=changed(payloads.long_ids),
    ),
    Oddity(
        "misspelt-actions",
        "asks the time with `heartBeat `",
        "action-misspelt",
        twist=changed(payloads.odd_actions),
    ),
)
_TIMES: Final = (
    Oddity(
        "zoneless-times",
        "has times that do not say in which zone",
        "Q9",
        twist=changed(payloads.timed(payloads.zoneless)),
    ),
    Oddity(
        "short-zones",
        "has times in the zone `+02`",
        "Q9",
        twist=changed(payloads.timed(payloads.short_zone)),
    ),
    Oddity(
        "local-times",
        "has local times, and calls them UTC",
        "Q9",
        twist=changed(payloads.timed(payloads.local_as_utc)),
    ),
    Oddity(
        "times-of-1970",
        "says that it is the first day of 1970",
        "Q9",
        twist=changed(payloads.timed(payloads.since_1970)),
    ),
    Oddity(
        "times-of-year-one",
        "says that it is the year one",
        "Q9",
        twist=changed(payloads.timed(payloads.fixed("0001-01-01T00:00:00Z"))),
    ),
    Oddity(
        "times-of-29-february",
        "says that it is a day that there is not",
        "Q9",
        twist=changed(payloads.timed(payloads.fixed("2027-02-29T12:00:00Z"))),
    ),
    Oddity(
        "times-missing",
        "has no times in starts and stops",
        "time-missing",
        twist=changed(
            lambda call: (
                payloads.without(call, "timestamp")
                if call.action in payloads.TAGGED
                else call
            )
        ),
    ),
)
_NUMBERS: Final = (
    Oddity(
        "transaction-id-0",
        "stops transaction 0",
        "Q10",
        twist=partial(order.NumbersOnly, 0),
    ),
    Oddity(
        "transaction-id-minus-1",
        "calls every transaction -1",
        "Q10",
        twist=changed(payloads.numbered(-1)),
    ),
    Oddity(
        "transaction-id-max",
        "stops transaction 9223372036854775807",
        "Q10",
        twist=partial(order.NumbersOnly, LAST_NUMBER),
    ),
    Oddity(
        "stop-unnumbered",
        "leaves the transaction out of its stop",
        "Q10, Q12",
        twist=changed(order.unasked_stop),
    ),
    Oddity(
        "no-transaction-id",
        "leaves the transaction out of its readings",
        "Q13",
        twist=changed(payloads.unnumbered),
    ),
    Oddity(
        "numbers-as-text",
        "writes whole numbers as text",
        "number-in-text",
        twist=changed(payloads.numbers_as_text),
    ),
    Oddity(
        "numbers-with-fraction",
        "writes registers with a decimal point",
        "number-with-fraction",
        twist=changed(payloads.numbers_with_fraction),
    ),
    Oddity(
        "null-fields",
        "sends fields with `null` in them",
        "null-field",
        twist=changed(payloads.null_fields),
    ),
    Oddity(
        MANY_CONNECTORS,
        "says that it has 1634030126 connectors",
        "Q20",
    ),
)
_ORDER: Final = (
    Oddity(
        "start-repeated",
        "says a start twice, the second time under a fresh id",
        "Q11",
        twist=any_order.StartRepeated,
    ),
    Oddity(
        "same-id-again",
        "sends starts and stops twice, letter by letter",
        "Q11",
        twist=order.SameIdAgain,
    ),
    Oddity(
        FICKLE_IDS,
        "puts a fresh id on what it says again",
        "Q11",
    ),
    Oddity(
        "start-after-stop",
        "says the start of a charge once more when it is over",
        "Q11",
        twist=any_order.StartAfterStop,
    ),
    Oddity(
        "stop-never",
        "never says that a charge has stopped",
        "Q12",
        twist=any_order.StopNever,
    ),
    Oddity(
        "stop-repeated",
        "says a stop four times",
        "Q12",
        twist=any_order.StopRepeated,
    ),
    Oddity(
        "orphan-stop",
        "stops what never was, whenever it boots",
        "Q12",
        twist=order.OrphanStop,
    ),
    Oddity(
        "stop-lost-with-power",
        "never says that a charge has stopped with its power",
        "Q12, Q23",
        twist=order.StopLost,
    ),
    Oddity(
        "readings-after-stop",
        "repeats its last reading when the charge is over",
        "Q13",
        twist=any_order.ReadingsAfterStop,
    ),
    Oddity(
        "closing-reading-late",
        "says where the meter stands at the end only after the stop",
        "Q14",
        twist=order.ClosingReadingLate,
    ),
    Oddity(
        "charging-before-start",
        "says that it charges before it says the start",
        "Q31",
        twist=order.StatusFirst,
    ),
    Oddity(
        OLD_SESSIONS,
        "tells twenty charges of the last months when it first connects",
        "Q26",
    ),
    Oddity(NO_MEMORY, "forgets what it could not say without a line", "Q12"),
)
_READINGS: Final = (
    Oddity(
        "connector-0",
        "names the station in its readings, not the connector, and is a KEBA",
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
        "missing-samples",
        "sends readings without any sample",
        "Q16",
        twist=changed(payloads.without_samples),
    ),
    Oddity(
        "single-samples",
        "sends one sample where a list belongs",
        "Q16",
        twist=changed(payloads.single_samples),
    ),
    Oddity(
        "noise-in-readings",
        "sends samples that nobody has asked for",
        "Q16",
        twist=changed(payloads.with_noise),
    ),
    Oddity(
        "bare-samples",
        "sends nothing but the register's value",
        "Q16",
        twist=changed(payloads.bare_samples),
    ),
    Oddity(
        "numbers-for-values",
        "sends values as numbers",
        "text-as-number",
        twist=changed(payloads.numbers_for_values),
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
        "gives its register in kWh, and says so",
        "Q17",
        twist=changed(payloads.energy_in_kwh),
    ),
    Oddity(
        "meter-backwards",
        "has its meter go backwards once in every charge",
        "Q17",
        twist=order.MeterBackwards,
    ),
    Oddity(
        "stop-below-reading",
        "stops at half of the energy that it has told",
        "Q17",
        twist=any_order.StopBelowReading,
    ),
)
_WORDS: Final = (
    Oddity(
        "unknown-status-words",
        "says statuses in words of OCPP 1.5, and misspelt",
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
        "unknown-reasons",
        "gives reasons in words of its own",
        "Q18",
        twist=changed(payloads.odd_reason),
    ),
    Oddity(
        "answers-errors",
        "refuses whatever it is asked, with a misspelt error",
        "Q18",
        twist=order.AnswersErrors,
    ),
    Oddity(
        "over-long-strings",
        "makes every text about itself four hundred characters longer",
        "Q19",
        twist=changed(payloads.over_long),
    ),
    Oddity(
        "misspelt-names",
        "writes `connectorID` and `TransactionId`",
        "name-misspelt",
        twist=changed(payloads.misspelt_names),
    ),
    Oddity(
        "extra-fields",
        "sends fields that there are not",
        "extra-field",
        twist=changed(payloads.extra_fields),
    ),
    Oddity(
        "serial-behind-tag",
        "puts its serial number behind every tag, and is a KEBA",
        "Q27",
        twist=changed(payloads.serial_behind_tag),
    ),
    Oddity(
        "small-tags",
        "writes tags in small letters",
        "Q27",
        twist=changed(payloads.small_tags),
    ),
    Oddity(
        "suspended-for-preparing",
        "says SuspendedEV when the cable is put in",
        "Q31",
        twist=changed(payloads.suspended_for_preparing),
    ),
)
_MANNERS: Final = (
    Oddity(
        "boot-loop",
        "says that it has booted every ten seconds",
        "Q21",
        twist=noise.BootLoop,
    ),
    Oddity(
        "heartbeats", "asks for the time twice a second", "Q22", twist=noise.Heartbeats
    ),
    Oddity(
        "status-flood",
        "says every status forty times at once",
        "Q22",
        twist=any_order.StatusFlood,
    ),
    Oddity(SILENT_RECONNECT, "says nothing at all when its line is back", "Q23"),
    Oddity(
        BOOT_ON_RECONNECT, "boots whenever its line is back, in mid-charge too", "Q23"
    ),
    Oddity(ANSWERS_LATE, "answers a minute late", "Q24"),
    Oddity(
        "deaf",
        "answers nothing that it is asked, and does none of it",
        "Q25",
        twist=noise.Deaf,
    ),
    Oddity(NEEDS_CONNECTOR, "starts only where a connector is named", "Q28"),
    Oddity(
        "vendor-messages",
        "tells what only its maker understands",
        "Q29",
        twist=any_order.VendorMessages,
    ),
    Oddity(
        TWO_SOCKETS, "dials a second time while its first line is still open", "Q32"
    ),
)
STANDARD_ODDITIES: Final = {
    oddity.name: oddity
    for oddity in (
        *_FRAMES,
        *_TIMES,
        *_NUMBERS,
        *_ORDER,
        *_READINGS,
        *_WORDS,
        *_MANNERS,
    )
}


def twists_of(names: Sequence[str]) -> Twists:
    """Return fresh twists for one charger; raise `UnknownOddity`."""
    makers = [_oddity(name).twist for name in names]
    return Twists([make() for make in makers if make is not None])


def _oddity(name: str) -> Oddity:
    try:
        return STANDARD_ODDITIES[name]
    except KeyError:
        known = ", ".join(sorted(STANDARD_ODDITIES))
        raise UnknownOddity(f"there is no oddity {name!r}; there are {known}") from None
