"""A frame for each rule, as the field sends it, and what is made of it."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from flexicharge.ocpp.v16.quirks.rules import UNKNOWN_MAKE, Make

ARRIVED_AT: Final = 1_800_000_000.0  # 2027-01-15T08:00:00Z
ARRIVED: Final = "2027-01-15T08:00:00Z"
TIME: Final = "2027-01-15T07:59:00Z"
KEBA: Final = Make(vendor="KEBA AG", model="KC-P30")


@frozen
class Odd:
    """A text, and the payload that it should come to in the end."""

    text: bytes | str
    payload: dict[str, Any]
    make: Make = UNKNOWN_MAKE


def _status(status: str, error: str = "NoError") -> dict[str, Any]:
    return {"connectorId": 1, "errorCode": error, "status": status}


def _stop(**changes: Any) -> dict[str, Any]:
    return {"transactionId": 5, "timestamp": TIME, "meterStop": 700, **changes}


def _values(*samples: dict[str, Any], **others: Any) -> dict[str, Any]:
    value = {"timestamp": TIME, "sampledValue": list(samples)}
    return {"connectorId": 1, **others, "meterValue": [value]}


_BOOT: Final = {"chargePointVendor": "V", "chargePointModel": "M"}
_HUGE: Final = 99_999_999_999_999_999_999

FRAMES: Final[dict[str, Odd]] = {
    "nul-bytes": Odd(
        b'[2,"1","BootNotification",{"chargePointVendor":"V\0\0",'
        b'"chargePointModel":"M"}]',
        _BOOT,
        Make(vendor="Wallbe"),
    ),
    "nul-characters": Odd(
        '[2,"1","BootNotification",{"chargePointVendor":"V\\u0000",'
        '"chargePointModel":"M"}]',
        _BOOT,
    ),
    "comma-first": Odd(
        f'[2,"1","MeterValues",{{"connectorId":1,"meterValue":[{{"timestamp":"{TIME}",'
        '"sampledValue":[,{"value":"139954","unit":"Wh"}]}]}]',
        _values({"value": "139954", "unit": "Wh"}),
        Make(vendor="ZJ Beny"),
    ),
    "name-without-value": Odd(
        '[2,"1","MeterValues",{"connectorId":1,"transactionId":,"meterValue":'
        f'[{{"timestamp":"{TIME}","sampledValue":[{{"value":"1750"}}]}}]}}]',
        _values({"value": "1750"}),
        Make(vendor="AEFA", model="Home OCPP"),
    ),
    "result-left-open": Odd(
        '[3,"1",{"configurationKey":[]',
        {"configurationKey": []},
        Make(model="Grizzl-E"),
    ),
    "no-payload": Odd('[2,"1","Heartbeat",null]', {}),
    "number-for-id": Odd('[2,288115,"Heartbeat",{}]', {}, Make(vendor="Growatt")),
    "long-id": Odd(f'[2,"{"x" * 40}","Heartbeat",{{}}]', {}),
    "empty-id": Odd('[2,"","Heartbeat",{}]', {}),
    "extra-elements": Odd('[2,"1","Heartbeat",{},{},"more"]', {}),
    "action-misspelt": Odd('[2,"1","heartBeat ",{}]', {}),
    "short-error": Odd('[4,"1","NotSupported"]', {}),
    "odd-error-code": Odd('[4,"1","FormatViolation","",{}]', {}),
    "odd-result": Odd('[3,"1","Accepted"]', {}),
    "odd-boot": Odd(
        '[2,"1","BootNotification",["V","M"]]',
        {"chargePointVendor": "", "chargePointModel": ""},
    ),
    "tag-with-serial": Odd(
        '[2,"1","Authorize",{"idTag":"04A2B3_18840011"}]', {"idTag": "04A2B3"}, KEBA
    ),
    "zero-is-one": Odd(
        f'[2,"1","MeterValues",{{"connectorId":0,"transactionId":5,"meterValue":'
        f'[{{"timestamp":"{TIME}","sampledValue":[{{"value":"1"}}]}}]}}]',
        _values({"value": "1"}, transactionId=5),
        KEBA,
    ),
    "total-current-wrong": Odd(
        f'[2,"1","MeterValues",{{"connectorId":1,"meterValue":[{{"timestamp":"{TIME}",'
        '"sampledValue":[{"value":"96","measurand":"Current.Import"},'
        '{"value":"16","measurand":"Current.Import","phase":"L1"}]}]}]',
        _values({"value": "16", "measurand": "Current.Import", "phase": "L1"}),
        Make(vendor="Schneider Electric"),
    ),
    "transaction-zero": Odd(
        f'[2,"1","MeterValues",{{"connectorId":1,"transactionId":0,"meterValue":'
        f'[{{"timestamp":"{TIME}","sampledValue":[{{"value":"1"}}]}}]}}]',
        _values({"value": "1"}),
        Make(vendor="DELTA"),
    ),
    "transaction-too-large": Odd(
        f'[2,"1","StopTransaction",{{"transactionId":{_HUGE},"timestamp":"{TIME}",'
        '"meterStop":700}]',
        _stop(transactionId=-1),
        Make(vendor="Alfen BV"),
    ),
    "word-misspelt": Odd(
        f'[2,"1","MeterValues",{{"connectorId":1,"meterValue":[{{"timestamp":"{TIME}",'
        '"sampledValue":[{"value":"0.0","measurand":"Current.Import\\n",'
        '"phase":"l2"}]}]}]',
        _values({"value": "0.0", "measurand": "Current.Import", "phase": "L2"}),
    ),
    "status-of-1.5": Odd(
        '[2,"1","StatusNotification",{"connectorId":1,"errorCode":"NoError",'
        '"status":"Occupied"}]',
        _status("Preparing"),
    ),
    "error-code-unknown": Odd(
        '[2,"1","StatusNotification",{"connectorId":1,"errorCode":"Error",'
        '"status":"Available"}]',
        _status("Available", "OtherError"),
        Make(vendor="Legrand"),
    ),
    "stop-reason-unknown": Odd(
        f'[2,"1","StopTransaction",{{"transactionId":5,"timestamp":"{TIME}",'
        '"meterStop":700,"reason":"button pressed by user"}]',
        _stop(reason="Other"),
    ),
    "context-unknown": Odd(
        f'[2,"1","MeterValues",{{"connectorId":1,"meterValue":[{{"timestamp":"{TIME}",'
        '"sampledValue":[{"value":"1","context":"Sample.Odd"}]}]}]',
        _values({"value": "1", "context": "Other"}),
    ),
    "job-status-unknown": Odd(
        '[2,"1","FirmwareStatusNotification",{"status":"Verifying"}]',
        {"status": "Idle"},
    ),
    "null-field": Odd(
        f'[2,"1","StopTransaction",{{"transactionId":5,"timestamp":"{TIME}",'
        '"meterStop":700,"idTag":null}]',
        _stop(),
    ),
    "number-in-text": Odd(
        f'[2,"1","StopTransaction",{{"transactionId":"5","timestamp":"{TIME}",'
        '"meterStop":"700"}]',
        _stop(),
    ),
    "number-with-fraction": Odd(
        f'[2,"1","StopTransaction",{{"transactionId":5,"timestamp":"{TIME}",'
        '"meterStop":699.5}]',
        _stop(),
    ),
    "text-as-number": Odd(
        f'[2,"1","MeterValues",{{"connectorId":1,"meterValue":[{{"timestamp":"{TIME}",'
        '"sampledValue":[{"value":12.5}]}]}]',
        _values({"value": "12.5"}),
    ),
    "not-a-list": Odd(
        '[2,"1","MeterValues",{"connectorId":1,"transactionId":1,"meterValue":'
        f'{{"timestamp":"{TIME}","sampledValue":[{{"value":"0.00","unit":"kWh"}}]}}}}]',
        _values({"value": "0.00", "unit": "kWh"}, transactionId=1),
        Make(vendor="Huawei"),
    ),
    "tag-too-long": Odd(
        '[2,"1","Authorize",{"idTag":"ABCDEFGHIJKLMNOPQRSTU"}]', {"idTag": ""}
    ),
    "text-too-long": Odd(
        '[2,"1","BootNotification",{"chargePointVendor":"V","chargePointModel":"M",'
        f'"chargePointSerialNumber":"{"9" * 40}"}}]',
        {**_BOOT, "chargePointSerialNumber": "9" * 25},
    ),
    "odd-time": Odd(
        '[2,"288115","StartTransaction",{"connectorId":1,"idTag":"evcc",'
        '"meterStart":0,"reservationId":0,"timestamp":"2023-10-19T15:28:07"}]',
        {
            "connectorId": 1,
            "idTag": "evcc",
            "meterStart": 0,
            "reservationId": 0,
            "timestamp": "2023-10-19T15:28:07Z",
        },
        Make(vendor="Growatt"),
    ),
    "impossible-time": Odd(
        '[2,"1","StopTransaction",{"transactionId":5,'
        '"timestamp":"2027-02-29T00:00:00Z","meterStop":700}]',
        _stop(timestamp=ARRIVED),
        Make(vendor="ABB"),
    ),
    "time-missing": Odd(
        '[2,"1","StopTransaction",{"transactionId":5,"meterStop":700}]',
        _stop(timestamp=ARRIVED),
    ),
    "name-misspelt": Odd(
        '[2,"1","StatusNotification",{"connectorID":1,"error_code":"NoError",'
        '"status":"Available"}]',
        _status("Available"),
    ),
    "extra-field": Odd(
        '[2,"1","StatusNotification",{"connectorId":1,"errorCode":"NoError",'
        '"status":"Available","mood":"fine"}]',
        _status("Available"),
    ),
    "stop-without-transaction": Odd(
        f'[2,"1","StopTransaction",{{"transactionId":null,"timestamp":"{TIME}",'
        '"meterStop":700}]',
        _stop(transactionId=-1),
    ),
    "register-missing": Odd(
        f'[2,"1","StopTransaction",{{"transactionId":5,"timestamp":"{TIME}"}}]',
        _stop(meterStop=-1),
    ),
    "register-unreadable": Odd(
        f'[2,"1","StopTransaction",{{"transactionId":5,"timestamp":"{TIME}",'
        '"meterStop":"a lot"}]',
        _stop(meterStop=-1),
    ),
    "connector-missing": Odd(
        f'[2,"1","MeterValues",{{"meterValue":[{{"timestamp":"{TIME}",'
        '"sampledValue":[{"value":"7"}]}]}]',
        _values({"value": "7"}, connectorId=0),
    ),
    "connector-unreadable": Odd(
        f'[2,"1","StartTransaction",{{"connectorId":"left","idTag":"A","meterStart":7,'
        f'"timestamp":"{TIME}"}}]',
        {"connectorId": 0, "idTag": "A", "meterStart": 7, "timestamp": TIME},
    ),
    "start-without-tag": Odd(
        f'[2,"1","StartTransaction",{{"connectorId":1,"meterStart":7,'
        f'"timestamp":"{TIME}"}}]',
        {"connectorId": 1, "idTag": "", "meterStart": 7, "timestamp": TIME},
    ),
    "status-unknown": Odd(
        '[2,"1","StatusNotification",{"connectorId":1,"errorCode":"NoError",'
        '"status":"Dreaming"}]',
        _status("Dreaming"),
    ),
    "transaction-unreadable": Odd(
        f'[2,"1","StopTransaction",{{"transactionId":"one","timestamp":"{TIME}",'
        '"meterStop":700}]',
        _stop(transactionId=-1),
    ),
    "boot-unnamed": Odd(
        '[2,"1","BootNotification",{"chargePointModel":"M"}]',
        {"chargePointVendor": "", "chargePointModel": "M"},
    ),
    "boot-unreadable-field": Odd(
        '[2,"1","BootNotification",{"chargePointVendor":["V"],'
        '"chargePointModel":"M","imsi":{}}]',
        {"chargePointVendor": "", "chargePointModel": "M"},
    ),
    "no-samples": Odd(
        f'[2,"1","MeterValues",{{"connectorId":1,"meterValue":[{{"timestamp":"{TIME}",'
        '"sampledValue":[]}]}]',
        _values(),
    ),
    "bad-sample": Odd(
        f'[2,"1","MeterValues",{{"connectorId":1,"meterValue":[{{"timestamp":"{TIME}",'
        '"sampledValue":[{"value":"49.97","measurand":"Frequency","unit":"Hz"},'
        '{"value":"10"},{"unit":"Wh","phase":"Q","odd":1},{"value":"11"}]}]}]',
        _values({"value": "10"}, {"value": "11"}),
    ),
    "bad-reading": Odd(
        f'[2,"1","StopTransaction",{{"transactionId":5,"timestamp":"{TIME}",'
        f'"meterStop":700,"transactionData":[{{"timestamp":"{TIME}"}},7]}}]',
        _stop(transactionData=[]),
    ),
}
