"""Pins the login nodes' host keys: those that the site told, or that a person has compared."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from hosted_ce.cli.errors import CliError
from hosted_ce.cli.init.person import Person
from hosted_ce.cli.printing import note
from hosted_ce.cli.whole_files import write_whole
from hosted_ce.cli.words import spelled
from hosted_ce.first_contact.errors import Unreached
from hosted_ce.first_contact.host_keys import HostKey, scan
from hosted_ce.site_init.kinds import split_login
from hosted_ce.site_init.pinned import contradicted, unpinned

TIMEOUT_S = 10.0
"""For all keys of one node."""

NEWLINE = "\n"


def pin_host_keys(path: Path, logins: Sequence[str], given: Sequence[str], person: Person | None) -> str:
    """Adds what may be pinned to the known_hosts file; returns its text.

    `given` are the fingerprints that the site told. Without them a key is pinned only if the person says that
    it is the site's; without a person the nodes are not looked at. A key that is pinned already and is not
    what the site told stays, and is told: the CE may be using it.
    """
    text = read_known_hosts(path)
    for login, numbers in contradicted(text, logins, given).items():
        note(_contradiction(path, login, numbers))
    to_do = unpinned(text, logins)
    if not to_do or not (given or person):
        return text
    if person:
        person.tell("")
        person.tell(f"Looking at the host keys of {', '.join(to_do)}.")
    for login, found in zip(to_do, asyncio.run(_scan(to_do)), strict=True):
        if isinstance(found, Unreached):
            note(spelled(f"the host keys of {login} cannot be looked at yet: {found}"))
        elif accepted := _accepted(login, found, given, person):
            lines = "".join(f"{key.line}\n" for key in accepted)
            text = f"{text}{'' if not text or text.endswith(NEWLINE) else NEWLINE}{lines}"
            write_whole({path: text}, force=True)
            note(f"pinned {len(accepted)} host key{'s' if len(accepted) > 1 else ''} of {login} in {path}")
    return text


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


async def _scan(logins: Sequence[str]) -> Sequence[list[HostKey] | Unreached]:
    return await asyncio.gather(*(_scan_one(*split_login(login)) for login in logins))


async def _scan_one(host: str, port: int) -> list[HostKey] | Unreached:
    try:
        return await scan(host, port, timeout=TIMEOUT_S)
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
