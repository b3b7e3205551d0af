"""X.509 proxy certificates (RFC 3820) of a pretended user, as a grid's tools make them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

_PROXY_CERT_INFO = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.14")
_INHERIT_ALL = bytes.fromhex("300c300a06082b06010505071501")
"""ProxyCertInfo in DER: no limit of length, language id-ppl-inheritAll (1.3.6.1.5.5.7.21.1)."""
_KEY_BITS = 2048
_LIFETIME = dt.timedelta(days=30)


@dataclass(frozen=True)
class GridUser:
    """Somebody with a certificate, which a grid's authority signed."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    def proxy(self, lifetime: dt.timedelta) -> bytes:
        """A new proxy in PEM, as its file has it: the proxy, its key, the user's certificate."""
        key = _new_key()
        number = x509.random_serial_number()
        name = x509.NameAttribute(x509.NameOID.COMMON_NAME, str(number))
        subject = x509.Name([*self.certificate.subject, name])
        usage = x509.UnrecognizedExtension(_PROXY_CERT_INFO, _INHERIT_ALL)
        proxy = (
            _certificate(subject, self.certificate.subject, key, lifetime)
            .serial_number(number)
            .add_extension(usage, critical=True)
            .add_extension(_SIGNING, critical=True)
            .sign(self.key, hashes.SHA256())
        )
        return _pem(proxy) + _key_pem(key) + _pem(self.certificate)


def new_grid_user(name: str) -> GridUser:
    """A user of this common name, whose authority is made for the occasion and forgotten."""
    authority, key, authority_key = _name("Lab Grid CA"), _new_key(), _new_key()
    certificate = (
        _certificate(_name(name), authority, key, _LIFETIME)
        .serial_number(x509.random_serial_number())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_SIGNING, critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    return GridUser(certificate, key)


_SIGNING = x509.KeyUsage(
    digital_signature=True, key_encipherment=True, content_commitment=False, data_encipherment=False,
    key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
)  # fmt: skip


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Lab"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, common),
        ]
    )


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, lifetime: dt.timedelta
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + lifetime)
    )


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
