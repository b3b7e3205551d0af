"""Asks a site what it is: the agent for the login node, the codec for the batch system."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from bosco.batch.protocol import BatchSystem, Dialogue
from bosco.capabilities import Capabilities, Folder, InstalledAgent, LoginFacts, Noise
from bosco.commands import Commands
from bosco.installed import program_id
from bosco.link import Link
from bosco.quota import COMMAND as QUOTA
from bosco.quota import quotas
from bosco.replies import told, told_or_none, told_time

COMMAND_TIMEOUT_S = 30.0
"""The longest that one command of a probe may take: it asks for little."""
SURVEY_TIMEOUT_S = 60.0
SESSION_TIMEOUT_S = 20.0
NOISE_SHOWN = 300
T = TypeVar("T")


async def probe(link: Link, batch: BatchSystem, commands: Commands) -> Capabilities:
    """All that the site tells. Raises what a link raises; what a command cannot tell is no error."""
    began = time.monotonic()
    brief = replace(commands, timeout=min(commands.timeout, COMMAND_TIMEOUT_S))
    login = await login_facts(link, batch, brief)
    facts, number = await brief.talk(link, _counted(batch.probe(login.user)))
    return Capabilities(batch.name, facts, login, number + 1, time.monotonic() - began)


def _counted(dialogue: Dialogue[T]) -> Dialogue[tuple[T, int]]:
    """The same, with the number of its commands."""
    number = 0
    try:
        command = next(dialogue)
        while True:
            number += 1
            command = dialogue.send((yield command))
    except StopIteration as end:
        return end.value, number


async def login_facts(link: Link, batch: BatchSystem, commands: Commands) -> LoginFacts:
    """What the login node tells. Raises what a link raises."""
    sent = time.time()
    header = {**commands.header((), {}), "tools": batch.tools}
    said = _readable((await link.call("survey", header, timeout=SURVEY_TIMEOUT_S)).header)
    came = time.time()
    began, ended = told_time(said, "began"), told_time(said, "ended")
    known: dict[str, Any] = {
        "quotas": quotas(await commands.run(link, QUOTA)),
        "sessions": await link.another_session(SESSION_TIMEOUT_S),
    }
    unknown = {name: value for name, value in known.items() if isinstance(value, str)}
    return LoginFacts(
        host=link.facts["host"],
        user=link.facts["user"],
        python=told(said, "python", str),
        python_version=link.facts["python"],
        tools=told(said, "tools", dict),
        home=_folder(told(said, "home", dict)),
        spool=_folder(told(said, "spool", dict)),
        locale=told(said, "locale", dict),
        # As NTP does it: the two ways are taken to be equally long.
        clock_offset_s=((began - sent) + (ended - came)) / 2,
        clock_error_s=max(0.0, ((came - sent) - (ended - began)) / 2),
        installed=_installed(link.facts.get("installed")),
        noise=Noise(link.noise_bytes, link.noise.decode("utf-8", "replace")[:NOISE_SHOWN]),
        **{name: value for name, value in known.items() if name not in unknown},
        unknown=unknown,
    )


def _installed(said: Mapping[str, str] | None) -> InstalledAgent | None:
    if not said:
        return None
    program = told(said, "program", str)
    return InstalledAgent(program, program == program_id())


def _folder(said: Mapping[str, Any]) -> Folder:
    return Folder(
        path=told(said, "path", str),
        writable=told_or_none(said, "writable", bool),
        read_only=told_or_none(said, "read_only", bool),
        noexec=told_or_none(said, "noexec", bool),
        free_bytes=told_or_none(said, "free_bytes", int),
        free_inodes=told_or_none(said, "free_inodes", int),
        problem=told_or_none(said, "problem", str),
    )


def _readable(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without bytes that are no text, as paths and variables may have them: it is to be shown and stored."""
    plain: Mapping[str, Any] = json.loads(json.dumps(said, ensure_ascii=False).encode("utf-8", "replace"))
    return plain
