"""Sessions as they are written down: one open at a time, what is said numbered, once for each key."""

from __future__ import annotations

import asyncio

import pytest

from hosted_ce.pilots.pilot import AttemptUpdate, Change, Event, NewAttempt, PilotUpdate
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Stage, State
from hosted_ce.session.board import Session
from hosted_ce.session.errors import CannotSay, NoSession, SessionEnded, SessionOpen
from hosted_ce.session.log import Entry, Said
from hosted_ce.store.arrivals import NewPilot
from hosted_ce.store.database import Database
from hosted_ce.store.firsts import FIRST, NEWEST, FirstPilots
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.sessions import SessionStore
from tests.fakes.clock import Clock

NEW = Session(0, "Example University", "Example-University", "Example-CE1", 1000.0, "rest:Ada")
NOTE = Entry(0, 1010.0, "rest:Ada", Said.NOTE, "scratch is local")


@pytest.fixture
def sessions(database: Database) -> SessionStore:
    return SessionStore(database)


async def test_one_is_open_at_a_time_however_many_are_begun_at_once(sessions: SessionStore) -> None:
    found = await asyncio.gather(*(sessions.begin(NEW, None) for _ in range(5)), return_exceptions=True)
    begun = [each for each in found if isinstance(each, Session)]
    refused = [each for each in found if isinstance(each, SessionOpen)]
    assert (len(begun), len(refused)) == (1, 4)
    assert await sessions.open() == begun[0]
    assert {each.number for each in refused} == {begun[0].id}


async def test_a_key_gives_its_session_also_when_that_is_over(sessions: SessionStore) -> None:
    first = await sessions.begin(NEW, "k")
    assert await sessions.begin(NEW, "k") == first
    ended = Session(first.id, *(NEW.partner, NEW.site, NEW.resource, 1000.0, "rest:Ada", 2000.0, "rest:Ada"))
    await sessions.end(ended, {"a": 1})
    assert await sessions.begin(NEW, "k") == ended
    assert (await sessions.begin(NEW, "other")).id == first.id + 1


async def test_an_end_is_for_good(sessions: SessionStore) -> None:
    begun = await sessions.begin(NEW, None)
    for at, record in ((2000.0, {"first": True}), (3000.0, {"first": False})):
        ended = Session(begun.id, NEW.partner, NEW.site, NEW.resource, 1000.0, "rest:Ada", at, "rest:Ada")
        await sessions.end(ended, record)
    assert await sessions.open() is None
    assert await sessions.record(begun.id) == {"first": True}
    found = await sessions.get(begun.id)
    assert found
    assert found.ended_at == 2000.0
    with pytest.raises(SessionEnded):
        await sessions.add(begun.id, NOTE, None)


async def test_what_is_said_has_numbers_of_its_session(sessions: SessionStore) -> None:
    begun = await sessions.begin(NEW, None)
    added = await asyncio.gather(*(sessions.add(begun.id, NOTE, None) for _ in range(20)))
    assert sorted(entry.number for entry in added) == list(range(1, 21))
    assert [entry.number for entry in await sessions.entries(begun.id)] == list(range(1, 21))
    with pytest.raises(NoSession, match="no session 9"):
        await sessions.add(9, NOTE, None)


async def test_a_key_is_for_the_same_words(sessions: SessionStore) -> None:
    begun = await sessions.begin(NEW, None)
    secret = Entry(
        0, 1010.0, "rest:Ada", Said.OPEN, "password: hunter2-hunter2", owner="Ben", due="2026-12-01"
    )
    first = await sessions.add(begun.id, secret, "k")
    again = await sessions.add(begun.id, secret, "k")
    assert (again.number, again.due) == (first.number, "2026-12-01")
    assert "hunter2" not in (again.text or "")
    assert await sessions.entry(begun.id, "k") == again
    assert await sessions.entry(begun.id, "other") is None
    with pytest.raises(CannotSay, match="other words"):
        await sessions.add(begun.id, NOTE, "k")


async def test_they_are_listed_newest_first(sessions: SessionStore) -> None:
    for number in range(3):
        begun = await sessions.begin(NEW, None)
        end = Session(begun.id, NEW.partner, NEW.site, NEW.resource, 1.0, "a", 2000.0 + number, "a")
        await sessions.end(end, {})
    assert [each.id for each in await sessions.latest(2)] == [3, 2]


async def add(store: PilotStore, number: int, door: str = "condor", purpose: Purpose = Purpose.PILOT) -> int:
    new = NewPilot({"executable": "a.sh"}, door, "o", f"d{number}", f"k{number}", purpose=purpose)
    pilot, _ = await store.add(new)
    return pilot.id


async def go(store: PilotStore, pilot_id: int, *, exit_code: int | None) -> None:
    """Runs; ends so, if there is an exit code."""
    pilot = await store.get(pilot_id)
    assert pilot
    begin = NewAttempt(f"h{pilot_id:014d}", "osg", "hpc", {"cpus": 1})
    assert await store.apply(
        [Change(pilot, {"stage": Stage.RUNNING, "state": State.RUNNING}, event=Event("a", "b"), begin=begin)]
    )
    facts: AttemptUpdate = {"started_at": 1.0}
    update: PilotUpdate = {}
    if exit_code is not None:
        facts |= {"ended_at": 2.0, "exit_code": exit_code}
        update = {"state": State.COMPLETED, "stage": Stage.DONE, "finished_at": 2.0}
    pilot = await store.get(pilot_id)
    assert pilot
    assert await store.apply([Change(pilot, update, facts, Event("c", "d"))])


async def test_first_pilots_are_those_by_which_one_sees_how_far_they_come(
    database: Database, store: PilotStore, clock: Clock
) -> None:
    firsts = FirstPilots(database)
    clock.at = 100.0
    old = await add(store, 0)
    await go(store, old, exit_code=0)
    clock.at = 200.0
    assert await firsts.since(150.0, door=None) == []
    test, rest = await add(store, 1, purpose=Purpose.TEST), await add(store, 2, door="rest")
    came = [await add(store, number) for number in range(3, 33)]
    await go(store, came[9], exit_code=1)
    await go(store, came[15], exit_code=0)
    await go(store, came[16], exit_code=0)
    ids = [pilot.id for pilot in await firsts.since(150.0, door="condor")]
    assert ids == sorted({*came[:FIRST], came[9], came[15], *came[-NEWEST:]}, reverse=True)
    every = {pilot.id for pilot in await firsts.since(150.0, door=None)}
    assert rest in every
    assert not {old, test} & every
