"""The host certificate and its key."""

from __future__ import annotations

import datetime as dt
import ssl
import stat
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509

from hosted_ce.front_door.checks.finding import Finding, failed, passed, warned
from hosted_ce.secret_modes import mode_that_counts
from hosted_ce.site import FrontDoor

RENEW_BEFORE = dt.timedelta(days=14)

_RENEW = "put a new certificate there; it is taken without a restart"


def check_certificate(door: FrontDoor, now: dt.datetime) -> Iterator[Finding]:
    """Its names, its time, and whether the key is its own and private."""
    try:
        chain = x509.load_pem_x509_certificates(door.certificate.read_bytes())
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no certificate in PEM format"
        todo = "let the service's user read it; it is front_door.certificate in the site file"
        yield failed("certificate", f"{door.certificate} cannot be read: {why}", todo)
        return
    yield judge(chain[0], door.host, now)
    yield _check_key(door)


def judge(certificate: x509.Certificate, host: str, now: dt.datetime) -> Finding:
    """Whether clients that look for `host` take the certificate at this time."""
    names, until = names_of(certificate), certificate.not_valid_after_utc
    spelled = f"{until:%Y-%m-%d %H:%M} UTC"
    if not any(_covers(name, host) for name in names):
        seen = f"it is for {', '.join(names) or 'no name'}, not for {host}"
        return failed("certificate", seen, f"get one for {host}, or mend front_door.host")
    if now >= until:
        return failed("certificate", f"it was valid until {spelled}", _RENEW)
    if now < certificate.not_valid_before_utc:
        return failed("certificate", "it is not valid yet", "check this machine's clock")
    if until - now < RENEW_BEFORE:
        return warned("certificate", f"it is valid until {spelled} only", _RENEW)
    return passed("certificate", f"it is for {host}, valid until {spelled}")


def names_of(certificate: x509.Certificate) -> list[str]:
    """The DNS names that the certificate is for; its common name if it has no others."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        common = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return [str(each.value) for each in common]
    addresses = [str(address) for address in found.get_values_for_type(x509.IPAddress)]
    return [*found.get_values_for_type(x509.DNSName), *addresses]


def _covers(name: str, host: str) -> bool:
    """A wildcard stands for one part of a name."""
    if name.startswith("*."):
        return host.partition(".")[2].lower() == name[2:].lower()
    return name.lower() == host.lower()


def _check_key(door: FrontDoor) -> Finding:
    key = door.certificate_key
    try:
        mode = mode_that_counts(key.stat())
        key.open("rb").close()
    except OSError as error:
        todo = "let the service's user, and nobody else, read it"
        return failed("certificate key", f"{key} cannot be read: {error.strerror}", todo)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return failed("certificate key", f"{key} has mode {mode:04o}", f"chmod 600 {key}")
    if not _fits(door.certificate, key):
        todo = "name the pair that belongs together; the key has no passphrase"
        return failed("certificate key", f"{key} is not the key of {door.certificate}", todo)
    return passed("certificate key", f"{key} fits, and others cannot read it")


def _fits(certificate: Path, key: Path) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, ValueError):
        return False
    return True
