"""The server's secrets in files that only their owner can read.

They are made on first use and loaded ever after, by the server and by command-line
tools on the same machine; whoever comes first makes them. The file of a signing key is
named after the time it was made.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from flexicharge.errors import StartUpFailed
from flexicharge.identity.keys import RSA_BITS, KeyRing, ServerKey, SigningKey
from flexicharge.interfaces.people import IEntropy

SERVER_FILE: Final = "server.key"
SERVER_KEY_BYTES: Final = 32
# The one without a number was made before keys were ever changed.
_SIGNING_FILE: Final = re.compile(r"signing(?:-([0-9]{1,12}))?\.pem")


def open_ring(directory: Path, at: float) -> KeyRing:
    """Return the signing keys of a directory; one is made if it has none.

    Raise `StartUpFailed` if that cannot be done or a file is damaged.
    """
    keys = read_keys(directory)
    if not keys:
        made = add_key(directory, at)
        keys = read_keys(directory, (made,))  # another process may have made one, too
    return KeyRing(keys)


def read_keys(
    directory: Path, known: Iterable[SigningKey] = ()
) -> tuple[SigningKey, ...]:
    """Return the signing keys of a directory, oldest first; `known` are not read again.

    Raise `StartUpFailed` if a file cannot be read or is damaged.
    """
    by_time = {key.made_at: key for key in known}
    return tuple(
        by_time.get(made_at) or _read_key(path, made_at)
        for made_at, path in _key_files(directory)
    )


def add_key(directory: Path, at: float) -> SigningKey:
    """Make the key that is the newest one from now on; raise `StartUpFailed`."""
    others = _key_files(directory)
    made_at = max([int(at), *(number + 1 for number, _ in others)])
    path = directory / f"signing-{made_at}.pem"
    try:
        _make_private(directory)
        _write_once(path, _new_signing_pem())
    except OSError as why:
        raise _unusable(path, why) from why
    return _read_key(path, made_at)


def remove_keys(directory: Path, keys: Iterable[SigningKey]) -> None:
    """Delete the files of some keys, if they are there; raise `StartUpFailed`."""
    unwanted = {key.made_at for key in keys}
    for made_at, path in _key_files(directory):
        if made_at in unwanted:
            try:
                path.unlink(missing_ok=True)
            except OSError as why:
                raise _unusable(path, why) from why


def load_or_make_server_key(directory: Path, entropy: IEntropy) -> ServerKey:
    """Return the server key kept in a directory, made there if it has none.

    Raise `StartUpFailed` if that cannot be done or the file is damaged.
    """
    path = directory / SERVER_FILE
    try:
        _make_private(directory)
        if not path.exists():
            _write_once(path, entropy.token(SERVER_KEY_BYTES))
        secret = path.read_bytes()
    except OSError as why:
        raise _unusable(path, why) from why
    if len(secret) != SERVER_KEY_BYTES:
        raise _damaged(path)
    return ServerKey(secret)


def _key_files(directory: Path) -> list[tuple[int, Path]]:
    """Return when the signing keys of a directory were made, and their files."""
    try:
        paths = list(directory.iterdir()) if directory.exists() else []
    except OSError as why:
        raise _unusable(directory, why) from why
    matches = [(_SIGNING_FILE.fullmatch(path.name), path) for path in paths]
    return sorted((int(match[1] or 0), path) for match, path in matches if match)


def _read_key(path: Path, made_at: int) -> SigningKey:
    try:
        pem = path.read_bytes()
    except OSError as why:
        raise _unusable(path, why) from why
    try:
        # The library's own check holds up all threads for far longer than ours does.
        private = load_pem_private_key(
            pem, password=None, unsafe_skip_rsa_key_validation=True
        )
    except ValueError:
        private = None
    if not isinstance(private, rsa.RSAPrivateKey) or not _works(private):
        raise _damaged(path)
    return SigningKey(private, made_at)


def _works(private: rsa.RSAPrivateKey) -> bool:
    """Tell whether the two halves of a key belong together."""
    try:
        signature = private.sign(b"", PKCS1v15(), SHA256())
        private.public_key().verify(signature, b"", PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _new_signing_pem() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _make_private(directory: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)


def _write_once(path: Path, content: bytes) -> None:
    """Write a file that appears whole or not at all, unless it is there already."""
    descriptor, draft = mkstemp(prefix=".", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was quicker: take its key
            path.hardlink_to(draft)
    finally:
        Path(draft).unlink()


def _unusable(path: Path, why: OSError) -> StartUpFailed:
    return StartUpFailed(
        f"The key file {path} cannot be used ({why.strerror}): "
        f"give the server's user access to {path.parent}, or set DATA_DIR."
    )


def _damaged(path: Path) -> StartUpFailed:
    return StartUpFailed(
        f"The key file {path} is damaged: restore it, or remove it to have a new one "
        "made; whatever was signed or kept under the old one is void then."
    )
