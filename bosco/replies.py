"""Reads what an agent answers. A login node that is broken, or means us ill, may answer anything.

What is not of the kind that was asked for is Interrupted: it may have been done, and nobody told us.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from bosco.errors import Interrupted

SHOWN = 80
LARGEST = 2**53
LATEST = 2**40
"""Seconds: no clock shows more."""
_RECORD = {"rc": int, "timed_out": bool, "stdout": str, "stderr": str}
_TASK = re.compile(r"[A-Za-z0-9_.\[\]-]{0,16}\Z")
_EVIDENCE = ("claimed", "record", "start", "exit")
T = TypeVar("T")


def told(header: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """The value of that name. Raises Interrupted when it is of another kind, or not there."""
    value = header.get(name)
    if isinstance(value, kind) and _is(value, kind):
        return value
    raise Interrupted(f"the agent's answer makes no sense: its {name} is {repr(value)[:SHOWN]}")


def told_or_none(header: Mapping[str, Any], name: str, kind: type[T]) -> T | None:
    """The same; None where it is null or not there."""
    return None if header.get(name) is None else told(header, name, kind)


def told_texts(header: Mapping[str, Any], name: str) -> list[str]:
    """The list of texts of that name."""
    found = told(header, name, list)
    if not all(isinstance(each, str) for each in found):
        raise Interrupted(f"the agent's answer makes no sense: its {name} are not all texts")
    return found


def told_size(header: Mapping[str, Any]) -> int | None:
    """The bytes that a file has; None: there is none."""
    size = told_or_none(header, "size", int)
    if size is not None and not 0 <= size < LARGEST:
        raise Interrupted(f"the agent's answer makes no sense: a file of {repr(size)[:SHOWN]} bytes")
    return size


def told_time(header: Mapping[str, Any], name: str) -> float:
    """The number of seconds of that name."""
    value = header.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < LATEST:
        return float(value)
    raise Interrupted(f"the agent's answer makes no sense: its {name} is {repr(value)[:SHOWN]}")


def told_evidence(body: bytes) -> dict[str, Mapping[str, Any]]:
    """What was said of each stamp, by stamp."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Interrupted("the agent's answer makes no sense: its evidence is no JSON") from error
    if not isinstance(found, dict) or not all(map(_is_evidence, found.values())):
        raise Interrupted("the agent's answer makes no sense: its evidence has another form")
    return found


def record_of(said: object) -> Mapping[str, Any] | None:
    """An entry of the ledger; None: there is none, or it is not one that an agent writes.

    Every job of the account can write into it. What it does not say in our form is not on record.
    """
    if not isinstance(said, dict):
        return None
    if said.get("revoked") is True:
        return said
    usual = all(_is(said.get(name), kind) for name, kind in _RECORD.items())
    task = said.get("task", "")
    if "tasks" in said:  # of many, as an agent has it that does not know how to tell one of them
        return None
    return said if usual and isinstance(task, str) and _TASK.match(task) else None


def _is_evidence(said: object) -> bool:
    return (
        isinstance(said, dict)
        and all(name in said for name in _EVIDENCE)
        and all(said[name] is None or isinstance(said[name], str) for name in ("start", "exit"))
    )


def _is(value: object, kind: type) -> bool:
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))
