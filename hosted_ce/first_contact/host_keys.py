"""The host keys that a login node shows. They prove nothing until somebody compares them with the site's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import asyncssh

from hosted_ce.first_contact.errors import Unreached

_FAMILIES = {
    "ED25519": ("ssh-ed25519",),
    "ECDSA": ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    "RSA": ("rsa-sha2-512", "rsa-sha2-256"),
}
"""An SSH server shows one key to a connection: of the kind that was asked for."""
_SSH_PORT = 22


@dataclass(frozen=True, slots=True)
class HostKey:
    """One host key. `line` is its entry in a known_hosts file; `fingerprint` is as ssh-keygen prints it."""

    kind: str
    fingerprint: str
    line: str


async def scan(host: str, port: int, *, timeout: float) -> list[HostKey]:
    """The keys that this node shows, of all kinds that we take. `timeout` in seconds covers all of it.

    Raises Unreached when it shows none.
    """
    try:
        async with asyncio.timeout(timeout):
            keys = await _all(host, port)
    except TimeoutError as error:
        raise Unreached(
            f"{host} port {port} did not answer within {timeout:g} s; is there a firewall?"
        ) from error
    except asyncssh.KeyExchangeFailed as error:
        raise Unreached(
            f"{host} port {port} has no host key of a kind that this CE takes: {', '.join(_FAMILIES)}"
        ) from error
    except (OSError, asyncssh.Error) as error:
        raise Unreached(f"{host} port {port}: {error}") from error
    return [_host_key(host, port, kind, key) for kind, key in keys.items() if key is not None]


async def _all(host: str, port: int) -> dict[str, asyncssh.SSHKey | None]:
    """By kind. The first that it shows is of the kind that it likes best; then the others are asked for."""
    first = await _shown(host, port, [name for names in _FAMILIES.values() for name in names])
    return {
        kind: first if kind.lower() in first.get_algorithm() else await _one(host, port, names)
        for kind, names in _FAMILIES.items()
    }


async def _one(host: str, port: int, names: Sequence[str]) -> asyncssh.SSHKey | None:
    """None: it has no key of this kind. It need not say so: OpenSSH breaks the connection off."""
    try:
        return await _shown(host, port, names)
    except (OSError, asyncssh.Error):
        return None


async def _shown(host: str, port: int, names: Sequence[str]) -> asyncssh.SSHKey:
    key = await asyncssh.get_server_host_key(host, port, server_host_key_algs=list(names), config=None)
    if key is None:
        raise asyncssh.KeyExchangeFailed("it showed no host key")
    return key


def _host_key(host: str, port: int, kind: str, key: asyncssh.SSHKey) -> HostKey:
    name = host if port == _SSH_PORT else f"[{host}]:{port}"
    key_words = key.export_public_key().decode().split()[:2]
    return HostKey(kind, key.get_fingerprint(), " ".join((name, *key_words)))
