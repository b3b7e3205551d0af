"""Reads what the script printed: any bytes, cut anywhere, with anything else between its lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any

from hosted_ce.checks.node.report import NodeReport, Orphan

MOST_LINES = 500
_LINE = re.compile(rb"([a-z_]{1,32})(?:\.([A-Za-z0-9][A-Za-z0-9._-]{0,252}))? ?([ -~]{0,500})\r?\Z")
_WHOLE = re.compile(r"\d{1,18}\Z")
_DECIMAL = re.compile(r"\d{1,9}(\.\d{1,9})?\Z")
_MAPS = {"port": "ports", "dns": "names", "cvmfs": "repositories"}
_SETS = ("complete", "orphans", *_MAPS.values())


def parse(output: bytes, nonce: str) -> NodeReport | None:
    """What was found; None: none of the script's lines is there. A value that makes no sense is left out."""
    lines = list(_lines(output, f"@@{nonce} ".encode()))
    if not lines:
        return None
    found: dict[str, Any] = {plural: {} for plural in _MAPS.values()} | {"orphans": ()}
    for name, of, value in lines:
        if of:
            _into_map(found, name, of, value)
        elif name == "orphan":
            found["orphans"] += _orphan(value)
        elif name == "stale_kb" and (more := _whole(value)) is not None:
            found[name] = found.get(name, 0) + more
        elif (read := _READ.get(name)) and (known := read(value)) is not None:
            found[name] = known
    return NodeReport(complete=_complete(lines), **found)


def _lines(output: bytes, mark: bytes) -> Iterable[tuple[str, str, str]]:
    """Name, what it is of, value. What was printed before them on the same line is not theirs."""
    read = 0
    for line in output.split(b"\n"):
        at = line.rfind(mark)
        if at >= 0 and read < MOST_LINES and (match := _LINE.match(line[at + len(mark) :])):
            read += 1
            name, of, value = (part.decode("ascii") if part else "" for part in match.groups())
            yield name, of, value.strip()


def _complete(lines: list[tuple[str, str, str]]) -> bool:
    name, of, value = lines[-1]
    return (name, of) == ("end", "") and _whole(value) == len(lines) - 1


def _into_map(found: dict[str, Any], name: str, of: str, value: str) -> None:
    if name in _MAPS and value:
        found[_MAPS[name]][of] = value


def _orphan(value: str) -> tuple[Orphan, ...]:
    age, _, name = value.partition(" ")
    return (Orphan(name, int(age)),) if name and _WHOLE.match(age) else ()


def _whole(value: str) -> int | None:
    return int(value) if _WHOLE.match(value) else None


def _decimal(value: str) -> float | None:
    return float(value) if _DECIMAL.match(value) else None


def _text(value: str) -> str | None:
    return value or None


_BY_TYPE: Mapping[str, Callable[[str], Any]] = {
    "int | None": _whole, "float | None": _decimal, "str | None": _text,
}  # fmt: skip
_READ: Mapping[str, Callable[[str], Any]] = {
    each.name: _BY_TYPE[str(each.type)] for each in fields(NodeReport) if each.name not in _SETS
}
