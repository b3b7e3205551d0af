"""What a site's administrator writes into authorized_keys for a cluster's key, and what it then starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import asyncssh

from bosco.installed import agent_program, authorized_keys_line, forced_command
from bosco.ssh.identity import next_key
from hosted_ce.site.cluster import Cluster, SshAccess

PROGRAM = "/usr/local/libexec/hosted-ce-agent"
"""Where a site would install the agent: in no folder that the account can write to."""


class NoPublicKey(Exception):
    """The public half of a key cannot be told; the text says why."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Where a key has to be let in: an account of one host, or of several with one home, and the line."""

    account: str
    hosts: tuple[str, ...]
    key: Path
    """The private key that is used there."""
    write: Callable[[str], str]
    """Makes the line of a public half. Raises ValueError for an address that cannot be in such a line."""

    @property
    def where(self) -> str:
        """`account@host`, with all hosts that have this line."""
        return f"{self.account}@{', '.join(self.hosts)}"

    def line(self) -> str:
        """The line for the key in use. Raises NoPublicKey, and ValueError as `write` does."""
        return self.write(_public(self.key))

    def line_of_next(self) -> str:
        """The line for the next key, which is beside the one in use. Raises as `line` does."""
        return self.write(_public(next_key(self.key)))


def admissions(
    cluster: Cluster, *, addresses: Sequence[str] = (), confined: bool = False, program: str = PROGRAM
) -> list[Admission]:
    """Where the keys in use have to be let in: the login nodes together first, then each jump host.

    That order is what makes the lines harmless together: sshd takes the first one of a key, and a jump host's
    runs nothing. `confined`: the login nodes' line starts the agent installed as `program`, nothing else.
    Raises NoPublicKey where nobody logs in.
    """
    ssh = cluster.ssh
    if ssh is None:
        raise NoPublicKey("the CE runs on this cluster's own machine: nobody logs in, and there is no key")
    command = _command(cluster, program) if confined else None
    write = partial(authorized_keys_line, command=command, addresses=addresses)
    nodes = Admission(cluster.account, tuple(node.host for node in ssh.login), ssh.key, write)
    return [nodes, *_on_the_way(ssh, addresses)]


def _on_the_way(ssh: SshAccess, addresses: Sequence[str]) -> Iterator[Admission]:
    for number, hop in enumerate(ssh.jump):
        behind = ssh.jump[number + 1 : number + 2] or ssh.login
        through = [f"{each.host}:{each.port}" for each in behind]
        write = partial(jump_line, addresses=addresses, through=through)
        yield Admission(hop.account, (hop.host,), hop.key, write)


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
        program, batch=cluster.batch, spool=cluster.spool, path=cluster.path, variables=cluster.environment,
        cluster=cluster.batch_options.get("cluster"),
    )  # fmt: skip


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
