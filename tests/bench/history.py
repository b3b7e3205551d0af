"""A year of roll-ups and contributions, and pilots that run now, for figures."""

from __future__ import annotations

import random

import sqlalchemy as sa

from hosted_ce.rollups.buckets import DAY_S, FINE, LEVELS, start_of
from hosted_ce.rollups.points import Amount, Key, Points, Series
from hosted_ce.rollups.shares import Share
from hosted_ce.store.rollups import OPEN_STATES, add_points, forget_old
from hosted_ce.store.tables import contributions

ROUTES = [f"r{number}" for number in range(10)]
CLASSES = ("normal", "never_claimed", "validation_failed", "walltime", "removed_by_factory")
VOS = [f"v{number}" for number in range(5)]
ENTRIES = [f"E{number}" for number in range(20)]

RUN = """
UPDATE pilots SET state = 'running', stage = 'running', cores = 8, created_at = :now - 90000
WHERE id IN (SELECT id FROM pilots ORDER BY id DESC LIMIT :live)
"""
STARTED = """
UPDATE attempts SET created_at = :now - 90000, submitted_at = :now - 80000,
  started_at = :now - pilot_id % 70000, request = '{"cpus": 8, "walltime_s": 259200}', granted = '{"cpus": 8}'
WHERE pilot_id IN (SELECT id FROM pilots WHERE stage = 'running')
"""
OVER = """
UPDATE attempts SET closed_at = created_at + 100
WHERE pilot_id IN (SELECT id FROM pilots WHERE stage = 'done')
"""
COUNTED = """
INSERT INTO tallies
SELECT coalesce(entry, ''), factory, route, cluster, vo, account, purpose, state, count(*), 0
FROM pilots GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""


def let_run(connection: sa.Connection, live: int, now: float) -> None:
    """The newest pilots run since a day at most, and nobody else does."""
    connection.execute(sa.text("UPDATE pilots SET state = 'completed', stage = 'done'"))
    connection.execute(sa.text(RUN), {"live": live, "now": now})
    for statement in (STARTED, OVER):
        connection.execute(sa.text(statement), {"now": now})
    connection.execute(sa.text("DELETE FROM tallies"))
    connection.execute(sa.text(COUNTED))


def bucket(start: int, dice: random.Random) -> Points:
    """What is written of one bucket: ten routes in use, with ends of every kind."""
    found = {Key(start, Series.WATCHED): Amount(300, 300)}
    for route in ROUTES:
        for state in OPEN_STATES:
            found[Key(start, Series.PILOTS, route, state)] = Amount(300 * dice.randrange(100), 300)
        found[Key(start, Series.CORES, route)] = Amount(300 * dice.randrange(800), 300)
        found[Key(start, Series.SUBMIT, route)] = Amount(dice.random() * 10, 5)
        found[Key(start, Series.WAIT, route)] = Amount(dice.random() * 1e5, 5)
        found[Key(start, Series.ENDED, route, dice.choice(CLASSES))] = Amount(1, 1)
    return found


def live_through(connection: sa.Connection, begin: float, end: float) -> int:
    """Writes every bucket of that time as the daemon does; how many there were."""
    dice, number = random.Random(1), 0
    for start in range(start_of(begin, FINE.width_s), start_of(end, FINE.width_s), FINE.width_s):
        add_points(connection, bucket(start, dice))
        forget_old(connection, start)
        number += 1
    return number


def fill_rollups(connection: sa.Connection, now: float) -> None:
    """What is there after a year, without living through it."""
    dice = random.Random(1)
    for level in LEVELS:
        rows = [
            {"width_s": level.width_s, **key._asdict(), "series": key.series.value, **amount._asdict()}
            for start in range(
                start_of(now - min(level.kept_s, 366 * DAY_S), level.width_s), int(now), level.width_s
            )
            for key, amount in bucket(start, dice).items()
        ]
        connection.execute(
            sa.text(
                "INSERT INTO rollups (width_s, series, start, route, kind, amount, weight)"
                " VALUES (:width_s, :series, :start, :route, :kind, :amount, :weight)"
            ),
            rows,
        )


def fill_contributions(connection: sa.Connection, now: float, days: int) -> int:
    """So many days, each with every VO and entry on two routes; how many rows that are."""
    share = Share(10, 1, 0, 1e6, 8e5, 0.0, 6e5, 8e5, 1e4, 2e4, 0.0, 4000.0, 10)._asdict()
    rows = [
        {"day": int(now // DAY_S) - day, "vo": vo, "route": route, "entry": entry, "cluster": "c", **share}
        for day in range(days) for vo in VOS for entry in ENTRIES for route in ROUTES[:2]
    ]  # fmt: skip
    connection.execute(sa.insert(contributions), rows)
    return len(rows)
