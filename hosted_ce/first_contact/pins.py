"""What a known_hosts file says of one host, and the file with other pins for it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import asyncssh

from hosted_ce.first_contact.errors import NotByProgram


@dataclass(frozen=True, slots=True)
class Pins:
    """Fingerprints that a file has for a host."""

    keys: frozenset[str]
    authorities: frozenset[str]
    revoked: frozenset[str]


def pins_of(known_hosts: str, host: str, port: int) -> Pins:
    """What the file has for this host, also in hashed lines. Raises ValueError for what is no known_hosts."""
    found = asyncssh.import_known_hosts(known_hosts)
    keys, authorities, revoked = asyncssh.match_known_hosts(found, host, "", port)[:3]
    return Pins(
        *(frozenset(each.get_fingerprint() for each in some) for some in (keys, authorities, revoked))
    )


def with_line(known_hosts: str, *lines: str) -> str:
    """The file with these lines at its end."""
    whole = known_hosts if not known_hosts or known_hosts.endswith("\n") else f"{known_hosts}\n"
    return whole + "".join(f"{line}\n" for line in lines)


def without(known_hosts: str, host: str, port: int, fingerprints: Collection[str]) -> str:
    """The file without the pinned keys of this host that have these fingerprints.

    Raises NotByProgram where a line has other names as well.
    """
    lines = known_hosts.splitlines(keepends=True)
    return "".join(
        line for number, line in enumerate(lines, 1) if not _goes(line, number, host, port, fingerprints)
    )


def _goes(line: str, number: int, host: str, port: int, fingerprints: Collection[str]) -> bool:
    names = line.split()[:1]
    if not names or names[0].startswith(("#", "@")) or not pins_of(line, host, port).keys & set(fingerprints):
        return False
    if set(names[0]) & set(",*?!"):
        raise NotByProgram(f"line {number} of it is for {names[0]}: change that line by hand")
    return True
