"""What clients may send as a body."""

from __future__ import annotations

import pytest

from flexicharge.testing.http import HttpClient

FORM = "application/x-www-form-urlencoded"
BAD = {"status": 400, "code": "badRequest"}


def test_a_json_object_is_read(echo_client: HttpClient) -> None:
    """The fields of a JSON object arrive with their types."""
    sent = {"connectorID": 100007, "paymentType": "klarna", "nested": [1.5, None, "å"]}
    assert echo_client.request("POST", "/echo", json=sent).json == sent


def test_a_form_is_read_as_text(echo_client: HttpClient) -> None:
    """A form's fields arrive decoded, as text (PYT signs in with one)."""
    answer = echo_client.request(
        "POST",
        "/echo",
        body=b"username=a%40b.se&password=p%2B+w&empty=",
        content_type=f"{FORM}; charset=UTF-8",
    )
    assert answer.json == {"username": "a@b.se", "password": "p+ w", "empty": ""}


@pytest.mark.parametrize("content_type", ["application/json", FORM, "text/plain"])
def test_no_body_is_no_fields(echo_client: HttpClient, content_type: str) -> None:
    """An absent body is the same as an empty one (AND starts without any)."""
    answer = echo_client.request("POST", "/echo", content_type=content_type)
    assert answer.json == {}
    assert echo_client.request("POST", "/echo", body=b" \r\n").json == {}


def test_json_without_a_content_type_is_read(echo_client: HttpClient) -> None:
    """What is not called a form is taken for JSON."""
    assert echo_client.request("POST", "/echo", body=b'{"a":1}').json == {"a": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":1e999}',
        b"{'a':1}",
        b'{"a":1}{"b":2}',
        b"[1]",
        b"7",
        b'"text"',
        b"null",
        b'{"a":"\\ud800"}',
        b'{"a":"\\udc00\\ud800"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\xff"}',
        b'{"a":"\x00"}',
        b'{"a":"before\\u0000after"}',
        b'{"a":"\\\\\\u0000"}',
        b'{"a":{"b":["\\u0000"]}}',
        b'{"a":' * 50_000,
        b'{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"a":' + b"9" * 50_000 + b"}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_no_json_object_is_a_bad_request(
    echo_client: HttpClient, body: bytes
) -> None:
    """Every malformed or hostile JSON body gets the same 400 object, never a 500."""
    answer = echo_client.request(
        "POST", "/echo", body=body, content_type="application/json"
    )
    assert answer.status == 400
    assert BAD.items() <= answer.json.items()
    assert answer.json["message"]


def test_an_escaped_backslash_before_u0000_is_text(echo_client: HttpClient) -> None:
    """Six harmless characters are not mistaken for a NUL."""
    answer = echo_client.request("POST", "/echo", body=b'{"a":"\\\\u0000"}')
    assert answer.json == {"a": "\\u0000"}


@pytest.mark.parametrize(
    "body",
    [b"a=%ff", b"a=\xff", b"a=%00", b"%00=a", b"&".join([b"a=1"] * 1001)],
    ids=lambda body: repr(body[:12]),
)
def test_a_form_that_is_no_text_is_a_bad_request(
    echo_client: HttpClient, body: bytes
) -> None:
    """Forms are held to UTF-8, no NUL, and a thousand fields."""
    answer = echo_client.request("POST", "/echo", body=body, content_type=FORM)
    assert answer.status == 400
    assert BAD.items() <= answer.json.items()
