"""Writes new pilots down, once for each key of their owner: one, or many of one owner with few statements.

`asked` is the HTTP request, by its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from hosted_ce.pilots.origin import entry_of, factory_of
from hosted_ce.pilots.pilot import Event, Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.store.changes import event_rows, record_events
from hosted_ce.store.rows import pilot_of, select_pilots
from hosted_ce.store.tables import pilots
from hosted_ce.store.tallies import count_new

AT_ONCE = 500
"""So many keys or rows are in one statement."""
REQUEST_ID = "request_id"
"""In the data of an event: the HTTP request that asked for it, as log lines name it."""
_KNOWN = sa.select(pilots.c.idempotency_key, pilots.c.id, pilots.c.request_digest).where(
    pilots.c.owner == sa.bindparam("owner"),
    pilots.c.idempotency_key.in_(sa.bindparam("keys", expanding=True)),
)
_INSERT = sa.insert(pilots)
_THESE = select_pilots().where(pilots.c.id.in_(sa.bindparam("ids", expanding=True)))


class KeyReused(Exception):
    """The idempotency key was used before for another request."""

    def __init__(self, key: str, pilot_id: int):
        super().__init__(
            f"the idempotency key {key!r} belongs to pilot {pilot_id}, which was asked for with other "
            "contents; use a new key for a new pilot"
        )
        self.pilot_id = pilot_id


@dataclass(frozen=True, slots=True)
class NewPilot:
    """A pilot request as a front door accepted it. `digest` tells equal requests from others."""

    spec: dict[str, Any]
    door: str
    owner: str
    digest: str
    idempotency_key: str | None = None
    account: str | None = None
    factory_job: str | None = None
    door_open: bool = False
    door_holds: int = 0
    purpose: Purpose = Purpose.PILOT


def add_each(
    connection: sa.Connection, arrivals: Sequence[tuple[NewPilot, str | None]], now: float
) -> list[tuple[Pilot, bool]]:
    """As `add_pilot` does with each of them, in their order, with as few statements as can be."""
    found = list[tuple[Pilot, bool]]()
    for some in _together(arrivals):
        if len(some) == 1:
            found.append(add_pilot(connection, *some[0], now))
        else:
            new, asked = zip(*some, strict=True)
            found += add_pilots(connection, new, asked, now)
    return found


def _together(
    arrivals: Iterable[tuple[NewPilot, str | None]],
) -> Iterator[list[tuple[NewPilot, str | None]]]:
    """Neighbours of one owner at one door, as long as each has a key, and another one."""
    some, keys = list[tuple[NewPilot, str | None]](), set[str]()
    for new, asked in arrivals:
        key = new.idempotency_key
        alike = key and some and (new.owner, new.door) == (some[0][0].owner, some[0][0].door)
        if some and not (alike and keys and key not in keys):
            yield some
            some, keys = [], set()
        some.append((new, asked))
        keys |= {key} if key else set()
    if some:
        yield some


def add_pilot(connection: sa.Connection, new: NewPilot, asked: str | None, now: float) -> tuple[Pilot, bool]:
    """Writes one down, unless its key is known; returns it, and whether it is new. Raises KeyReused."""
    if new.idempotency_key is not None and (known := _known(connection, [new])):
        return _as_they_are(connection, known)[new.idempotency_key], False
    values = _values(new, now)
    result = connection.execute(_INSERT, {**values, **_identity(new)})
    pilot_id = result.inserted_primary_key[0]  # type: ignore[index]
    pilot = Pilot(id=pilot_id, door_key=new.idempotency_key, **values)
    _record(connection, [pilot], [asked], now)
    return pilot, True


def add_pilots(
    connection: sa.Connection, new: Sequence[NewPilot], asked: Sequence[str | None], now: float
) -> list[tuple[Pilot, bool]]:
    """The same with many of one owner, each with a key of its own; in their order, all or none of them."""
    known = _known(connection, new)
    fresh = [each for each in new if each.idempotency_key not in known]
    by = [who for each, who in zip(new, asked, strict=True) if each.idempotency_key not in known]
    values = [_values(each, now) for each in fresh]
    rows = [{**each, **_identity(one)} for each, one in zip(values, fresh, strict=True)]
    for at in range(0, len(rows), AT_ONCE):
        connection.execute(_INSERT, rows[at : at + AT_ONCE])
    # The keys tell which id each got: asking for ids with the rows would insert them one by one.
    ids = {key: pilot_id for key, (pilot_id, _) in _ids(connection, fresh).items()}
    made = {
        one.idempotency_key: Pilot(id=ids[one.idempotency_key], door_key=one.idempotency_key, **each)
        for each, one in zip(values, fresh, strict=True)
    }
    _record(connection, list(made.values()), by, now)
    found = {**_as_they_are(connection, known), **made}
    return [(found[each.idempotency_key], each.idempotency_key in made) for each in new]


def _known(connection: sa.Connection, new: Sequence[NewPilot]) -> dict[str | None, int]:
    """The pilots that have these keys already. Raises KeyReused when one was asked for otherwise."""
    found = _ids(connection, new)
    for each in new:
        pilot_id, digest = found.get(each.idempotency_key, (0, each.digest))
        if digest != each.digest:
            raise KeyReused(str(each.idempotency_key), pilot_id)
    return {key: pilot_id for key, (pilot_id, _) in found.items()}


def _ids(connection: sa.Connection, new: Sequence[NewPilot]) -> dict[str | None, tuple[int, str]]:
    found: dict[str | None, tuple[int, str]] = {}
    for some in _parts(new):
        asked = {"owner": some[0].owner, "keys": [each.idempotency_key for each in some]}
        found |= {key: (pilot_id, digest) for key, pilot_id, digest in connection.execute(_KNOWN, asked)}
    return found


def _as_they_are(connection: sa.Connection, known: Mapping[str | None, int]) -> dict[str | None, Pilot]:
    pilot_ids, found = list(known.values()), dict[str | None, Pilot]()
    for at in range(0, len(pilot_ids), AT_ONCE):
        rows = connection.execute(_THESE, {"ids": pilot_ids[at : at + AT_ONCE]})
        found |= {pilot.door_key: pilot for pilot in map(pilot_of, rows)}
    return found


def _parts(new: Sequence[NewPilot]) -> Iterable[Sequence[NewPilot]]:
    return (new[at : at + AT_ONCE] for at in range(0, len(new), AT_ONCE))


def _values(new: NewPilot, now: float) -> dict[str, Any]:
    attributes = new.spec.get("attributes", {})
    return {
        "version": 1, "state": State.IDLE, "stage": Stage.WAITING, "goal": Goal.RUN, "spec": new.spec,
        "door": new.door, "owner": new.owner, "created_at": now, "changed_at": now, "next_attempt_at": 0.0,
        "reason": "not routed yet", "account": new.account, "factory_job": new.factory_job,
        "door_open": new.door_open, "door_holds": new.door_holds,
        "entry": entry_of(attributes), "factory": factory_of(attributes), "purpose": new.purpose,
    }  # fmt: skip


def _identity(new: NewPilot) -> dict[str, Any]:
    return {"idempotency_key": new.idempotency_key, "request_digest": new.digest, "attempt": 0}


def _record(
    connection: sa.Connection, made: Sequence[Pilot], asked: Sequence[str | None], now: float
) -> None:
    """Counts them, and writes their first event down."""
    if not made:
        return
    count_new(connection, made, now)
    actor, rows = f"{made[0].door}:{made[0].owner}", list[dict[str, Any]]()
    for by, some in groupby(zip(made, asked, strict=True), lambda each: each[1]):
        received = Event("received", actor, data={REQUEST_ID: by} if by else {})
        rows += event_rows([pilot.id for pilot, _ in some], State.IDLE, received, now)
    record_events(connection, rows)
