"""The server's two secrets, in files only their owner can read.

Both are made on first use and loaded ever after, by the server before its reactor runs
and by command-line tools on the same machine; whoever comes first makes them.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp
from typing import Final

from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from flexicharge.errors import StartUpFailed
from flexicharge.interfaces.people import IEntropy

SIGNING_FILE: Final = "signing.pem"
SERVER_FILE: Final = "server.key"
RSA_BITS: Final = 2048
SERVER_KEY_BYTES: Final = 32


@frozen
class SigningKeys:
    """The RSA key that signs access tokens."""

    private: rsa.RSAPrivateKey = field(repr=False)
    public: rsa.RSAPublicKey = field(init=False, repr=False)
    kid: str = field(init=False)

    @public.default
    def _its_public_half(self) -> rsa.RSAPublicKey:
        return self.private.public_key()

    @kid.default
    def _named_after_its_public_half(self) -> str:
        spki = self.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(spki).hexdigest()[:32]


@frozen
class ServerKey:
    """The secret under which codes and passwords of stations are kept."""

    secret: bytes = field(repr=False)

    def mac(self, purpose: str, *parts: str) -> bytes:
        """Return the HMAC-SHA-256 of `parts`, different for every purpose."""
        words = [word.encode() for word in (purpose, *parts)]
        framed = b"".join(len(word).to_bytes(4, "big") + word for word in words)
        return hmac.digest(self.secret, framed, "sha256")

    def station_credential(self, password: str) -> bytes:
        """Return what is stored of a station's password."""
        return self.mac("station password", password)


def load_or_make(directory: Path) -> SigningKeys:
    """Return the signing key kept in a directory, made there if it has none.

    Raise `StartUpFailed` if that cannot be done or the file is damaged.
    """
    path = directory / SIGNING_FILE
    pem = _load_or_make(path, _new_signing_pem)
    try:
        key = load_pem_private_key(pem, password=None)
    except ValueError:
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise _damaged(path)
    return SigningKeys(key)


def load_or_make_server_key(directory: Path, entropy: IEntropy) -> ServerKey:
    """Return the server key kept in a directory, made there if it has none.

    Raise `StartUpFailed` if that cannot be done or the file is damaged.
    """
    path = directory / SERVER_FILE
    secret = _load_or_make(path, lambda: entropy.token(SERVER_KEY_BYTES))
    if len(secret) != SERVER_KEY_BYTES:
        raise _damaged(path)
    return ServerKey(secret)


def _new_signing_pem() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _load_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, make())
        return path.read_bytes()
    except OSError as why:
        raise StartUpFailed(
            f"The key file {path} cannot be used ({why.strerror}): "
            f"give the server's user access to {path.parent}, or set DATA_DIR."
        ) from why


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


def _damaged(path: Path) -> StartUpFailed:
    return StartUpFailed(
        f"The key file {path} is damaged: restore it, or remove it to have a new one "
        "made; whatever was signed or kept under the old one is void then."
    )
