"""Lines that are about a whole transform: NAME, REQUIREMENTS, UNIVERSE and TRANSFORM.

HTCondor takes them out before it reads the rest, wherever they are: within `if false`, or in a here document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hosted_ce.routing.classad import ExpressionError
from hosted_ce.routing.htcondor.expressions import whole
from hosted_ce.routing.htcondor.lines import Line
from hosted_ce.routing.htcondor.steps import Requirements

_ENVELOPE = re.compile(r"\s*(name|requirements|universe|transform)\s+([^=:].*)", re.I | re.A | re.S)
_UNIVERSES = {
    "standard": 1, "pipe": 2, "linda": 3, "pvm": 4, "vanilla": 5, "pvmd": 6, "scheduler": 7, "mpi": 8,
    "grid": 9, "java": 10, "parallel": 11, "local": 12, "vm": 13,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Envelope:
    """What those lines say, and the lines that remain.

    The last REQUIREMENTS counts. `taken` are those lines, `unread` the lines behind TRANSFORM.
    """

    requirements: Requirements | None
    universe: int
    lines: tuple[Line, ...]
    taken: tuple[Line, ...]
    unread: tuple[Line, ...]


def open_envelope(lines: Sequence[Line]) -> Envelope:
    """Takes those lines out of a transform."""
    requirements, universe = None, 0
    kept: list[Line] = []
    taken: list[Line] = []
    for index, line in enumerate(lines):
        found = _ENVELOPE.match(line.text)
        if not found:
            kept.append(line)
            continue
        taken.append(line)
        match found[1].lower():
            case "requirements":
                requirements = _requirements(line, found[2])
            case "universe":
                universe = universe_number(found[2])
            case "transform":
                return Envelope(requirements, universe, tuple(kept), tuple(taken), tuple(lines[index + 1 :]))
    return Envelope(requirements, universe, tuple(kept), tuple(taken), ())


def _requirements(line: Line, text: str) -> Requirements:
    try:
        return Requirements(line.place, text, whole(text))
    except ExpressionError:
        return Requirements(line.place, text, None)


def universe_number(text: str) -> int:
    """A universe by number or name; 0 if it is none."""
    digits = re.match(r"\s*[+-]?\d{1,9}", text, re.ASCII)
    number = int(digits[0]) if digits else 0
    return number or _UNIVERSES.get(text.lower(), 0)
