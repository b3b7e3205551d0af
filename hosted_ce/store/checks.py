"""Runs of checks as they are written down: what each found, and what is known of before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa

from hosted_ce.checks.result import Result
from hosted_ce.checks.run import Asked, Known, Run, RunState, Worse
from hosted_ce.checks.verdict import Verdict
from hosted_ce.redaction import redacted
from hosted_ce.store.database import Database
from hosted_ce.store.tables import check_results as results
from hosted_ce.store.tables import check_runs as runs

KEPT = 100
"""Runs of each cluster; older ones are forgotten."""
NODE_RAN = "WN-6"
"""The check that a job ran on a node."""
STOPPED = "the CE was stopped before it got to its end"


class CheckStore:
    """Times in seconds since the epoch."""

    def __init__(self, database: Database):
        self._database = database

    async def interrupt(self, at: float) -> None:
        """Those that ran when the CE was stopped will not go on."""
        change = sa.update(runs).where(runs.c.state == RunState.RUNNING.value)
        values = {"state": RunState.INTERRUPTED.value, "ended_at": at, "problem": STOPPED}
        await self._database.write(lambda connection: connection.execute(change.values(values)))

    async def begin(self, cluster: str, asked: Asked, actor: str, at: float) -> Run:
        """A new run; the oldest one of the cluster is forgotten if there are too many."""
        values = {
            "cluster": cluster, "state": RunState.RUNNING.value, "asked": asked.written(), "actor": actor,
            "begun_at": at, "worse": [],
        }  # fmt: skip

        def work(connection: sa.Connection) -> int:
            [made] = connection.execute(sa.insert(runs), values).inserted_primary_key or [0]
            _forget(connection, cluster)
            return int(made)

        return Run(await self._database.write(work), cluster, RunState.RUNNING, asked, actor, at)

    async def save(self, run_id: int, found: Sequence[Result]) -> None:
        """What is known now takes the place of what was known before."""
        await self._database.write(lambda connection: _replace(connection, run_id, found))

    async def end(self, run: Run) -> None:
        """It has ended, with these results."""
        values = {
            "state": run.state.value, "ended_at": run.ended_at, "problem": run.problem,
            "worse": [asdict(each) | {"seen": redacted(each.seen)} for each in run.worse],
        }  # fmt: skip

        def work(connection: sa.Connection) -> None:
            _replace(connection, run.id, run.results or ())
            connection.execute(sa.update(runs).where(runs.c.id == run.id).values(values))

        await self._database.write(work)

    async def get(self, run_id: int) -> Run | None:
        """One with its results; None: it is not known, or not any more."""
        select = sa.select(runs).where(runs.c.id == run_id)
        found = sa.select(results).where(results.c.run_id == run_id).order_by(results.c.number)

        def work(connection: sa.Connection) -> Run | None:
            row = connection.execute(select).first()
            if row is None:
                return None
            own = tuple(_result(each) for each in connection.execute(found))
            return replace(_run(row, Counter(each.verdict.value for each in own)), results=own)

        return await self._database.read(work)

    async def latest(self, limit: int, cluster: str | None = None) -> list[Run]:
        """The newest ones, without their results."""
        select = sa.select(runs).order_by(runs.c.id.desc()).limit(limit)
        if cluster is not None:
            select = select.where(runs.c.cluster == cluster)

        def work(connection: sa.Connection) -> list[Run]:
            found = connection.execute(select).all()
            counts = _counts(connection, [row.id for row in found])
            return [_run(row, counts.get(row.id, Counter())) for row in found]

        return await self._database.read(work)

    async def looked_at(self, cluster: str) -> dict[str, float]:
        """The number of the last run that looked at each worker node."""
        select = (
            sa.select(results.c.place, sa.func.max(results.c.run_id))
            .join(runs, runs.c.id == results.c.run_id)
            .where(runs.c.cluster == cluster, results.c.check_id == NODE_RAN)
            .where(results.c.verdict != Verdict.SKIPPED.value, results.c.place.is_not(None))
            .group_by(results.c.place)
        )
        rows = await self._database.read(lambda connection: connection.execute(select).all())
        return {place: float(number) for place, number in rows}

    async def known(self, cluster: str, before: int) -> Known:
        """What was last known of each check and place in runs before this one."""
        newest = (
            sa.select(sa.func.max(results.c.run_id).label("run_id"), results.c.check_id, results.c.place)
            .join(runs, runs.c.id == results.c.run_id)
            .where(
                runs.c.cluster == cluster,
                results.c.run_id < before,
                results.c.verdict != Verdict.SKIPPED.value,
            )
            .group_by(results.c.check_id, results.c.place)
            .subquery()
        )
        same_place = sa.func.coalesce(results.c.place, "") == sa.func.coalesce(newest.c.place, "")
        select = sa.select(results.c.check_id, results.c.place, results.c.verdict).join(
            newest,
            sa.and_(results.c.run_id == newest.c.run_id, results.c.check_id == newest.c.check_id, same_place),
        )
        rows = await self._database.read(lambda connection: connection.execute(select).all())
        return {(row.check_id, row.place): Verdict(row.verdict) for row in rows}


def _forget(connection: sa.Connection, cluster: str) -> None:
    select = sa.select(runs.c.id).where(runs.c.cluster == cluster).order_by(runs.c.id.desc()).offset(KEPT)
    if old := connection.execute(select.limit(KEPT)).scalars().all():
        connection.execute(sa.delete(results).where(results.c.run_id.in_(old)))
        connection.execute(sa.delete(runs).where(runs.c.id.in_(old)))


def _replace(connection: sa.Connection, run_id: int, found: Sequence[Result]) -> None:
    connection.execute(sa.delete(results).where(results.c.run_id == run_id))
    rows = [
        {
            "run_id": run_id, "number": number, "check_id": each.check, "place": each.where,
            "verdict": each.verdict.value, "seen": each.seen, "data": _masked(dict(each.data)),
        }
        for number, each in enumerate(found)
    ]  # fmt: skip
    if rows:
        connection.execute(sa.insert(results), rows)


def _masked(data: Any) -> Any:
    """What looks like a secret is masked, as in all texts of others that are stored."""
    if isinstance(data, str):
        return redacted(data)
    if isinstance(data, dict):
        return {name: _masked(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_masked(value) for value in data]
    return data


def _counts(connection: sa.Connection, ids: Sequence[int]) -> dict[int, Counter[str]]:
    select = (
        sa.select(results.c.run_id, results.c.verdict, sa.func.count())
        .where(results.c.run_id.in_(ids))
        .group_by(results.c.run_id, results.c.verdict)
    )
    found: dict[int, Counter[str]] = {}
    for run_id, verdict, number in connection.execute(select):
        found.setdefault(run_id, Counter())[verdict] = number
    return found


def _run(row: sa.Row[Any], counts: Counter[str]) -> Run:
    worse = tuple(
        Worse(each["check"], each["where"], Verdict(each["before"]), Verdict(each["after"]), each["seen"])
        for each in row.worse
    )
    return Run(
        row.id, row.cluster, RunState(row.state), Asked.read(row.asked), row.actor, row.begun_at,
        row.ended_at, row.problem, {verdict.value: counts[verdict.value] for verdict in Verdict}, worse=worse,
    )  # fmt: skip


def _result(row: sa.Row[Any]) -> Result:
    return Result(row.check_id, Verdict(row.verdict), row.seen, row.place, row.data)
