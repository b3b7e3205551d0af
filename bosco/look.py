"""What a check sees at the login node beyond a probe: asked by one command, and read strictly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import resources
from typing import Any

from bosco.batch.answers import said
from bosco.batch.model import CommandResult
from bosco.batch.protocol import Command
from bosco.capabilities import LoginFacts

SCRIPT = "agent/look.py"
_SCRIPT = resources.files("bosco").joinpath(SCRIPT).read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Look:
    """The account at the login node. None: it does not tell, or there is no limit."""

    os: Mapping[str, str]
    """As in /etc/os-release."""
    kernel: str
    machine: str
    libc: str
    """Its name and version."""
    uid: int
    groups: tuple[str, ...]
    umask: int
    open_files: int | None
    processes: int | None
    tasks: int | None
    """Processes and threads that its control group may have."""
    memory: int | None
    """Bytes that its control group may have."""
    load: float
    cpus: int | None
    home_runs: bool | None
    """Whether a program in the home can be run; tried."""
    spool_runs: bool | None
    open_to_others: tuple[str, ...]
    """The spool and folders above it that others can write, with their modes."""
    locale_problem: str | None
    stamps: tuple[str, ...] | None
    """Names of the pilots' folders in the spool."""


def looking(login: LoginFacts) -> Command:
    """The command. It sees the account's own locale, not ours."""
    argv = (login.python, "-I", "-S", "-c", _SCRIPT, login.spool.path)
    return Command(argv, {"LC_ALL": "", **login.locale})


def looked(result: CommandResult) -> Look | str:
    """What it saw, or why that is not known."""
    try:
        found: dict[str, Any] = json.loads(
            result.stdout.decode("utf-8", "replace").strip().rpartition("\n")[2]
        )
        return Look(**{field.name: _read(str(field.type), found[field.name]) for field in fields(Look)})
    except (ValueError, KeyError, TypeError, RecursionError):
        return f"the look around the login node: {said(result)}"


def _read(kind: str, value: Any) -> Any:
    """A value of the kind of its field: the login node may say anything. Raises TypeError."""
    if value is None and kind.endswith(" | None"):
        return None
    kind = kind.removesuffix(" | None")
    if kind.startswith("tuple"):
        return tuple(_kind(each, str) for each in _kind(value, list))
    if kind.startswith("Mapping"):
        return {name: _kind(each, str) for name, each in _kind(value, dict).items()}
    return _kind(value, {"str": str, "int": int, "bool": bool, "float": float}[kind])


def _kind(value: Any, kind: type) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{value!r:.80} is of another kind")
    return value
