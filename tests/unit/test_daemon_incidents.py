"""The watch over outages: what it writes, tells and counts, and that nothing is lost when it cannot write."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from hosted_ce.daemon.incidents.watch import IncidentWatch
from hosted_ce.incidents.cause import Cause
from hosted_ce.incidents.incident import Incident
from hosted_ce.incidents.signs import Sign
from hosted_ce.metric_groups.incidents import IncidentMetrics
from hosted_ce.store.database import Database
from hosted_ce.store.incidents import IncidentStore
from tests.fakes.clock import Clock
from tests.fakes.database import new_database, quick_folder

AFTER_S = 120.0
DOWN = Sign("main", Cause.LOGIN_UNREACHABLE, "no route; Authorization: Bearer abcdefghijklmnopqrstuvwx")
WELL = Sign("main", None)


class Watched:
    """A watch, and what it sees."""

    def __init__(self, store: IncidentStore):
        self.store, self.clock, self.rings = store, Clock(), 0
        self.signs: dict[str, Sign | None] = {"main": WELL}
        self.registry = CollectorRegistry()
        self.watch = IncidentWatch(
            store, self._signs, self._in_use, after_s=AFTER_S, now=self.clock,
            metrics=IncidentMetrics(self.registry), ring=self._ring,
        )  # fmt: skip

    async def _signs(self) -> dict[str, Sign | None]:
        return self.signs

    async def _in_use(self) -> dict[str, int]:
        return {"main": 12}

    def _ring(self) -> None:
        self.rings += 1

    async def see(self, sign: Sign | None, seconds: float = AFTER_S) -> None:
        """That for so long, in two looks."""
        self.signs["main"] = sign
        await self.watch.tick()
        self.clock.advance(seconds)
        await self.watch.tick()


@pytest.fixture
def folder() -> AsyncIterator[Path]:
    """An empty folder."""
    with quick_folder() as made:
        yield made


@pytest.fixture
async def watched(folder: Path) -> AsyncIterator[Watched]:
    """A watch over a new database."""
    database = Database(new_database(folder))
    try:
        yield Watched(IncidentStore(database))
    finally:
        await database.close()


async def test_an_outage_is_written_told_and_counted_and_so_is_its_end(watched: Watched) -> None:
    began = watched.clock()
    await watched.see(DOWN)
    [one] = watched.watch.open
    assert (one.id, one.began_at, one.told_at, one.pilots) == (1, began, began + AFTER_S, 12)
    assert "abcdefghijklmnop" not in one.said, "a secret that the site printed"
    assert await watched.store.open() == [one]
    gauge = {"place": "main", "cause": "login_unreachable"}
    name = "hosted_ce_incident_began_timestamp_seconds"
    assert watched.registry.get_sample_value(name, gauge) == began
    assert watched.registry.get_sample_value("hosted_ce_incidents_total", {"cause": gauge["cause"]}) == 1
    assert watched.rings == 1
    await watched.see(WELL)
    assert (watched.watch.open, await watched.store.open(), watched.rings) == ([], [], 2)
    assert watched.registry.get_sample_value(name, gauge) is None


async def test_after_a_restart_the_same_outage_goes_on_and_ends(watched: Watched) -> None:
    await watched.see(DOWN)
    again = Watched(watched.store)
    again.clock.advance(watched.clock() - again.clock())
    await again.watch.load()
    await again.see(None)
    assert [one.id for one in again.watch.open] == [1], "nothing is known yet, so it is not over"
    await again.see(DOWN)
    assert [one.id for one in await again.store.since(0.0)] == [1], "it is not told a second time"
    await again.see(WELL)
    [over] = await again.store.since(0.0)
    assert (over.id, over.ended_at) == (1, again.clock() - AFTER_S)


async def test_what_could_not_be_written_is_written_at_the_next_look(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(incident: Incident) -> Incident:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(watched.store, "write", full)
        with pytest.raises(OSError, match="full"):
            await watched.see(DOWN)
    await watched.watch.tick()
    assert [one.id for one in watched.watch.open] == [1]
    assert watched.watch.open == await watched.store.open()


async def test_one_that_began_and_ended_while_nothing_could_be_written_is_one(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(incident: Incident) -> Incident:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(watched.store, "write", full)
        for sign in (DOWN, WELL):
            watched.signs["main"] = sign
            for _ in range(2):
                with contextlib.suppress(OSError):
                    await watched.watch.tick()
                watched.clock.advance(AFTER_S)
    await watched.watch.tick()
    [one] = await watched.store.since(0.0)
    assert one.ended_at is not None
    assert watched.watch.open == []


async def test_a_cluster_that_is_served_no_more_has_no_outage(watched: Watched) -> None:
    await watched.see(DOWN)
    watched.signs.clear()
    await watched.watch.tick()
    watched.clock.advance(AFTER_S)
    await watched.watch.tick()
    assert await watched.store.open() == []
