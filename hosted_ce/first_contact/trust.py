"""The hosts on the way to a site's login nodes: what they show, compared with what is pinned."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from bosco.errors import NotRun
from bosco.ssh.stream import Login, hang_up, open_hops
from hosted_ce.first_contact.errors import Unreached
from hosted_ce.first_contact.host_keys import HostAuthority, HostKey, Tunnel, scan, scan_authority
from hosted_ce.first_contact.pins import Pins, pins_of

Host = Login
"""A host on the way, with the way to it."""
TIMEOUT_S = 15.0
"""For all keys of one node; and for each of the logins on the way to it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a host shows, and what is pinned for it."""

    login: Login
    keys: Sequence[HostKey]
    authority: HostAuthority | None
    pins: Pins

    @property
    def revoked(self) -> list[str]:
        """Fingerprints of keys, and of the CA, that it shows although the file says not to trust them."""
        shown = [key.fingerprint for key in self.keys]
        shown += [self.authority.fingerprint] if self.authority else []
        return [each for each in shown if each in self.pins.revoked]

    @property
    def known(self) -> list[HostKey]:
        """Keys that are pinned already."""
        return [key for key in self.keys if key.fingerprint in self.pins.keys]

    @property
    def by_authority(self) -> HostAuthority | None:
        """The CA by which it is known already."""
        found, trusted = self.authority, self.pins.authorities - self.pins.revoked
        return found if found and found.fingerprint in trusted else None

    @property
    def lost(self) -> list[str]:
        """Fingerprints of pinned keys, where it shows none of them."""
        return [] if self.known else sorted(self.pins.keys)

    def proven(self, told: Sequence[str]) -> list[str]:
        """The lines to pin for what the site told: fingerprints of keys, or of a good certificate's CA.

        Never of what is revoked.
        """
        good = frozenset(told) - self.pins.revoked
        lines = [key.line for key in self.keys if key.fingerprint in good]
        signed = self.authority
        if signed and signed.fingerprint in good and not signed.trouble:
            lines.append(signed.line)
        return lines


def hosts_of(logins: Sequence[Login]) -> list[Login]:
    """Every host on the way, each once, with the way to it: jump hosts before what is behind them."""
    found: dict[tuple[str, int], Login] = {}
    for login in logins:
        for host in (*_hops(login), login):
            found.setdefault((host.host, host.port), host)
    return list(found.values())


def _hops(login: Login) -> list[Login]:
    return [replace(hop, via=login.via[:number]) for number, hop in enumerate(login.via)]


async def look(login: Login, known_hosts: str) -> Shown:
    """What this host shows, through the jump hosts before it: those must be pinned and let us in.

    Raises Unreached, and ValueError for a text that is no known_hosts.
    """
    pins = pins_of(known_hosts, login.host, login.port)
    async with _way_to(login) as tunnel:
        keys = await scan(login.host, login.port, timeout=TIMEOUT_S, tunnel=tunnel)
        authority = await scan_authority(login.host, login.port, timeout=TIMEOUT_S, tunnel=tunnel)
    return Shown(login, keys, authority, pins)


async def keys_of(login: Login) -> list[HostKey]:
    """The keys that this host shows, as `look` gets to it. Raises Unreached."""
    async with _way_to(login) as tunnel:
        return await scan(login.host, login.port, timeout=TIMEOUT_S, tunnel=tunnel)


@asynccontextmanager
async def _way_to(login: Login) -> AsyncIterator[Tunnel | None]:
    """The connection to the last jump host before it; None: there is none on the way. Raises Unreached."""
    try:
        hops = await open_hops(login, TIMEOUT_S)
    except NotRun as error:
        raise Unreached(f"{login.host} port {login.port} cannot be looked at: {error}") from error
    try:
        yield hops[-1] if hops else None
    finally:
        hang_up(hops)
