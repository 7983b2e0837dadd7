"""What nobody may read again of a frame: by action, by name, and in spoilt texts."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from flexicharge.ocpp.v16.actions import ACTIONS
from flexicharge.ocpp.v16.secret_names import is_secret
from flexicharge.ocpp.v16.secrets import (
    ANSWERS,
    MAX_READ,
    REQUESTS,
    masked,
    masked_text,
    secrets_in,
    text_without,
    without,
)

PLAIN = "ftp://up.example.org/logs/"
LOGIN = "ftp://ida:s3cret@up.example.org/logs/"
SHOWN = "ftp://***@up.example.org/logs/"


def setting(key: str, value: Any = "s3cret") -> dict[str, Any]:
    """Return a setting as GetConfiguration tells it."""
    return {"key": key, "readonly": False, "value": value}


MASKED_REQUESTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ChangeConfiguration": (
        {"key": "AuthorizationKey", "value": "s3cret"},
        {"key": "AuthorizationKey", "value": "***"},
    ),
    "GetDiagnostics": (
        {"location": LOGIN, "retries": 1},
        {"location": SHOWN, "retries": 1},
    ),
    "UpdateFirmware": (
        {"location": LOGIN, "retrieveDate": "2027-01-15T08:00:00Z"},
        {"location": SHOWN, "retrieveDate": "2027-01-15T08:00:00Z"},
    ),
    "GetLog": (
        {"logType": "SecurityLog", "requestId": 1, "log": {"remoteLocation": LOGIN}},
        {"logType": "SecurityLog", "requestId": 1, "log": {"remoteLocation": SHOWN}},
    ),
    "SignedUpdateFirmware": (
        {"requestId": 1, "firmware": {"location": LOGIN, "signature": "MEUCIQ"}},
        {"requestId": 1, "firmware": {"location": SHOWN, "signature": "MEUCIQ"}},
    ),
}
MASKED_ANSWERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "GetConfiguration": (
        {
            "unknownKey": ["AuthorizationKey"],
            "configurationKey": [
                setting("HeartbeatInterval", "300"),
                setting("AuthorizationKey"),
                setting("ServerUrl", "wss://cp7:s3cret@csms.example.org/ocpp"),
            ],
        },
        {
            "unknownKey": ["AuthorizationKey"],
            "configurationKey": [
                setting("HeartbeatInterval", "300"),
                setting("AuthorizationKey", "***"),
                setting("ServerUrl", "wss://***@csms.example.org/ocpp"),
            ],
        },
    ),
    "ChangeConfiguration": (
        {"status": "Rejected", "key": "WifiPassword", "value": "s3cret"},
        {"status": "Rejected", "key": "WifiPassword", "value": "***"},
    ),
    "GetDiagnostics": ({"fileName": f"{LOGIN}a.zip"}, {"fileName": f"{SHOWN}a.zip"}),
    "GetLog": (
        {"status": "Accepted", "filename": f"{LOGIN}a"},
        {"status": "Accepted", "filename": f"{SHOWN}a"},
    ),
}
ROWS = [
    *((action, True, *row) for action, row in MASKED_REQUESTS.items()),
    *((action, False, *row) for action, row in MASKED_ANSWERS.items()),
]


@pytest.mark.parametrize(("action", "is_request", "payload", "shown"), ROWS)
def test_secrets_of_each_action_are_replaced(
    action: str, is_request: bool, payload: dict[str, Any], shown: dict[str, Any]
) -> None:
    """All else stays, in its order, and the payload itself is left alone."""
    before = json.dumps(payload)
    assert json.dumps(masked(action, payload, is_request=is_request)) == json.dumps(
        shown
    )
    assert json.dumps(payload) == before
    again = masked(action, shown, is_request=is_request)
    assert again is shown


@pytest.mark.parametrize(("action", "is_request", "payload", "shown"), ROWS)
def test_secrets_in_the_text_of_a_frame_are_replaced(
    action: str, is_request: bool, payload: dict[str, Any], shown: dict[str, Any]
) -> None:
    """A frame that holds some is written anew, compact; also one of no known action."""
    head = [2, "m", action] if is_request else [3, "m"]
    text = json.dumps([*head, payload]).encode()
    expected = json.dumps([*head, shown], separators=(",", ":"))
    assert masked_text(text, action, is_request=is_request) == expected
    assert masked_text(text, "", is_request=is_request) == expected


def test_every_row_is_tried() -> None:
    """An action that bears secrets is in the tables above, and in the standard."""
    assert {"", *MASKED_REQUESTS} == REQUESTS
    assert {"", *MASKED_ANSWERS} == ANSWERS
    assert (REQUESTS | ANSWERS) - {""} <= ACTIONS.keys()


@pytest.mark.parametrize("action", sorted(ACTIONS.keys() - REQUESTS))
def test_other_requests_are_never_looked_into(action: str) -> None:
    """Not even a vendor's message, whose data are its own."""
    payload = {"key": "AuthorizationKey", "value": "public", "location": LOGIN}
    text = json.dumps([2, "m", action, payload])
    assert masked(action, payload, is_request=True) is payload
    assert masked_text(text.encode(), action, is_request=True) == text


@pytest.mark.parametrize(
    "payload",
    [
        {"key": "SecurityProfile", "value": "2"},
        {"key": "AuthorizationKey"},
        {"key": "AuthorizationKey", "value": ""},
        {"key": "AuthorizationKey", "value": None},
        {"key": ["AuthorizationKey"], "value": 7},
        {},
    ],
)
def test_what_has_no_secret_is_the_very_same(payload: dict[str, Any]) -> None:
    """Nothing is copied, and no text is written anew."""
    assert masked("ChangeConfiguration", payload, is_request=True) is payload
    text = json.dumps([2, "m", "ChangeConfiguration", payload], indent=1)
    shown = masked_text(text.encode(), "ChangeConfiguration", is_request=True)
    assert shown == text


def test_a_secret_of_the_wrong_type_is_one() -> None:
    """Whatever stands where it belongs, and however its fields are spelt."""
    odd = {"KEY": "authorizationkey", "Value": {"a": ["s3cret"]}}
    told = masked("GetConfiguration", {"configurationKey": odd}, is_request=False)
    assert told == {"configurationKey": {"KEY": "authorizationkey", "Value": "***"}}
    named = masked("ChangeConfiguration", {"newPassword": 4711}, is_request=True)
    assert named == {"newPassword": "***"}


@pytest.mark.parametrize(
    "key",
    [
        "AuthorizationKey",
        "AUTHORIZATIONKEY",
        "authorization_key",
        "Authorization-Key 2",
        "WifiPassword",
        "WLAN.Passphrase",
        "wifi_psk",
        "FTPPasswd",
        "AdminPwd",
        "SimPin",
        "SIMPINCODE",
        "sim-puk",
        "ClientSecret",
        "BasicAuthCredentials",
        "ApiKey",
        "PrivateKey",
        "AccessToken",
        "APN",
        "GPRS_APN",
        "ApnPassword",
        "ApnSettings",
        "FtpPass",
        "HttpBasicAuthPass",
        "AdminPw",
    ],
)
def test_names_that_stand_for_a_secret(key: str) -> None:
    """The standard's one, in any spelling, and what makes call theirs."""
    assert is_secret(key)


@pytest.mark.parametrize(
    "key",
    [
        "",
        None,
        7,
        "PublicKey",
        "MeterPublicKey",
        "ApnName",
        "ApnUserName",
        "apn_user",
        "ApnType",
        "ApnEnabled",
        "WifiSsid",
    ],
)
def test_names_that_do_not(key: object) -> None:
    """What is public, or says who somebody is but not how they show it."""
    assert not is_secret(key)


STANDARD_KEYS = """
AllowOfflineTxForUnknownId AuthorizationCacheEnabled AuthorizeRemoteTxRequests
BlinkRepeat ClockAlignedDataInterval ConnectionTimeOut ConnectorPhaseRotation
ConnectorPhaseRotationMaxLength GetConfigurationMaxKeys HeartbeatInterval LightIntensity
LocalAuthorizeOffline LocalPreAuthorize MaxEnergyOnInvalidId MeterValuesAlignedData
MeterValuesAlignedDataMaxLength MeterValuesSampledData MeterValuesSampledDataMaxLength
MeterValueSampleInterval MinimumStatusDuration NumberOfConnectors ResetRetries
StopTransactionOnEVSideDisconnect StopTransactionOnInvalidId StopTxnAlignedData
StopTxnAlignedDataMaxLength StopTxnSampledData StopTxnSampledDataMaxLength
SupportedFeatureProfiles SupportedFeatureProfilesMaxLength TransactionMessageAttempts
TransactionMessageRetryInterval UnlockConnectorOnEVSideDisconnect WebSocketPingInterval
LocalAuthListEnabled LocalAuthListMaxLength SendLocalListMaxLength
ReserveConnectorZeroSupported ChargeProfileMaxStackLevel
ChargingScheduleAllowedChargingRateUnit ChargingScheduleMaxPeriods
ConnectorSwitch3to1PhaseSupported MaxChargingProfilesInstalled
AdditionalRootCertificateCheck CertificateSignedMaxChainSize CertificateStoreMaxLength
CpoName SecurityProfile SupportedFileTransferProtocols
"""


def test_of_the_standards_keys_only_one_is_secret() -> None:
    """Of 1.6's own and those of the security whitepaper, `AuthorizationKey`."""
    assert [key for key in STANDARD_KEYS.split() if is_secret(key)] == []


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://host/path@2/f?x=1", "https://host/path@2/f?x=1"),
        ("http://host:8080/a@b", "http://host:8080/a@b"),
        ("mailto:ida@example.org", "mailto:ida@example.org"),
        ("https://token@host/f", "https://***@host/f"),
        ("sftp://u:p:w@rd@host/f", "sftp://***@host/f"),
        ("ftp://u:p/w@host/f", "ftp://***@host/f"),
        ("see ftp://u:p@a/b and ftp://v:q@c", "see ftp://***@a/b and ftp://***@c"),
        (
            "https://s3/b?X-Amz-Signature=ab&X-Amz-Expires=9&X-Amz-Security-Token=c",
            "https://s3/b?X-Amz-Signature=***&X-Amz-Expires=9&X-Amz-Security-Token=***",
        ),
        ("https://a/b?sv=1;sig=x%2Fy#end", "https://a/b?sv=1;sig=***#end"),
    ],
)
def test_who_may_enter_an_address_is_hidden(address: str, shown: str) -> None:
    """Logins and signed parameters; where it leads stays to be read."""
    told = masked("UpdateFirmware", {"location": address}, is_request=True)
    assert told == {"location": shown}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            '[2,"m","X",{"key":"AuthorizationKey","value":"s3\\"cret"}',
            '[2,"m","X",{"key":"AuthorizationKey","value":"***"}',
        ),
        (
            '{"key":"WifiPassword","readonly":true,"value":"s3cre',
            '{"key":"WifiPassword","readonly":true,"value":"***"',
        ),
        (
            '{"value":"s3cret","key":"apn"},{"value":"7","key":"Blink"',
            '{"value":"***","key":"apn"},{"value":"7","key":"Blink"',
        ),
        (
            "{'key':'AuthorizationKey','value':'s3cret'",
            "{'key':'AuthorizationKey','value':\"***\"",
        ),
        ("{key: 'ApiKey' value: s3cret}", "{key: 'ApiKey' value: \"***\"}"),
        (
            '{"key":"SecurityProfile","value":"2"',
            '{"key":"SecurityProfile","value":"2"',
        ),
        ("authorizationKey = s3cret;", 'authorizationKey = "***";'),
        ('{"ftpPassword":"s3,cret","a":1', '{"ftpPassword":"***","a":1'),
        ('"ftp:\\/\\/ida:s3cret@up\\/x', '"ftp:\\/\\/***@up\\/x'),
        ("ftp://ida:s3cret@up/x?token=y&b=1", "ftp://***@up/x?token=***&b=1"),
        ('[2,"m","Heartbeat",{}', '[2,"m","Heartbeat",{}'),
    ],
)
def test_secrets_in_a_text_that_is_no_json_are_guessed(text: str, shown: str) -> None:
    """Whatever looks like one is replaced; the rest is left as it came."""
    assert masked_text(text.encode(), "", is_request=True) == shown


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    """Nothing is lost over them."""
    assert masked_text(b"\xff[2", "Heartbeat", is_request=True) == "\ufffd[2"
    assert masked_text(b"\xff[2", "", is_request=True) == "\ufffd[2"


def test_secrets_in_a_text_that_is_too_long_to_read_are_guessed() -> None:
    """More of it is returned than is kept, so that whoever keeps it sees it was cut."""
    settings = [setting(f"Setting{number}", "x") for number in range(2000)]
    answer = {"configurationKey": [setting("AuthorizationKey"), *settings]}
    text = json.dumps([3, "m", answer]).encode()
    shown = masked_text(text, "GetConfiguration", is_request=False)
    assert "s3cret" not in shown
    assert '"AuthorizationKey", "readonly": false, "value": "***"}' in shown
    assert MAX_READ < len(shown) < len(text)


@pytest.mark.parametrize(
    "unit",
    [
        'key:"',
        "key:'",
        '"key":"a"',
        'value:"',
        '"value":"a","key":"b"',
        '"key":"\\',
        'password="',
        "://a:",
        "?sig=",
        "secretsecret_________",
        "key:         ",
    ],
)
def test_a_spoilt_text_takes_no_more_time_than_its_length(unit: str) -> None:
    """Sixteen times as much takes nowhere near 256 times as long."""
    short = _least_s(unit, MAX_READ // 16)
    assert _least_s(unit, MAX_READ) < 64 * max(short, 1e-4)


def _least_s(unit: str, size: int) -> float:
    text = (unit * size)[:size].encode()
    taken_s = []
    for _ in range(2):
        before_s = time.process_time()
        masked_text(text, "", is_request=True)
        taken_s.append(time.process_time() - before_s)
    return min(taken_s)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ida:s3cret@up.example.org/logs", "***@up.example.org/logs"),
        ("ftp:ida:s3cret@up.example.org", "***@up.example.org"),
        ("ftp:/ida:s3cret@up.example.org", "***@up.example.org"),
        ("//ida:s3cret@up.example.org", "***@up.example.org"),
        ("ftp:\\\\ida:s3cret@up.example.org", "***@up.example.org"),
        ("mailto:ida@example.org", "mailto:ida@example.org"),
        ("ida@example.org", "ida@example.org"),
        ("/a/b:c@d", "/a/b:c@d"),
    ],
)
def test_a_login_is_found_in_a_spoilt_address(address: str, shown: str) -> None:
    """Without a scheme, or with half of one."""
    assert masked("GetDiagnostics", {"location": address}, is_request=True) == {
        "location": shown
    }


def test_the_password_of_a_login_is_a_secret_by_itself() -> None:
    """A charger may say it without the address that it stood in."""
    [address, password] = secrets_in("GetDiagnostics", {"location": LOGIN})
    assert (address, password) == (LOGIN, "s3cret")


def test_what_was_told_in_secret_is_found_in_whatever_words() -> None:
    """In names and texts, and as JSON spells it; a short one only where it is alone."""
    told = {"key": "AuthorizationKey", "value": 'pa"ss'}
    [secret] = secrets_in("ChangeConfiguration", told)
    assert secret == 'pa"ss'
    answer = {"why": ['not pa"ss', 7], 'pa"ss': {"value": None}}
    assert without(answer, [secret]) == {"why": ["not ***", 7], "***": {"value": None}}
    assert text_without(json.dumps(answer), [secret]) == (
        '{"why": ["not ***", 7], "***": {"value": null}}'
    )
    assert without(["a", "bar"], ["a"]) == ["***", "bar"]
    assert text_without('["a"]', ["a"]) == '["a"]'


@pytest.mark.parametrize(("action", "is_request", "payload", "shown"), ROWS)
def test_a_request_holds_what_is_hidden_in_it(
    action: str, is_request: bool, payload: dict[str, Any], shown: dict[str, Any]
) -> None:
    """In all that bear a secret; in what is shown of them there is none."""
    if is_request:
        assert any("s3cret" in secret for secret in secrets_in(action, payload))
        assert secrets_in(action, shown) == ()
