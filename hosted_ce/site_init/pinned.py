"""What a known_hosts file has of the login nodes."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Collection, Iterator, Sequence

from hosted_ce.site.known_hosts import may_know
from hosted_ce.site_init.kinds import split_login

_SSH_PORT = 22
_WORDS = 3
_HASHED = "|1|"


def unpinned(known_hosts: str, logins: Sequence[str]) -> list[str]:
    """The login nodes without an entry."""
    return [login for login in logins if not may_know(known_hosts, *split_login(login))]


def contradicted(known_hosts: str, logins: Sequence[str], given: Collection[str]) -> dict[str, list[int]]:
    """The login nodes that have keys there, none of which has a fingerprint in `given`; nothing without any.

    With the numbers of the lines that name the node openly: a hashed one may be another node's.
    """
    found = {login: list(_entries(known_hosts, *split_login(login))) for login in logins if given}
    return {
        login: [number for number, name, _ in entries if not name.startswith(_HASHED)]
        for login, entries in found.items()
        if entries and not any(fingerprint in given for _, _, fingerprint in entries)
    }


def _entries(known_hosts: str, host: str, port: int) -> Iterator[tuple[int, str, str]]:
    """Number, names and fingerprint of each line with a key that may be this node's."""
    for number, line in enumerate(known_hosts.splitlines(), 1):
        words = line.split()
        if len(words) >= _WORDS and not words[0].startswith("@") and may_know(line, host, port):
            yield number, words[0], _fingerprint(words[2])


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
