"""What a known_hosts file has of the login nodes."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Sequence

from hosted_ce.site.known_hosts import may_know
from hosted_ce.site_init.kinds import split_login

_SSH_PORT = 22
_WORDS = 3


def unpinned(known_hosts: str, logins: Sequence[str]) -> list[str]:
    """The login nodes without an entry."""
    return [login for login in logins if not may_know(known_hosts, *split_login(login))]


def pinned(known_hosts: str, logins: Sequence[str]) -> list[str]:
    """A line for each key of a login node that is named openly: host, kind and fingerprint."""
    return [line for login in logins for line in _of_one(known_hosts, *split_login(login))]


def _of_one(known_hosts: str, host: str, port: int) -> Iterator[str]:
    name = host if port == _SSH_PORT else f"[{host}]:{port}"
    for entry in known_hosts.splitlines():
        words = entry.split()
        if len(words) >= _WORDS and name in words[0].split(",") and (fingerprint := _fingerprint(words[2])):
            yield f"{host} {fingerprint} ({words[1]})"


def _fingerprint(blob: str) -> str:
    try:
        digest = hashlib.sha256(base64.b64decode(blob, validate=True)).digest()
    except (binascii.Error, ValueError):
        return ""
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"
