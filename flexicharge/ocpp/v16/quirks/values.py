"""Values of the wrong type, too long, missing, or where none belong."""

from __future__ import annotations

from decimal import ROUND_HALF_UP
from typing import Final

from flexicharge.errors import UnusableValue
from flexicharge.model.metering import decimal_of
from flexicharge.ocpp.v16.quirks.rules import (
    Fault,
    FaultQuirk,
    Mend,
    Removed,
    Replaced,
)
from flexicharge.ocpp.v16.quirks.words import MAX_WORD, plain
from flexicharge.ocpp.v16.times import posix_of, text_of

NO_TAG: Final = ""  # nobody has it, so it is never taken for somebody's
NO_TRANSACTION: Final = -1
NO_REGISTER: Final = -1  # no meter has it, so it is never taken for a reading
NO_CONNECTOR: Final = 0
LAST_TRANSACTION: Final = (1 << 63) - 1
INVENTED_TIMES: Final = frozenset({"impossible-time", "time-missing"})
_TAGS: Final = frozenset({"idTag", "parentIdTag"})
_REGISTERS: Final = frozenset({"meterStart", "meterStop"})
_MONEY: Final = frozenset({"StartTransaction", "StopTransaction", "MeterValues"})
_TRANSACTIONS: Final = frozenset({"StartTransaction", "StopTransaction"})
_BOOT: Final = frozenset({"BootNotification"})


def _null(fault: Fault) -> Mend | None:
    return Removed(fault.violation.path) if fault.value is None else None


def _number_in_text(fault: Fault) -> Mend | None:
    return _whole(fault) if isinstance(fault.value, str) else None


def _whole(fault: Fault) -> Mend | None:
    """Round what is no whole number, as energy is rounded: half up."""
    if fault.rule.get("type") != "integer":
        return None
    try:
        number = decimal_of(fault.value, "it")
    except UnusableValue:
        return None
    return Replaced(int(number.to_integral_value(ROUND_HALF_UP)))


def _text(fault: Fault) -> Mend | None:
    is_text_due = fault.rule.get("type") == "string"
    is_number = type(fault.value) in (int, float)  # which true and false are not
    return Replaced(str(fault.value)) if is_text_due and is_number else None


def _list(fault: Fault) -> Mend | None:
    if fault.rule.get("type") != "array" or not isinstance(fault.value, dict):
        return None
    return Replaced([fault.value])


def _long_tag(fault: Fault) -> Mend | None:
    return Replaced(NO_TAG) if fault.key in _TAGS else None


def _long_text(fault: Fault) -> Mend | None:
    return Replaced(fault.value[: fault.rule["maxLength"]])


def _odd_time(fault: Fault) -> Mend | None:
    try:
        return Replaced(text_of(posix_of(fault.value)))
    except UnusableValue:
        return None


def _no_time(fault: Fault) -> Mend | None:
    if fault.rule.get("format") != "date-time":
        return None
    return Replaced(text_of(fault.arrived_at))


def _renamed(fault: Fault) -> Mend | None:
    """Return the name that was meant, if it is not there in its own spelling too."""
    meant = str(fault.key)
    if len(meant) > MAX_WORD:
        return None
    for name in fault.names:
        if name not in fault.parent and plain(name) == plain(meant):
            return Replaced(fault.value, name)
    return None


def _extra(fault: Fault) -> Mend | None:
    return Removed(fault.violation.path)


def _no_transaction(fault: Fault) -> Mend | None:
    return Replaced(NO_TRANSACTION) if fault.key == "transactionId" else None


def _no_register(fault: Fault) -> Mend | None:
    """Make up no register: one that is missing or spoilt is one nobody knows."""
    return Replaced(NO_REGISTER) if fault.key in _REGISTERS else None


def _no_connector(fault: Fault) -> Mend | None:
    return Replaced(NO_CONNECTOR) if fault.key == "connectorId" else None


def _nobodys_tag(fault: Fault) -> Mend | None:
    return Replaced(NO_TAG) if fault.key == "idTag" else None


def _unnamed(fault: Fault) -> Mend | None:
    return Replaced("")


def _unreadable(fault: Fault) -> Mend | None:
    return Removed(fault.violation.path) if fault.violation.path else None


VALUE_QUIRKS: Final = (
    FaultQuirk(
        quirk_id="null-field",
        about="a field that is null is as if it were left out",
        source="field notes Q6, Q7: the AEFA Home has no transactionId, ha#2032",
        keyword="type",
        mend=_null,
    ),
    FaultQuirk(
        quirk_id="number-in-text",
        about="a number that came as text is that number",
        source="field notes Q30: Wallbox's '0'; the FlexiCharge charger does it too",
        keyword="type",
        mend=_number_in_text,
    ),
    FaultQuirk(
        quirk_id="number-with-fraction",
        about="a number that should be whole is rounded half up",
        source="field notes Q16, Q17; floats arrive from the FlexiCharge charger",
        keyword="type",
        mend=_whole,
    ),
    FaultQuirk(
        quirk_id="text-as-number",
        about="a number where the schema has text is its text",
        source="field notes Q16: values of samples, ha#466",
        keyword="type",
        mend=_text,
    ),
    FaultQuirk(
        quirk_id="not-a-list",
        about="a single object where the schema has a list is a list of one",
        source="field notes Q16: Huawei, ha#1144",
        keyword="type",
        mend=_list,
    ),
    FaultQuirk(
        quirk_id="tag-too-long",
        about="a tag over 20 characters is nobody's; never cut into a valid one",
        source="field notes Q27; OCA 023_1",
        keyword="maxLength",
        mend=_long_tag,
    ),
    FaultQuirk(
        quirk_id="text-too-long",
        about="a text is cut to what the schema allows",
        source="field notes Q19: mh#54, mh#273",
        keyword="maxLength",
        mend=_long_text,
    ),
    FaultQuirk(
        quirk_id="odd-time",
        about="a time without a zone is UTC; zones may lack minutes or their colon",
        source="field notes Q9: Growatt, evcc#10399; AEFA, ha#2032",
        keyword="format",
        mend=_odd_time,
    ),
    FaultQuirk(
        quirk_id="impossible-time",
        about="a time that does not exist is the time of arrival",
        source="field notes Q9: ABB around 29 February, steve#769",
        keyword="format",
        mend=_no_time,
    ),
    FaultQuirk(
        quirk_id="time-missing",
        about="a start, a stop or a reading without its time has the time of arrival",
        source="field notes Q12: a stop is repeated until it is taken, ConnectorIO#199",
        keyword="required",
        actions=_MONEY,
        mend=_no_time,
    ),
    FaultQuirk(
        quirk_id="name-misspelt",
        about="a field's name in other case or with odd signs is the schema's name",
        source="field notes Q18: names mis-spelt; connectorID in FlexiCharge's dialect",
        keyword="additionalProperties",
        mend=_renamed,
    ),
    FaultQuirk(
        quirk_id="extra-field",
        about="a field that the schema does not have is left out",
        source="field notes §1.3: mh#122, mh#128, mh#315, mh#650",
        keyword="additionalProperties",
        mend=_extra,
    ),
    FaultQuirk(
        quirk_id="stop-without-transaction",
        about="a stop of no transaction is one of -1, to be matched or kept",
        source="field notes Q10, Q12: libocpp#495; null in OCPP.Core#29",
        keyword="required",
        actions=frozenset({"StopTransaction"}),
        mend=_no_transaction,
    ),
    FaultQuirk(
        quirk_id="register-missing",
        about="a start or a stop without a register is kept without one",
        source="field notes Q12, Q29: what is refused is repeated for ever",
        keyword="required",
        actions=_TRANSACTIONS,
        mend=_no_register,
    ),
    FaultQuirk(
        quirk_id="register-unreadable",
        about="a register that is no number is one that nobody knows",
        source="field notes Q12, Q29: what is refused is repeated for ever",
        keyword="type",
        actions=_TRANSACTIONS,
        mend=_no_register,
    ),
    FaultQuirk(
        quirk_id="connector-missing",
        about="a start or a reading of no connector is one of the whole charger",
        source="field notes Q12, Q13: what is refused is repeated for ever",
        keyword="required",
        actions=frozenset({"StartTransaction", "MeterValues"}),
        mend=_no_connector,
    ),
    FaultQuirk(
        quirk_id="connector-unreadable",
        about="a start or a reading of no readable connector is one of the charger",
        source="field notes Q12, Q13: what is refused is repeated for ever",
        keyword="type",
        actions=frozenset({"StartTransaction", "MeterValues"}),
        mend=_no_connector,
    ),
    FaultQuirk(
        quirk_id="start-without-tag",
        about="a start without a tag is one of a tag that nobody has",
        source="field notes Q12: energy flows whether we know who pays or not",
        keyword="required",
        actions=frozenset({"StartTransaction"}),
        mend=_nobodys_tag,
    ),
    FaultQuirk(
        quirk_id="transaction-unreadable",
        about="a stop or a reading of what is no transaction is one of -1",
        source="field notes Q10, Q12: what is refused is repeated for ever",
        keyword="type",
        actions=frozenset({"StopTransaction", "MeterValues"}),
        mend=_no_transaction,
    ),
    FaultQuirk(
        quirk_id="boot-unnamed",
        about="a boot without vendor or model has empty ones",
        source="field notes Q21: an error on Boot makes a charger loop, Core#31",
        keyword="required",
        actions=_BOOT,
        mend=_unnamed,
    ),
    FaultQuirk(
        quirk_id="boot-unreadable-field",
        about="a field of a boot that nothing can be made of is left out",
        source="field notes Q21: an error on Boot makes a charger loop, Core#31",
        keyword="type",
        actions=_BOOT,
        mend=_unreadable,
    ),
)
