"""The host keys that a login node shows. They prove nothing until somebody compares them with the site's."""

from __future__ import annotations

import asyncio
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
            keys = [(kind, await _one(host, port, names)) for kind, names in _FAMILIES.items()]
    except TimeoutError as error:
        raise Unreached(
            f"{host} port {port} did not answer within {timeout:g} s; is there a firewall?"
        ) from error
    found = [_host_key(host, port, kind, key) for kind, key in keys if isinstance(key, asyncssh.SSHKey)]
    if not found:
        raise _unreached(host, port, [key for _, key in keys if isinstance(key, Exception)])
    return found


async def _one(host: str, port: int, names: tuple[str, ...]) -> asyncssh.SSHKey | Exception | None:
    """The node's key of this kind, or why it showed none; None: it has none.

    Who has no key of a kind need not say so: OpenSSH breaks the connection off.
    """
    try:
        return await asyncssh.get_server_host_key(host, port, server_host_key_algs=list(names), config=None)
    except asyncssh.KeyExchangeFailed:
        return None
    except (OSError, asyncssh.Error) as error:
        return error


def _unreached(host: str, port: int, problems: list[Exception]) -> Unreached:
    if problems:
        return Unreached(f"{host} port {port}: {problems[0]}")
    return Unreached(
        f"{host} port {port} has no host key of a kind that this CE takes: {', '.join(_FAMILIES)}"
    )


def _host_key(host: str, port: int, kind: str, key: asyncssh.SSHKey) -> HostKey:
    name = host if port == _SSH_PORT else f"[{host}]:{port}"
    key_words = key.export_public_key().decode().split()[:2]
    return HostKey(kind, key.get_fingerprint(), " ".join((name, *key_words)))
