"""A private key and its certificate, as the one text that is kept of both."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from flexicharge.certificates.keys import PrivateKey, private_pem
from flexicharge.certificates.pem import UNREADABLE, pem_of


def pair_text(key: PrivateKey, certificate: x509.Certificate) -> str:
    """Return a key and its certificate as PEM, the key first."""
    return private_pem(key) + pem_of(certificate)


def read_pair(text: str) -> tuple[PrivateKey, x509.Certificate]:
    """Return the key and the certificate of a text that we wrote.

    Raise `ValueError` if it is damaged, or if the two do not belong together.
    """
    raw = text.encode()
    try:
        # The library's own check of an RSA key takes far longer than ours does.
        key = load_pem_private_key(
            raw, password=None, unsafe_skip_rsa_key_validation=True
        )
        certificate = x509.load_pem_x509_certificate(raw)
        return _fitting(key, certificate), certificate
    except (*UNREADABLE, TypeError, InvalidSignature):
        raise ValueError("damaged") from None


def _fitting(key: object, certificate: x509.Certificate) -> PrivateKey:
    """Return a key that signs what its certificate verifies."""
    public = certificate.public_key()
    if isinstance(key, rsa.RSAPrivateKey) and isinstance(public, rsa.RSAPublicKey):
        public.verify(key.sign(b"", PKCS1v15(), SHA256()), b"", PKCS1v15(), SHA256())
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(
        public, ec.EllipticCurvePublicKey
    ):
        ecdsa = ec.ECDSA(SHA256())
        public.verify(key.sign(b"", ecdsa), b"", ecdsa)
        return key
    raise ValueError("a key and a certificate of different kinds")
