"""What chargers are spoken to over TLS with, declared like all settings."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from flexicharge.config import kinds
from flexicharge.config.declaration import setting


@frozen(kw_only=True)
class ChargerTls:
    """What the ports that speak TLS show, and whom the one with certificates believes.

    Without `certificates` there are those of our own authority, for `host`. Without
    `keys` each is in the file of its certificate.
    """

    host: str = setting(
        "OCPP_TLS_HOST",
        kinds.HOST,
        "The name or address chargers reach these ports at, for which the server's own "
        "authority issues certificates if there are no files of yours.",
        otherwise="that in `PUBLIC_URL`",
        example="charge.example.org",
    )
    certificates: tuple[Path, ...] = setting(
        "OCPP_TLS_CERTIFICATES",
        kinds.FILES,
        "Certificates to show, in PEM, each followed by its issuers: one of an "
        "elliptic curve, one of RSA, or both.",
        otherwise="issued by the server's own authority",
        example="/etc/flexicharge/ec.pem,/etc/flexicharge/rsa.pem",
        aliases=("OCPP_TLS_CERTIFICATE",),
    )
    keys: tuple[Path, ...] = setting(
        "OCPP_TLS_KEYS",
        kinds.FILES,
        "Their private keys, in PEM and not encrypted, in the same order.",
        otherwise="in the files of the certificates",
        example="/etc/flexicharge/ec.key,/etc/flexicharge/rsa.key",
        aliases=("OCPP_TLS_KEY",),
    )
    static_rsa: bool = setting(
        "OCPP_TLS_STATIC_RSA",
        kinds.FLAG,
        "Whether chargers may use the cipher suites AES128-GCM-SHA256 and "
        "AES256-GCM-SHA384, which OCPP asks for. What they send can be read by whoever "
        "gets the server's RSA key later.",
        default="0",
    )
    client_authorities: tuple[Path, ...] = setting(
        "OCPP_CLIENT_CA",
        kinds.FILES,
        "Certificates of authorities, in PEM, whose chargers are let in at "
        "`OCPP_MTLS_PORT` beside those of the server's own.",
        otherwise="none",
        example="/etc/flexicharge/makers.pem",
    )
    operator: str = setting(
        "OCPP_CPO_NAME",
        kinds.ORGANISATION,
        "The organisation (O) that the certificate of a charger must name.",
        otherwise="any",
        example="FlexiCharge",
    )
