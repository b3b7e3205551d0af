"""What is written down about nodes."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from hosted_ce.pilots.avoidance import Avoidance
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.nodes import WINDOW_S, Ended
from hosted_ce.store.database import Database
from hosted_ce.store.nodes import KEPT_S, NodeStore
from hosted_ce.store.tables import attempts, pilots

FIRST = Avoidance("main", "n1", 100.0, 200.0, "rest:me", "why\0")


async def test_avoidances_are_kept_with_their_ends(database: Database) -> None:
    store, second = NodeStore(database), Avoidance("main", "n2", 150.0, 900.0, "engine")
    await store.write([FIRST, second])
    assert await store.since(199.0) == [replace(FIRST, reason="why\\x00"), second]
    assert await store.since(200.0) == [second]
    ended = replace(second, ended_at=300.0, ended_by="rest:you")
    await store.write([], [ended])
    assert (await store.since(299.0), await store.since(300.0)) == ([ended], [])
    assert [one.node for one in await store.latest(1)] == ["n2"]


async def test_old_ones_are_forgotten(database: Database) -> None:
    store = NodeStore(database)
    await store.write([FIRST])
    new = replace(FIRST, since=200.0 + KEPT_S + 1, until=200.0 + KEPT_S + 2, reason=None)
    await store.write([new])
    assert await store.latest(9) == [new]


async def test_ends_of_the_last_hours_are_told_oldest_first(database: Database) -> None:
    rows = [
        ("n1", 5.0, "no_cvmfs", 4.0, 9.0), ("n1", WINDOW_S, "no_cvmfs", 10.0, 40.0),
        ("n2", 99.0, "normal", None, 50.0),
        (None, 99.0, "normal", 1.0, 2.0), ("n3", 99.0, None, 1.0, 2.0), ("n3", None, None, 1.0, None),
    ]  # fmt: skip
    texts = dict.fromkeys(("state", "stage", "goal", "door", "owner", "request_digest"), "test")
    numbers = dict.fromkeys(("version", "attempt", "created_at", "changed_at", "next_attempt_at"), 0)
    of_it = {"pilot_id": 1, "route": "r", "cluster": "main", "request": {}, "created_at": 0}
    names = ("node", "closed_at", "outcome_class", "started_at", "ended_at")

    def work(connection: sa.Connection) -> None:
        connection.execute(sa.insert(pilots).values(id=1, spec={}, **texts, **numbers))
        for number, row in enumerate(rows):
            values = {**of_it, **dict(zip(names, row, strict=True)), "number": number, "stamp": f"s{number}"}
            connection.execute(sa.insert(attempts).values(values))

    await database.write(work)
    assert await NodeStore(database).ends(WINDOW_S + 50) == [
        ("main", "n2", Ended(99.0, EndClass.NORMAL, None)),
        ("main", "n1", Ended(WINDOW_S, EndClass.NO_CVMFS, 30.0)),
    ]
