"""Does a known_hosts file name a login node? Names only: the keys in it are for the SSH client."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SSH_PORT = 22


def may_know(known_hosts: str, host: str, port: int) -> bool:
    """Whether the text has an entry that can be for host and port.

    An entry for another port than 22 is written `[host]:port`. One without a port stands for all ports, as
    asyncssh has it. Hashed entries are not looked into: they count as possible matches.
    """
    wanted = {host.lower()} if port == _SSH_PORT else {host.lower(), f"[{host.lower()}]:{port}"}
    return any(_entry_matches(hosts.lower(), wanted) for hosts in _host_fields(known_hosts))


def _host_fields(known_hosts: str) -> Iterator[str]:
    for line in known_hosts.splitlines():
        words = line.split()
        if not words or words[0].startswith("#") or words[0] == "@revoked":
            continue
        if words[0] == "@cert-authority":
            words = words[1:]
        yield from words[:1]


def _entry_matches(hosts: str, wanted: set[str]) -> bool:
    if hosts.startswith("|1|"):
        return True
    patterns = hosts.split(",")
    refused = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    return any(_any_matches(patterns, name) and not _any_matches(refused, name) for name in wanted)


def _any_matches(patterns: list[str], name: str) -> bool:
    """Whether one of the patterns, with `*` and `?` as wildcards, is for the name."""
    return any(
        re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), name)
        for pattern in patterns
    )
