"""Edits of the queue: what is to be set in which jobs, and how many of them make one call. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum

Value = str | int | float | bool


class Undefined(Enum):
    """ClassAd's undefined: the job is to look as if it had no such attribute."""

    UNDEFINED = "undefined"


UNDEFINED = Undefined.UNDEFINED


class Order(IntEnum):
    """Edits are made in this order, so that one that was cut short has told nothing false."""

    FACTS = 0
    """What there is to know, before the status says so."""
    STATUS = 1
    HOLD_CODE = 2
    """The schedd counts a hold when its code is set, so not before the job is held."""
    DEALT_WITH = 3
    FINISHED = 4
    GIVEN_BACK = 5
    """The manager lets go of the job: the last of all."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Sets an attribute of one job. With a `guard`, only if that ClassAd expression is true of it then."""

    job: str
    attribute: str
    value: Value | Undefined
    order: Order = Order.FACTS
    guard: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the schedd: sets an attribute of some jobs to one value. `value` is a ClassAd literal."""

    jobs: tuple[str, ...]
    attribute: str
    value: str
    guard: str | None = None

    @property
    def constraint(self) -> str:
        """Selects the jobs that it is for, and of them those that the guard lets through."""
        chosen = jobs_constraint(self.jobs)
        return f"({chosen}) && ({self.guard})" if self.guard else chosen


def grouped(edits: Iterable[Edit]) -> list[Call]:
    """As few calls as can be, in the edits' order: a call costs about a millisecond, whatever its size."""
    groups: defaultdict[tuple[Order, str, str, str], list[str]] = defaultdict(list)
    for edit in edits:
        groups[edit.order, edit.attribute, literal(edit.value), edit.guard or ""].append(edit.job)
    return [
        Call(tuple(jobs), attribute, value, guard or None)
        for (_, attribute, value, guard), jobs in sorted(groups.items(), key=lambda group: group[0][0])
    ]


def jobs_constraint(jobs: Sequence[str]) -> str:
    """Selects these jobs."""
    return " || ".join(_in_process(process, ids) for process, ids in _by_process(jobs))


def literal(value: Value | Undefined) -> str:
    """The value as a ClassAd literal, in the syntax of the schedd's queue."""
    if isinstance(value, Undefined):
        return value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + "".join(_escaped(character) for character in value) + '"'
    return repr(value) if math.isfinite(value) else f'real("{value}")'


def _escaped(character: str) -> str:
    """The queue is written in lines of old ClassAd syntax, which has no way to spell a final backslash."""
    if character == '"':
        return '\\"'
    if character == "\\":
        return "/"
    return character if character.isprintable() else " "


def _by_process(jobs: Sequence[str]) -> Iterable[tuple[str, list[str]]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for job in jobs:
        cluster, _, process = job.partition(".")
        found[process].append(cluster)
    return found.items()


def _in_process(process: str, clusters: list[str]) -> str:
    if len(clusters) == 1:
        return f"(ClusterId == {clusters[0]} && ProcId == {process})"
    return f"(ProcId == {process} && member(ClusterId, {{{', '.join(clusters)}}}))"
