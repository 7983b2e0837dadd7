"""TLS in front of the gateway: security profiles 2 and 3 of OCPP."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from attrs import frozen
from OpenSSL.SSL import (
    OP_CIPHER_SERVER_PREFERENCE,
    OP_NO_COMPRESSION,
    OP_NO_RENEGOTIATION,
    OP_NO_TICKET,
    SESS_CACHE_OFF,
    TLS1_2_VERSION,
    TLS_SERVER_METHOD,
    VERIFY_FAIL_IF_NO_PEER_CERT,
    VERIFY_PEER,
    Connection,
    Context,
)
from twisted.internet.interfaces import (
    IOpenSSLServerConnectionCreator,
    IProtocolFactory,
    IReactorTime,
)
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol
from zope.interface import implementer

# Those of OCPP (security whitepaper §2.4) first, then what others have in common.
FORWARD_SECRET: Final = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
)
# OCPP wants these two as well; whoever gets the key can read what was recorded.
STATIC_RSA: Final = ("AES128-GCM-SHA256", "AES256-GCM-SHA384")


@frozen
class KeyFiles:
    """The file of a certificate, its issuers after it, and that of its key, in PEM."""

    certificate: Path
    key: Path


@implementer(IOpenSSLServerConnectionCreator)
@frozen(eq=False)
class TlsSessions:
    """Begins the server's side of TLS sessions of one context."""

    _context: Context

    def serverConnectionForTLS(self, tlsProtocol: TLSMemoryBIOProtocol) -> Connection:
        """Return the server's side of a new session."""
        return Connection(self._context, None)


def server_context(
    files: Iterable[KeyFiles],
    *,
    static_rsa: bool = False,
    client_roots: Iterable[Path] = (),
) -> Context:
    """Return what TLS 1.2 and later is spoken with; files are read once, here.

    Certificates of different kinds of keys may stand side by side: a client gets the
    one it understands. With `client_roots` it must have a certificate by one of them.
    Raise `OpenSSL.SSL.Error`, `OSError`.
    """
    context = Context(TLS_SERVER_METHOD)
    context.set_min_proto_version(TLS1_2_VERSION)
    context.set_options(
        OP_CIPHER_SERVER_PREFERENCE | OP_NO_COMPRESSION | OP_NO_RENEGOTIATION
    )
    suites = FORWARD_SECRET + (STATIC_RSA if static_rsa else ())
    context.set_cipher_list(":".join(suites).encode())
    for each in files:
        context.use_certificate_chain_file(str(each.certificate))
        context.use_privatekey_file(str(each.key))
        context.check_privatekey()
    _demand_certificates(context, client_roots)
    return context


def behind_tls(
    context: Context, factory: IProtocolFactory, clock: IReactorTime
) -> TLSMemoryBIOFactory:
    """Return the factory of a port whose connections begin with TLS."""
    wrapped = TLSMemoryBIOFactory(TlsSessions(context), False, factory, clock)
    wrapped.noisy = False
    return wrapped


def _demand_certificates(context: Context, roots: Iterable[Path]) -> None:
    """Let nobody in without a certificate of these roots; with none, ask for none.

    No session is resumed then: each certificate is looked at anew.
    """
    asked = False
    for path in roots:
        context.load_verify_locations(str(path))
        asked = True
    if asked:
        context.set_session_cache_mode(SESS_CACHE_OFF)
        context.set_options(OP_NO_TICKET)
        context.set_verify(
            VERIFY_PEER | VERIFY_FAIL_IF_NO_PEER_CERT, lambda *found: bool(found[-1])
        )
