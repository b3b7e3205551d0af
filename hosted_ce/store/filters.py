"""Which pilots are asked for, and by which index they are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import State
from hosted_ce.store.tables import attempts, pilots, tallies

LOOKED_AT = 10_000
"""So many pilots are looked at for one question at most."""
ESCAPE = "\\"
_COUNTED = ("entry", "factory", "route", "cluster", "vo", "account", "purpose")
_OWN_NAMES = {"factory_job": pilots.c.factory_job, "door_key": pilots.c.idempotency_key}
_PLURALS = {"state": "states", "outcome_class": "outcome_classes"}
_ATTEMPTS_NAMES = {"batch_id": attempts.c.batch_id, "stamp": attempts.c.stamp}


class Order(StrEnum):
    """In which order pilots are listed: the newest first, by when they came or by when they were over."""

    CREATED = "created"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which pilots: every field that is set narrows it. Times in seconds since the epoch."""

    states: Sequence[State] = ()
    route: str | None = None
    cluster: str | None = None
    owner: str | None = None
    batch_id: str | None = None
    """Of any of its attempts, as is the stamp."""
    factory_job: str | None = None
    entry: str | None = None
    factory: str | None = None
    vo: str | None = None
    account: str | None = None
    purpose: Purpose | None = None
    stamp: str | None = None
    door_key: str | None = None
    created_after: float | None = None
    created_before: float | None = None
    finished_after: float | None = None
    outcome_classes: Sequence[EndClass] = ()
    """Of its latest attempt."""
    reason: str | None = None
    """It has this text in it, in any case of ASCII letters."""


class Question:
    """A filter as conditions: `found_by` goes by an index, `checked` is looked at one by one."""

    def __init__(self, connection: sa.Connection, wanted: Filter, order: Order = Order.CREATED):
        self._connection, self._wanted = connection, wanted
        self.keys = [pilots.c.id] if order is Order.CREATED else [pilots.c.finished_at, pilots.c.id]
        self.found_by: list[sa.ColumnElement[bool]] = []
        self.checked = dict[str, sa.ColumnElement[bool]](_conditions(wanted))
        self.size: int | None = None
        """How many pilots `found_by` finds at most; None: not known."""
        self._choose(order)

    def of_kinds(self) -> list[sa.ColumnElement[bool]] | None:
        """The filter as conditions on kinds; None: there is more to it."""
        values = {field.name: getattr(self._wanted, field.name) for field in fields(self._wanted)}
        given = {name for name, value in values.items() if value not in (None, (), [])}
        return self._kinds(given) if given <= {*_COUNTED, "states"} else None

    def candidates(self, after: Sequence[Any] | None, limit: int) -> sa.Select[Any]:
        """The keys of the first pilots behind `after` that the index finds."""
        found_by = self.found_by or [pilots.c.id > 0]  # tells SQLite to go by id
        select = sa.select(*self.keys).where(*found_by)
        if after is not None:
            select = select.where(sa.tuple_(*self.keys) < sa.tuple_(*map(sa.literal, after)))
        return select.order_by(*(key.desc() for key in self.keys)).limit(limit)

    def _choose(self, order: Order) -> None:
        named = [name for name in (*_OWN_NAMES, *_ATTEMPTS_NAMES) if name in self.checked]
        if named:
            self._by(named[0])
        elif order is Order.FINISHED:
            self.found_by.append(pilots.c.finished_at.is_not(None))
            if "finished_after" in self.checked:
                self._by("finished_after")
        else:
            self._by_smallest()
            self._by_age()

    def _by(self, name: str) -> None:
        self.found_by.append(self.checked.pop(name))

    def _by_smallest(self) -> None:
        sizes = {name: self._number(self._kinds({name})) for name in self.checked if name in _COUNTED}
        if len(self._wanted.states) == 1:
            sizes["states"] = self._number(self._kinds({"states"}))
        best = min(sizes, key=lambda name: sizes[name], default=None)
        if len(self._wanted.outcome_classes) == 1 and (best is None or sizes[best] > LOOKED_AT):
            self._by("outcome_classes")  # how many have it is not kept
        elif best is not None:
            self.size = sizes[best]
            self._by(best)
        else:
            self.size = self._number([])

    def _by_age(self) -> None:
        """Ids ascend with time but for steps of the clock, hence bounds of ids are a good first guess."""
        after, before = self._wanted.created_after, self._wanted.created_before
        if after is not None:
            first = sa.select(sa.func.min(pilots.c.id)).where(pilots.c.created_at >= after)
            self.found_by.append(pilots.c.id >= first.scalar_subquery())
        if before is not None:
            last = sa.select(sa.func.max(pilots.c.id)).where(pilots.c.created_at <= before)
            self.found_by.append(pilots.c.id <= last.scalar_subquery())

    def _kinds(self, names: set[str]) -> list[sa.ColumnElement[bool]]:
        found = [tallies.c[name] == getattr(self._wanted, name) for name in _COUNTED if name in names]
        if "states" in names:
            found.append(tallies.c.state.in_([state.value for state in self._wanted.states]))
        return found

    def _number(self, conditions: list[sa.ColumnElement[bool]]) -> int:
        return self._connection.scalar(sa.select(sa.func.sum(tallies.c.number)).where(*conditions)) or 0


def _conditions(wanted: Filter) -> dict[str, sa.ColumnElement[bool]]:
    found: dict[str, sa.ColumnElement[bool]] = {}
    for name, words in (("state", wanted.states), ("outcome_class", wanted.outcome_classes)):
        if words:
            found[_PLURALS[name]] = _one_of(pilots.c[name], [word.value for word in words])
    for name in (*_COUNTED, "owner"):
        if (value := getattr(wanted, name)) is not None:
            found[name] = pilots.c[name] == value
    if wanted.purpose not in (None, Purpose.PILOT):  # the index has these alone, and wants to be told so
        found["purpose"] &= pilots.c.purpose != sa.literal_column(f"'{Purpose.PILOT}'")
    for name, column in _OWN_NAMES.items():
        if (value := getattr(wanted, name)) is not None:
            found[name] = column == value
    for name, column in _ATTEMPTS_NAMES.items():
        if (value := getattr(wanted, name)) is not None:
            found[name] = pilots.c.id.in_(sa.select(attempts.c.pilot_id).where(column == value))
    return found | _times(wanted) | _words(wanted)


def _one_of(column: sa.Column[Any], values: list[str]) -> sa.ColumnElement[bool]:
    return column == values[0] if len(values) == 1 else column.in_(values)


def _times(wanted: Filter) -> dict[str, sa.ColumnElement[bool]]:
    found: dict[str, sa.ColumnElement[bool]] = {}
    if wanted.created_after is not None:
        found["created_after"] = pilots.c.created_at >= wanted.created_after
    if wanted.created_before is not None:
        found["created_before"] = pilots.c.created_at <= wanted.created_before
    if wanted.finished_after is not None:
        found["finished_after"] = pilots.c.finished_at >= wanted.finished_after
    return found


def _words(wanted: Filter) -> dict[str, sa.ColumnElement[bool]]:
    if wanted.reason is None:
        return {}
    text = sa.type_coerce(pilots.c.reason, sa.Text)
    return {"reason": text.icontains(wanted.reason, autoescape=True, escape=ESCAPE)}
