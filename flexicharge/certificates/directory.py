"""The directory of the authority: its roots, made at first need and kept for good.

```text
<DATA_DIR>/ca/root.pem       our roots: what clients' certificates are held against
<DATA_DIR>/ca/ec.pem         the root of the elliptic curve, after its private key
<DATA_DIR>/ca/rsa.pem        the same for chargers that know RSA alone
<DATA_DIR>/ca/server-*.pem   what our TLS listeners show, after its private key
```

A root's key and certificate are one file, so that a crash leaves both or none. A root
that `root.pem` has and whose key is gone was in use: it is never made anew silently.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import define, field
from cryptography import x509

from flexicharge.certificates.issuer import Issuer, new_issuer
from flexicharge.certificates.keys import KeyKind, kind_of, strong
from flexicharge.certificates.pairs import pair_text, read_pair
from flexicharge.certificates.pem import UNREADABLE, pem_of
from flexicharge.certificates.private_files import only_writer, put
from flexicharge.certificates.roots import is_issued_by, may_sign
from flexicharge.errors import CertificateRefused, StartUpFailed
from flexicharge.interfaces.people import IEntropy

ROOTS: Final = "root.pem"


@define(eq=False)
class CaDirectory:
    """The roots of a directory, each read or made once. All methods may wait for disks.

    Whatever is damaged, gone or out of reach is `StartUpFailed`.
    """

    path: Path
    organisation: str
    entropy: IEntropy
    _held: dict[KeyKind, Issuer] = field(factory=dict, init=False, repr=False)

    def open(self) -> None:
        """Read the roots that there are, if any."""
        if self.path.exists():
            with self.writing():
                self._read_all()

    def issuer(self, kind: KeyKind, now: float) -> Issuer:
        """Return the root of a kind, made at a POSIX time if there was none yet."""
        if kind not in self._held:
            with self.writing():
                self._read_all()
                if kind not in self._held:
                    self._make(kind, now)
        return self._held[kind]

    @property
    def roots(self) -> tuple[x509.Certificate, ...]:
        """The roots that were read or made, that of the elliptic curve first."""
        return tuple(
            self._held[kind].certificate for kind in KeyKind if kind in self._held
        )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep other processes from writing there; `OSError` tells what to mend."""
        try:
            with only_writer(self.path):
                yield
        except OSError as why:
            raise StartUpFailed(
                f"The certificate authority's directory {self.path} cannot be used "
                f"({why.strerror}): give the server's user access to it, or set "
                "DATA_DIR."
            ) from why

    def text(self, name: str) -> str | None:
        """Return what a file says, None if there is none; while `writing`."""
        try:
            return (self.path / name).read_bytes().decode("ascii", "replace")
        except FileNotFoundError:
            return None

    def _make(self, kind: KeyKind, now: float) -> None:
        issuer = new_issuer(kind, self.organisation, now, self.entropy)
        put(
            self.path / _file_of(kind),
            pair_text(issuer.key, issuer.certificate),
        )
        self._held[kind] = issuer
        self._publish()

    def _read_all(self) -> None:
        for kind in KeyKind:
            text = self.text(_file_of(kind))
            if text is not None and kind not in self._held:
                self._held[kind] = self._read(kind, text)
        for kind in self._published():
            if kind not in self._held:
                raise StartUpFailed(_gone(self.path, kind))
        self._publish()

    def _read(self, kind: KeyKind, text: str) -> Issuer:
        try:
            issuer = Issuer(*read_pair(text))
            root = issuer.certificate
            if issuer.kind is kind and is_issued_by(root, root) and may_sign(root):
                return issuer
        except (ValueError, CertificateRefused):
            pass
        raise StartUpFailed(_damaged(self.path / _file_of(kind)))

    def _published(self) -> list[KeyKind]:
        """Return the kinds of the roots that were given to others."""
        text = self.text(ROOTS)
        if text is None:
            return []
        try:
            roots = x509.load_pem_x509_certificates(text.encode())
            return [kind_of(strong(root.public_key())) for root in roots]
        except (*UNREADABLE, CertificateRefused):
            raise StartUpFailed(_damaged(self.path / ROOTS)) from None

    def _publish(self) -> None:
        text = pem_of(*self.roots)
        if text and text != self.text(ROOTS):
            put(self.path / ROOTS, text)


def _file_of(kind: KeyKind) -> str:
    return f"{kind}.pem"


def _damaged(path: Path) -> str:
    return f"The file {path} of the certificate authority is damaged: restore it."


def _gone(path: Path, kind: KeyKind) -> str:
    return (
        f"The key file {path / _file_of(kind)} of the certificate authority is gone: "
        f"restore it. To have a new authority made instead, remove all of {path}; "
        "every certificate that was issued is void then, and every charger needs the "
        "new root."
    )
