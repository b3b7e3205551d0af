"""The host keys that a login node shows. They prove nothing until somebody compares them with the site's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import asyncssh

from bosco.ssh.host_keys import CERTIFIED, wrong
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


Tunnel = asyncssh.SSHClientConnection
"""A connection to a jump host, through which a node is reached."""


@dataclass(frozen=True, slots=True)
class HostAuthority:
    """The CA that has signed a node's host key. `trouble` is what is wrong with the certificate, or None."""

    fingerprint: str
    line: str
    trouble: str | None


async def scan(host: str, port: int, *, timeout: float, tunnel: Tunnel | None = None) -> list[HostKey]:
    """The keys that this node shows, of all kinds that we take. `timeout` in seconds covers all of it.

    Raises Unreached when it shows none.
    """
    try:
        async with asyncio.timeout(timeout):
            keys = await _all(host, port, tunnel)
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


async def scan_authority(
    host: str, port: int, *, timeout: float, tunnel: Tunnel | None = None
) -> HostAuthority | None:
    """The CA whose certificate this node shows; None where it has none. `timeout` is in seconds."""
    guest = _Guest()
    try:
        async with asyncio.timeout(timeout):
            connection = await asyncssh.connect(
                host, port, tunnel=tunnel, client_factory=lambda: guest, server_host_key_algs=list(CERTIFIED),
                known_hosts=([], [], []), options=_nothing_of_ours(), config=None, username="hosted-ce-looks",
            )  # fmt: skip
            connection.abort()
    except asyncssh.HostKeyNotVerifiable as error:
        said = str(error)
        trouble = wrong(said) or said
    except (TimeoutError, OSError, asyncssh.Error):
        trouble = None  # it lets nobody in without a key: the certificate was good before that
    else:
        trouble = None
    if guest.authority is None:
        return None
    key = guest.authority
    return HostAuthority(key.get_fingerprint(), f"@cert-authority {_line(host, port, key)}", trouble)


class _Guest(asyncssh.SSHClient):
    """Looks at who has signed a host key."""

    authority: asyncssh.SSHKey | None = None

    def validate_host_ca_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.authority = key
        return True


def _nothing_of_ours() -> asyncssh.SSHClientConnectionOptions:
    """Neither keys nor an agent: asyncssh would take those of the user who runs us."""
    return asyncssh.SSHClientConnectionOptions(client_keys=None, agent_path=None, config=None, gss_host=None)


async def _all(host: str, port: int, tunnel: Tunnel | None) -> dict[str, asyncssh.SSHKey | None]:
    """By kind. The first that it shows is of the kind that it likes best; then the others are asked for."""
    first = await _shown(host, port, tunnel, [name for names in _FAMILIES.values() for name in names])
    return {
        kind: first if kind.lower() in first.get_algorithm() else await _one(host, port, tunnel, names)
        for kind, names in _FAMILIES.items()
    }


async def _one(host: str, port: int, tunnel: Tunnel | None, names: Sequence[str]) -> asyncssh.SSHKey | None:
    """None: it has no key of this kind. It need not say so: OpenSSH breaks the connection off."""
    try:
        return await _shown(host, port, tunnel, names)
    except (OSError, asyncssh.Error):
        return None


async def _shown(host: str, port: int, tunnel: Tunnel | None, names: Sequence[str]) -> asyncssh.SSHKey:
    key = await asyncssh.get_server_host_key(
        host, port, tunnel=tunnel, server_host_key_algs=list(names), options=_nothing_of_ours(), config=None
    )
    if key is None:
        raise asyncssh.KeyExchangeFailed("it showed no host key")
    return key


def _host_key(host: str, port: int, kind: str, key: asyncssh.SSHKey) -> HostKey:
    return HostKey(kind, key.get_fingerprint(), _line(host, port, key))


def _line(host: str, port: int, key: asyncssh.SSHKey) -> str:
    name = host if port == _SSH_PORT else f"[{host}]:{port}"
    return " ".join((name, *key.export_public_key().decode().split()[:2]))
