"""What a site's administrator writes into authorized_keys for a cluster's key, and what it then starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import asyncssh

from bosco.identity import next_key
from bosco.installed import agent_program, authorized_keys_line, forced_command
from hosted_ce.site.cluster import Cluster

PROGRAM = "/usr/local/libexec/hosted-ce-agent"
"""Where a site would install the agent: in no folder that the account can write to."""


class NoPublicKey(Exception):
    """The public half of a key cannot be told; the text says why."""


def lines_for(
    cluster: Cluster, *, addresses: Sequence[str] = (), confined: bool = False, program: str = PROGRAM
) -> list[tuple[str, str]]:
    """Where the keys in use have to be let in, hosts on the way before the login nodes; and the lines there.

    A jump host has a place of its own, the login nodes have one together, which is the last; `confined`: its
    line starts the agent installed as `program`, nothing else. Raises NoPublicKey, and ValueError for an
    address that cannot be in such a line.
    """
    return _lines(cluster, _public, addresses, program if confined else None)


def lines_for_next(
    cluster: Cluster,
    key: Path,
    *,
    addresses: Sequence[str] = (),
    confined: bool = False,
    program: str = PROGRAM,
) -> list[tuple[str, str]]:
    """The same for the next one of `key`, at the places that have `key`: the cluster's or a jump host's."""

    def following(used: Path) -> str | None:
        return _public(next_key(key)) if used == key else None

    return _lines(cluster, following, addresses, program if confined else None)


def _lines(
    cluster: Cluster, public: Callable[[Path], str | None], addresses: Sequence[str], program: str | None
) -> list[tuple[str, str]]:
    """At each place whose key has a `public` half to be let in; at the login nodes for `program` alone."""
    ssh = cluster.ssh
    if ssh is None:
        raise NoPublicKey("the CE runs on this cluster's own machine: nobody logs in, and there is no key")
    nodes, lines = [f"{node.host}:{node.port}" for node in ssh.login], []
    for number, hop in enumerate(ssh.jump):
        if half := public(hop.key):
            behind = ssh.jump[number + 1 : number + 2]
            through = [f"{each.host}:{each.port}" for each in behind] or nodes
            lines.append((f"{hop.account}@{hop.host}", jump_line(half, addresses, through)))
    if half := public(ssh.key):
        command = _command(cluster, program) if program else None
        line = authorized_keys_line(half, command=command, addresses=addresses)
        lines.append((f"{cluster.account}@{', '.join(node.host for node in ssh.login)}", line))
    return lines


def plain_line(public_key: str, addresses: Sequence[str]) -> str:
    """The line for a key that may do what the account may, from these addresses; none: from anywhere.

    Raises ValueError for an address that cannot be in such a line.
    """
    return authorized_keys_line(public_key, addresses=addresses)


def jump_line(public_key: str, addresses: Sequence[str], through: Sequence[str]) -> str:
    """The line for a jump host: nothing is run there, and nothing reached but these (`host:port`).

    Raises ValueError as plain_line does.
    """
    return authorized_keys_line(public_key, command="/bin/false", addresses=addresses, through=through)


def program_text() -> str:
    """The agent as a site installs it."""
    return agent_program()


def _command(cluster: Cluster, program: str) -> str:
    return forced_command(
        program, batch=cluster.batch, spool=cluster.spool, path=cluster.path, variables=cluster.environment
    )


def fingerprint_of(key: Path) -> str:
    """As ssh-keygen prints it. Raises NoPublicKey."""
    return _read(key).get_fingerprint()


def _public(key: Path) -> str:
    return _read(key).export_public_key().decode().strip()


def _read(key: Path) -> asyncssh.SSHKey:
    try:
        return public_half(key)
    except OSError as error:
        raise NoPublicKey(f"the key {key} cannot be read: {error.strerror}") from error
    except asyncssh.KeyImportError as error:
        raise NoPublicKey(f"{key} is no private key without a passphrase: {error}") from error


def public_half(key: Path) -> asyncssh.SSHKey:
    """A key with its public half at least: a file for an agent has no more than that.

    Raises OSError and asyncssh.KeyImportError.
    """
    try:
        return asyncssh.read_private_key(str(key))
    except asyncssh.KeyEncryptionError:
        raise
    except asyncssh.KeyImportError:
        return asyncssh.read_public_key(str(key))
