"""Until when the files that the site file names are valid: certificates, and tokens that say so.

A file that cannot be read is left out: the checks of the front door and the state of the cluster say so.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import SSHCertificate, load_ssh_public_identity

from hosted_ce.health.facts import Expiry
from hosted_ce.listening.tls import Tls
from hosted_ce.site import SiteFile
from hosted_ce.site.cluster import Hop, SshAccess

CERTIFICATE, API, KEY, TOKEN = "host certificate", "API's certificate", "key's certificate", "token"
KINDS = (CERTIFICATE, API, KEY, TOKEN)
LATEST = 2.0**33
"""The year 2242: what is valid for longer has no end, and OpenSSH's word for none is later, too."""
PARTS_OF_JWT = 3


def expiries(site: SiteFile, token_file: Path, tls: Tls | None = None) -> tuple[Expiry, ...]:
    """All of them; `tls` is the API's certificate as it is in use, not as its file is. Reads files."""
    return tuple(_found(site, token_file, tls))


def _found(site: SiteFile, token_file: Path, tls: Tls | None) -> Iterator[Expiry]:
    if tls:
        yield Expiry(API, str(tls.certificate), tls.until)
    if site.front_door and (until := certificate_until(site.front_door.certificate)) is not None:
        yield Expiry(CERTIFICATE, str(site.front_door.certificate), until)
    for path in sorted(set(_certificates(site))):
        if (until := key_until(path)) is not None:
            yield Expiry(KEY, str(path), until)
    if (until := token_until(token_file)) is not None:
        yield Expiry(TOKEN, str(token_file), until)


def _certificates(site: SiteFile) -> Iterator[Path]:
    """Where certificates of keys are, if there are any: named, or beside the key; also of the next key."""
    for access in (cluster.ssh for cluster in site.clusters.values() if cluster.ssh):
        ways: list[SshAccess | Hop] = [access, *access.jump]
        for way in ways:
            yield from [way.certificate] if way.certificate else []
            yield from (way.key.with_name(f"{way.key.name}{end}") for end in ("-cert.pub", ".next-cert.pub"))


def certificate_until(path: Path) -> float | None:
    """When the first of the chain's certificates to do so is no longer valid."""
    try:
        chain = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        return None
    return min(each.not_valid_after_utc.timestamp() for each in chain)


def key_until(path: Path) -> float | None:
    """When OpenSSH's certificate of a key is no longer valid; None when there is none, or it has no end."""
    try:
        found = load_ssh_public_identity(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm):
        return None
    return _until(float(found.valid_before)) if isinstance(found, SSHCertificate) else None


def token_until(path: Path) -> float | None:
    """The `exp` of a JSON Web Token; None when the token is a plain secret."""
    try:
        parts = path.read_text(encoding="ascii").strip().split(".")
        if len(parts) != PARTS_OF_JWT:
            return None
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return _until(float(claims["exp"]))
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


def _until(seconds: float) -> float | None:
    return seconds if 0 <= seconds < LATEST else None
