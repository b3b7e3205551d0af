"""Pins the host keys on the way: those that the site told, or that a person has compared."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from hosted_ce.cli.errors import CliError
from hosted_ce.cli.printing import note
from hosted_ce.cli.site.init.person import Person
from hosted_ce.cli.whole_files import write_whole
from hosted_ce.cli.words import spelled
from hosted_ce.first_contact.errors import Unreached
from hosted_ce.first_contact.host_keys import HostKey
from hosted_ce.first_contact.trust import Host, keys_of
from hosted_ce.site_init.kinds import split_login
from hosted_ce.site_init.pinned import contradicted, unpinned

NEWLINE = "\n"
SSH_PORT = 22


def pin_host_keys(
    path: Path,
    logins: Sequence[str],
    given: Sequence[str],
    person: Person | None,
    jumps: Sequence[Host] = (),
) -> str:
    """Adds what may be pinned to the known_hosts file; returns its text.

    `jumps` are the jump hosts before the `logins`: each is looked at, and pinned, before what is behind it.

    `given` are the fingerprints that the site told. Without them a key is pinned only if the person says that
    it is the site's; without a person the nodes are not looked at. A key that is pinned already and is not
    what the site told stays, and is told: the CE may be using it.
    """
    for number, jump in enumerate(jumps):
        host = replace(jump, via=tuple(jumps[:number]))
        _pin(path, {_written(host): host}, given, person)
    hosts = {login: _node(login, path, jumps) for login in logins}
    return _pin(path, hosts, given, person)


def _pin(path: Path, hosts: Mapping[str, Host], given: Sequence[str], person: Person | None) -> str:
    """What is behind the same jump hosts: all of them at once."""
    text = read_known_hosts(path)
    for login, numbers in contradicted(text, list(hosts), given).items():
        note(_contradiction(path, login, numbers))
    to_do = unpinned(text, list(hosts))
    if not to_do or not (given or person):
        return text
    if person:
        person.tell("")
        person.tell(f"Looking at the host keys of {', '.join(to_do)}.")
    for login, found in zip(to_do, asyncio.run(_scan([hosts[each] for each in to_do])), strict=True):
        if isinstance(found, Unreached):
            note(spelled(f"the host keys of {login} cannot be looked at yet: {found}"))
        elif accepted := _accepted(login, found, given, person):
            lines = "".join(f"{key.line}\n" for key in accepted)
            text = f"{text}{'' if not text or text.endswith(NEWLINE) else NEWLINE}{lines}"
            write_whole({path: text}, force=True)
            note(f"pinned {len(accepted)} host key{'s' if len(accepted) > 1 else ''} of {login} in {path}")
    return text


def _node(login: str, known_hosts: Path, jumps: Sequence[Host]) -> Host:
    """To look at its keys nobody logs in there, but at the jump hosts."""
    return Host(*split_login(login), account="", key=known_hosts, known_hosts=known_hosts, via=tuple(jumps))


def _written(host: Host) -> str:
    return host.host if host.port == SSH_PORT else f"{host.host}:{host.port}"


def _contradiction(path: Path, login: str, lines: Sequence[int]) -> str:
    what = f"line {' and line '.join(map(str, lines))}" if lines else f"the entry of {login}"
    return (
        f"NOT what the site told: {path} has another host key of {login}. Ask the site once more; if its "
        f"fingerprint is right, remove {what} of {path}, and run this again"
    )


def read_known_hosts(path: Path) -> str:
    """Its text; nothing where there is no such file."""
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise CliError(f"{path} cannot be read: {error.strerror}") from error


async def _scan(hosts: Sequence[Host]) -> Sequence[list[HostKey] | Unreached]:
    return await asyncio.gather(*(_scan_one(host) for host in hosts))


async def _scan_one(host: Host) -> list[HostKey] | Unreached:
    try:
        return await keys_of(host)
    except Unreached as error:
        return error


def _accepted(login: str, shown: list[HostKey], given: Sequence[str], person: Person | None) -> list[HostKey]:
    lines = [f"{key.fingerprint} ({key.kind})" for key in shown]
    if not given:
        return shown if person and _compared(login, lines, person) else []
    proven = [key for key in shown if key.fingerprint in given]
    if not proven:
        note(f"NOT pinned: {login} has none of the host keys that the site told. Ask before you go on:")
        for line in lines:
            note(f"    {line}")
    return proven


def _compared(login: str, lines: Sequence[str], person: Person) -> bool:
    person.tell(f"{login} shows these host keys. They prove nothing before the site has confirmed them:")
    for line in lines:
        person.tell(line, mark="    ")
    return person.agrees(f"Has the site confirmed that these are the keys of {login}?")
