"""OCA's cases 086 and 087: TLS as OCA's tester looks at it, on real sockets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_twisted
from attrs import frozen
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from twisted.internet import reactor
from twisted.internet.threads import blockingCallFromThread, deferToThread
from twisted.logger import capturedLogs, formatEvent
from websockets.sync.client import ClientConnection

from flexicharge.certificates.directory import CaDirectory
from flexicharge.config import read_settings
from flexicharge.model.entry import Certificate, Entry, Means
from flexicharge.model.site import StationChanges
from flexicharge.service import BackEnd
from flexicharge.storage.memory import MemoryWorld
from flexicharge.testing.authority_files import client_certificate, pair_file
from flexicharge.testing.certificates import known_authority, known_key
from flexicharge.testing.identity import SeededEntropy
from flexicharge.testing.memory import memory_stores, people
from tests.integration import test_charger_tls as tls
from tests.integration.test_charger_tls import (
    ANOTHER,
    BOOT,
    HERE,
    OURS,
    PASSWORD,
    SUITES,
    Charger,
    SecureTown,
    answer_to_plain_text,
    soon,
    speaking_1_1,
    trusting,
)

ca_file, authority = tls.ca_file, tls.authority
NO_SESSION: Final = "no TLS session with"


@pytest_twisted.async_yield_fixture
async def town(authority: CaDirectory) -> AsyncIterator[SecureTown]:
    """A back end with one station, CP-7, whose certificate must be FlexiCharge's."""
    world, entropy = MemoryWorld(reactor), SeededEntropy()
    ports = {"OCPP_TLS_PORT": "0", "OCPP_MTLS_PORT": "0", "OCPP_TLS_HOST": HERE}
    settings = read_settings(
        {"DEMO_SEED": "0", "OCPP_CPO_NAME": "FlexiCharge", **ports}
    )
    back_end = BackEnd(
        clock=reactor,
        settings=settings,
        stores=memory_stores(world, lambda _, provider: provider),
        people=people(entropy),
        authority=known_authority(settings, reactor, entropy),
        probe=lambda: None,
    )
    chargers = back_end.stores.chargers
    wanted = StationChanges(connectors=2, security_profile=2)
    await chargers.put_station("CP-7", wanted, reactor.seconds())
    made = back_end.people.server_key.station_credential(PASSWORD)
    await chargers.set_credential("CP-7", made)
    town = SecureTown(authority, back_end)
    yield town
    for port in town.ports:
        await port.stopListening()
    await back_end.stop()


@frozen
class Session:
    """A TLS session: as the charger saw it, and as we have it on record."""

    suite: str
    version: str
    certificate: bytes
    entry: Entry


def say(link: ClientConnection, action: str, payload: dict[str, Any]) -> Any:
    """Send a Call; return its result."""
    message_id = f"{action} {payload.get('connectorId', '')}"
    link.send(json.dumps([2, message_id, action, payload]))
    kind, _, result = json.loads(link.recv(timeout=5))
    assert kind == 3
    return result


def come_in(town: SecureTown, charger: Charger) -> Session:
    """Connect, boot and report the connectors, in a thread; return the session."""

    def entry() -> Entry:
        return town.back_end.supervisor.present["CP-7"].link.entry

    with charger.open() as link:
        booted = say(link, *BOOT[2:])
        assert booted["status"] == "Accepted"
        for number in (0, 1, 2):
            status = {"errorCode": "NoError", "status": "Available"}
            noted = say(link, "StatusNotification", {"connectorId": number, **status})
            assert noted == {}
        suite, version, _ = link.socket.cipher()
        return Session(
            suite=suite,
            version=version,
            certificate=link.socket.getpeercert(binary_form=True),
            entry=blockingCallFromThread(reactor, entry),
        )


async def played(town: SecureTown, charger: Charger) -> Session:
    """Have a charger come in, boot, report its connectors, and leave."""
    session: Session = await deferToThread(come_in, town, charger)
    await soon(lambda: not town.back_end.supervisor.present)
    return session


def kind_of_key(shown: bytes) -> str:
    """Look at the server's certificate as OCA does; return the kind of its key."""
    certificate = x509.load_der_x509_certificate(shown)
    assert certificate.version is x509.Version.v3
    assert certificate.serial_number > 0
    [name] = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == HERE
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        assert key.key_size >= 2048
        return "RSA"
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.key_size >= 224
    return "ECDSA"


def own_certificate(directory: Path, name: str = "CP-7", **more: Any) -> Path:
    """Return the file of a charger's certificate and key."""
    made = client_certificate(more.pop("issuer", OURS), known_key(7), name, **more)
    return pair_file(directory / "charger.pem", known_key(7), made)


# 086


@pytest_twisted.ensureDeferred
async def test_086_tls_server_certificate(
    town: SecureTown, ca_file: Path, tmp_path: Path
) -> None:
    """All four suites, with a certificate of either kind; the session is on record.

    With a password in profile 2, with a client certificate in profile 3.
    """
    plain, mutual = town.listen(OCPP_TLS_STATIC_RSA="1")
    pair = own_certificate(tmp_path)
    for port, shown in ((plain, None), (mutual, pair)):
        for suite in SUITES:
            trust = trusting(ca_file, suite, shown)
            password = PASSWORD if shown is None else None
            session = await played(town, Charger(trust, port, password=password))
            assert (session.suite, session.version) == (suite, "TLSv1.2")
            kind = "ECDSA" if "ECDSA" in suite else "RSA"
            assert kind_of_key(session.certificate) == kind
            assert session.entry.profile == (2 if shown is None else 3)
            on_record = session.entry.tls
            assert on_record is not None
            assert (on_record.version, on_record.suite) == ("TLSv1.2", suite)


@pytest.mark.parametrize("how", ["1.1", "weak", "plain"])
@pytest_twisted.ensureDeferred
async def test_086_twin_nothing_weaker(
    town: SecureTown, ca_file: Path, how: str
) -> None:
    """TLS 1.1, weak suites or no TLS at all: no session, no fall-back, and a line."""
    port, _ = town.listen(OCPP_TLS_STATIC_RSA="1")
    with capturedLogs() as logs:
        if how == "plain":
            assert b"HTTP" not in await deferToThread(answer_to_plain_text, port)
        else:
            weak = trusting(ca_file, "ECDHE-ECDSA-AES128-SHA")
            trust = speaking_1_1(ca_file) if how == "1.1" else weak
            assert await deferToThread(Charger(trust, port).refused) == "SSLError"
        await soon(lambda: any(NO_SESSION in formatEvent(event) for event in logs))
    assert not town.back_end.supervisor.present
    assert (await played(town, Charger(trusting(ca_file), port))).version == "TLSv1.3"


# 087


@pytest_twisted.ensureDeferred
async def test_087_tls_client_certificate(
    town: SecureTown, ca_file: Path, tmp_path: Path
) -> None:
    """It is let in without a password, and its certificate is on record with it."""
    _, port = town.listen(OCPP_TLS_STATIC_RSA="1")
    trust = trusting(ca_file, pair=own_certificate(tmp_path))
    session = await played(town, Charger(trust, port, password=None))
    assert session.entry.means is Means.CERTIFICATE
    assert session.entry.tls is not None
    assert session.entry.tls.certificate == Certificate(
        common_name="CP-7", organization="FlexiCharge", serial_number="c0de"
    )


REFUSED_IN_TLS: Final[dict[str, Any]] = {
    "none": None,
    "expired": {"days": 2},
    "of an unknown authority": {"issuer": ANOTHER},
}


@pytest.mark.parametrize("kind", REFUSED_IN_TLS)
@pytest_twisted.ensureDeferred
async def test_087_twin_no_good_certificate(
    town: SecureTown, ca_file: Path, tmp_path: Path, kind: str
) -> None:
    """The handshake refuses it, before any Boot, and there is an alarm."""
    _, port = town.listen()
    made = REFUSED_IN_TLS[kind]
    pair = None if made is None else own_certificate(tmp_path, **made)
    charger = Charger(trusting(ca_file, pair=pair), port)
    assert await deferToThread(charger.refused) not in ("101", "401", "403")
    await soon(lambda: town.alarms == {"a certificate was refused": 1})
    assert not town.back_end.supervisor.present


@pytest.mark.parametrize("made", [{"name": "CP-8"}, {"organisation": "Others"}])
@pytest_twisted.ensureDeferred
async def test_087_twin_somebody_elses_certificate(
    town: SecureTown, ca_file: Path, tmp_path: Path, made: dict[str, Any]
) -> None:
    """Another charger's CN or another operator's O: no upgrade, and an alarm."""
    _, port = town.listen()
    trust = trusting(ca_file, pair=own_certificate(tmp_path, **made))
    assert await deferToThread(Charger(trust, port).refused) == "403"
    assert town.alarms == {"a certificate of another name": 1}
    assert not town.back_end.supervisor.present
