"""The agent as one file that a site's administrator installs, for a forced command in authorized_keys.

The same program that is otherwise sent, with a guard: agent/guard.py. A connection by such a key starts it,
whatever was asked for; it reads the agent that we send and runs it not.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

from bosco.link import AGENT_FILES, GUARD_FILES, joined_source
from bosco.look import SCRIPT

INSTALLED_FILES = (*AGENT_FILES[:-1], *GUARD_FILES, AGENT_FILES[-1])
TEXTS = (("bosco.batch", "pbs/submit.sh"), ("bosco.batch", "slurm/porter.sh"), ("bosco", SCRIPT))
"""Texts of ours that are run at the login node. An installed agent knows them by their checksums."""
PYTHON = "/usr/bin/python3"
FLAGS = "-IS"
"""Neither the account's environment nor its packages matter."""
RESTRICT = "restrict"
"""sshd's word for: no pty, no forwarding of anything, no user rc."""


def agent_program() -> str:
    """The program's text. The same CE version always makes the same."""
    code = joined_source(INSTALLED_FILES).decode()
    about = _checksum((code + "".join(_CHECKSUMS)).encode())[:12]
    lines = ",\n".join(f'    "{text}"' for text in _CHECKSUMS)
    return (
        f"#!{PYTHON} {FLAGS}\n# hosted_ce agent {about}. Install it where the account cannot change it:\n"
        f"#     install -o root -m 755 hosted-ce-agent /usr/local/libexec/\n{code}\n\n"
        f'main(guard(sys.argv[1:], {{\n{lines}\n}}, "{about}"))\n'
    )


@cache
def program_id() -> str:
    """By what an installed agent of this version knows itself."""
    return agent_program().split("hosted_ce agent ", 1)[1][:12]


def forced_command(
    program: str, *, batch: str, spool: str, path: Sequence[str] = (),
    variables: Mapping[str, str] | None = None, cluster: str | None = None, python: str = PYTHON,
) -> str:  # fmt: skip
    """What sshd is to run instead of anything that is asked for; its words are for the account's shell."""
    words = [python, FLAGS, program, "--batch", batch, "--spool", spool]
    if cluster:
        words += ["--cluster", cluster]
    for folder in path:
        words += ["--path", folder]
    for name, value in (variables or {}).items():
        words += ["--set", f"{name}={value}"]
    return " ".join(word if word.startswith("~/") and _plain(word) else shlex.quote(word) for word in words)


def authorized_keys_line(
    public_key: str, *, command: str | None = None, addresses: Sequence[str] = (), through: Sequence[str] = ()
) -> str:
    """The line for the site: this key, from these addresses only, for this command only.

    `through`: it may forward connections to these (`host:port`) and to nothing else, as at a jump host.

    Raises ValueError for what cannot be in one: a line break, or a comma in an address.
    """
    if any(set(word) & set(', "\n') for word in (*addresses, *through)) or "\n" in public_key.strip():
        raise ValueError("an address has a comma, a space or a quote in it, or the key is not one line")
    options = [RESTRICT, *(["port-forwarding", 'permitlisten="localhost:1"'] if through else [])]
    options += [f'permitopen="{place}"' for place in through]
    if addresses:
        options.append(f'from="{",".join(addresses)}"')
    if command:
        quoted = command.replace('"', '\\"')
        options.append(f'command="{quoted}"')
    return f"{','.join(options)} {public_key.strip()}"


def _plain(word: str) -> bool:
    return shlex.quote(word[2:]) == word[2:]


def _checksum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


_CHECKSUMS = [_checksum(resources.files(place).joinpath(name).read_bytes()) for place, name in TEXTS]
