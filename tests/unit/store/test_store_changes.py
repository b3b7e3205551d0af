"""Changes: guarded by the version that they were computed from, legal, with their event, or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
import structlog

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import Change, Event, NewAttempt, Outcome, Pilot
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.store.arrivals import NewPilot
from hosted_ce.store.database import Database
from hosted_ce.store.filters import Filter
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.queries import PilotQueries
from tests.fakes.clock import Clock

ATTEMPT = NewAttempt("haaaaaaaaaaaaaa", "default", "main", {"cpus": 1})


@pytest.fixture
async def pilot(store: PilotStore) -> Pilot:
    """A new pilot."""
    made, _ = await store.add(NewPilot({"attributes": {}}, "test", "tester", "digest"))
    return made


async def fresh(store: PilotStore, pilot: Pilot) -> Pilot:
    found = await store.get(pilot.id)
    assert found
    return found


async def begun(store: PilotStore, pilot: Pilot) -> Pilot:
    await store.apply([Change(pilot, {"stage": Stage.SUBMITTING}, event=Event("routed", "t"), begin=ATTEMPT)])
    return await fresh(store, pilot)


async def test_a_change_is_written_with_its_event_and_the_next_version(
    store: PilotStore, database: Database, pilot: Pilot, clock: Clock
) -> None:
    clock.advance(5)
    change = Change(
        pilot, {"state": State.HELD, "stage": Stage.DONE}, event=Event("held", "site", "no", {"a": 1})
    )
    assert await store.apply([change]) == [change]
    found = await fresh(store, pilot)
    assert (found.state, found.version, found.changed_at) == (State.HELD, 2, clock())
    last = (await PilotQueries(database).history(pilot.id))[-1]
    assert (last.what, last.actor, last.reason) == ("held", "site", "no")
    assert (last.state, last.data, last.at) == (State.HELD, {"a": 1}, clock())


async def test_secrets_in_what_an_event_tells_are_masked(
    store: PilotStore, database: Database, pilot: Pilot
) -> None:
    data = {"said": "Authorization: Bearer abcdefghijklmnopqrstuvwxyz", "password": "hunter2"}
    await store.apply([Change(pilot, event=Event("noted", "site", data=data))])
    kept = (await PilotQueries(database).history(pilot.id))[-1].data
    assert "abcdefghij" not in str(kept)
    assert "hunter2" not in str(kept)


async def test_changed_at_tells_of_states_only(store: PilotStore, pilot: Pilot, clock: Clock) -> None:
    clock.advance(5)
    await store.apply([Change(pilot, {"reason": "still nothing"})])
    assert (await fresh(store, pilot)).changed_at == pilot.changed_at


async def test_an_outdated_change_is_dropped_with_everything_in_it(
    store: PilotStore, database: Database, pilot: Pilot
) -> None:
    await store.apply([Change(pilot, {"reason": "first"})])
    late = Change(
        pilot, {"state": State.HELD, "stage": Stage.DONE, "reason": "second"},
        event=Event("held", "t"), begin=ATTEMPT,
    )  # fmt: skip
    assert await store.apply([late]) == []
    found = await fresh(store, pilot)
    assert (found.state, found.reason, found.version, found.attempt) == (State.IDLE, "first", 2, None)
    assert [event.what for event in await PilotQueries(database).history(pilot.id)] == ["received"]


async def test_of_two_changes_from_one_version_the_second_is_dropped(store: PilotStore, pilot: Pilot) -> None:
    first, second = Change(pilot, {"reason": "first"}), Change(pilot, {"reason": "second"})
    assert await store.apply([first, second]) == [first]
    assert (await fresh(store, pilot)).reason == "first"


async def test_an_update_is_never_lost_among_many_at_once(store: PilotStore, pilot: Pilot) -> None:
    async def count_one() -> None:
        while True:
            seen = await fresh(store, pilot)
            if await store.apply([Change(seen, {"next_attempt_at": seen.next_attempt_at + 1})]):
                return

    await asyncio.gather(*(count_one() for _ in range(25)))
    found = await fresh(store, pilot)
    assert (found.next_attempt_at, found.version) == (25, 26)


async def test_illegal_changes_are_left_out_and_keep_nobody_else_s_from_being_written(
    store: PilotStore, pilot: Pilot
) -> None:
    others = [(await store.add(NewPilot({}, "test", "tester", "digest")))[0] for _ in range(2)]
    await store.apply([Change(pilot, {"state": State.REMOVED}, event=Event("removed", "t"))])
    removed = await fresh(store, pilot)
    illegal = Change(removed, {"state": State.RUNNING}, event=Event("running", "t"), begin=ATTEMPT)
    unexplained = Change(others[0], {"state": State.RUNNING})
    legal = Change(others[1], {"reason": "changed"})
    with structlog.testing.capture_logs() as logs:
        assert await store.apply([illegal, unexplained, legal]) == [legal]
    assert await fresh(store, pilot) == removed
    assert await fresh(store, others[0]) == others[0]
    assert (await fresh(store, others[1])).reason == "changed"
    assert [(line["pilot"], line["log_level"]) for line in logs] == [
        (pilot.id, "error"),
        (others[0].id, "error"),
    ]


async def test_attempts_are_numbered_and_the_latest_is_shown(store: PilotStore, pilot: Pilot) -> None:
    first = await begun(store, pilot)
    assert first.attempt
    assert (first.attempt.number, first.attempt.stamp, first.attempt.request) == (
        1,
        ATTEMPT.stamp,
        {"cpus": 1},
    )
    again = replace(ATTEMPT, stamp="hbbbbbbbbbbbbbb")
    await store.apply([Change(first, event=Event("routed", "t"), begin=again)])
    second = await fresh(store, pilot)
    assert second.attempt
    assert (second.attempt.number, second.attempt.stamp) == (2, "hbbbbbbbbbbbbbb")


async def test_a_stamp_is_used_once(store: PilotStore, pilot: Pilot) -> None:
    first = await begun(store, pilot)
    with pytest.raises(sa.exc.IntegrityError):
        await store.apply([Change(first, event=Event("routed", "t"), begin=ATTEMPT)])
    assert await fresh(store, pilot) == first


async def test_what_a_change_says_of_the_attempt_is_said_of_the_latest_only(
    store: PilotStore, database: Database, pilot: Pilot
) -> None:
    first = await begun(store, pilot)
    again = replace(ATTEMPT, stamp="hbbbbbbbbbbbbbb")
    await store.apply([Change(first, event=Event("routed", "t"), begin=again)])
    await store.apply([Change(await fresh(store, pilot), attempt={"outcome": Outcome.MEMORY, "cancels": 2})])
    found = (await fresh(store, pilot)).attempt
    assert found
    assert (found.outcome, found.cancels) == (Outcome.MEMORY, 2)
    select = sa.text("SELECT outcome, cancels FROM attempts ORDER BY number")
    rows = await database.read(lambda connection: [tuple(row) for row in connection.execute(select)])
    assert rows == [(None, 0), ("memory", 2)]


@pytest.mark.parametrize("text", ["R\udce9servation", "half\0way", "\ud83d", "Wartung läuft ☃", ""])
async def test_any_text_can_be_written_down(store: PilotStore, pilot: Pilot, text: str) -> None:
    event = Event("adopted", "site", text, {"said": text})
    await begun(store, pilot)
    facts: Any = {"node": text, "site_state": text, "site_reason": text}
    seen = await fresh(store, pilot)
    assert await store.apply([Change(seen, {"reason": text}, facts, event)])
    found = await fresh(store, pilot)
    readable = text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
    assert found.attempt
    assert found.reason == found.attempt.node == found.attempt.site_reason == readable


async def test_listeners_hear_of_what_was_applied_and_of_nothing_else(
    store: PilotStore, pilot: Pilot
) -> None:
    heard: list[Change] = []
    store.subscribe(heard.extend)
    change = Change(pilot, {"goal": Goal.REMOVE}, event=Event("removal_asked", "t"))
    await store.apply([change])
    await store.apply([change])
    assert await store.apply([]) == []
    assert heard == [change]


async def test_a_new_attempt_has_no_class_yet(store: PilotStore, pilot: Pilot, database: Database) -> None:
    pilot = await begun(store, pilot)
    failed = Change(
        pilot, {"stage": Stage.WAITING}, {"outcome_class": EndClass.NOT_STARTED, "closed_at": 5.0},
        Event("attempt_failed", "t"),
    )  # fmt: skip
    await store.apply([failed])
    queries, wanted = PilotQueries(database), Filter(outcome_classes=[EndClass.NOT_STARTED])
    [found] = await queries.page(wanted, before=None, limit=9)
    assert found.attempt
    assert found.attempt.outcome_class is EndClass.NOT_STARTED
    again = replace(ATTEMPT, stamp="hbbbbbbbbbbbbbb")
    await store.apply([Change(found, {"stage": Stage.SUBMITTING}, event=Event("routed", "t"), begin=again)])
    assert await queries.page(wanted, before=None, limit=9) == []
    assert [one.outcome_class for one in await queries.attempts(pilot.id)] == [EndClass.NOT_STARTED, None]
