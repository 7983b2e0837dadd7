"""Reading what a client sent, as JSON or as a form."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl

import msgspec
from twisted.web.iweb import IRequest

from flexicharge.errors import BadInput

MAX_BODY: Final = 1024 * 1024  # bytes
MAX_FIELDS: Final = 1000
FORM: Final = b"application/x-www-form-urlencoded"
# An escaped NUL: its backslash is not itself escaped. No database text can hold one.
_ESCAPED_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_DECODER: Final = msgspec.json.Decoder(dict[str, object])


class MalformedBody(BadInput):
    """The body is not the JSON object or the form that it ought to be."""


class MalformedQuery(BadInput):
    """What stands behind the question mark cannot be read."""


def read_body(request: IRequest) -> dict[str, object]:
    """Return the fields of a JSON object or, as text, of a form; no body is no fields.

    The content type decides (contract §4.0: one test suite signs in with a form); what
    is not called a form is read as JSON. Raise `MalformedBody` for anything that is not
    an object, not UTF-8, or holds a NUL; also where the client hung up and took its
    body along.
    """
    if request.content.closed:
        raise MalformedBody("The client is gone")
    request.content.seek(0)
    raw: bytes = request.content.read()
    if not raw.strip():
        return {}
    try:
        return _form(raw) if _is_form(request) else _object(raw)
    except (msgspec.DecodeError, RecursionError):
        raise MalformedBody("The body is not a valid JSON object") from None
    except ValueError:
        raise MalformedBody("The body is not UTF-8, or has too many fields") from None


def _is_form(request: IRequest) -> bool:
    content_type: bytes = request.getHeader(b"Content-Type") or b""
    return content_type.partition(b";")[0].strip().lower() == FORM


def _object(raw: bytes) -> dict[str, object]:
    if rb"\u0000" in raw and _ESCAPED_NUL.search(raw):
        raise MalformedBody("The body holds a NUL")
    return _DECODER.decode(raw)


def _form(raw: bytes) -> dict[str, object]:
    fields = parse_qsl(
        raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
    )
    if any("\0" in text for field in fields for text in field):
        raise MalformedBody("The body holds a NUL")
    return dict(fields)


def read_query(request: IRequest) -> dict[str, object]:
    """Return the fields of a query, as text; of a repeated one the first.

    Raise `MalformedQuery` for what is not UTF-8 or holds a NUL.
    """
    if len(request.args) > MAX_FIELDS:
        raise MalformedQuery("The query has too many fields")
    try:
        fields = {
            name.decode(): values[0].decode() for name, values in request.args.items()
        }
    except UnicodeDecodeError:
        raise MalformedQuery("The query is not UTF-8") from None
    if any("\0" in text for field in fields.items() for text in field):
        raise MalformedQuery("The query holds a NUL")
    return dict(fields)
