"""The pilots: added once for each key, found by stage, counted by route."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from hosted_ce.pilots.pilot import Change, Event, NewAttempt, Pilot
from hosted_ce.pilots.stamps import STAMP_BYTES, stamp_from
from hosted_ce.pilots.states import AT_SITE, Goal, Stage, State
from hosted_ce.pilots.unread import UNREAD
from hosted_ce.routing.limits import Usage
from hosted_ce.routing.throttle import Recent
from hosted_ce.store.arrivals import KeyReused, NewPilot
from hosted_ce.store.database import Database
from hosted_ce.store.filters import Filter
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.queries import PilotQueries
from hosted_ce.store.tables import pilots
from tests.fakes.clock import Clock


def new(key: str | None = None, *, owner: str = "tester", digest: str = "d") -> NewPilot:
    return NewPilot({"attributes": {"xcount": 8}}, "test", owner, digest, key)


async def added(store: PilotStore, number: int) -> list[Pilot]:
    return [(await store.add(new()))[0] for _ in range(number)]


async def at(
    store: PilotStore,
    stage: Stage,
    *,
    route: str = "a",
    cluster: str = "main",
    state: State = State.IDLE,
    vo: str | None = "osg",
) -> Pilot:
    """A pilot at this stage."""
    (pilot,) = await added(store, 1)
    stamp = stamp_from(pilot.id.to_bytes(STAMP_BYTES, "little"))
    begin = NewAttempt(stamp, route, cluster, {})
    update: dict[str, object] = {"stage": stage, "state": state}
    update |= {"vo": vo, "cores": 8} if vo else {}
    await store.apply([Change(pilot, update, event=Event("test", "t"), begin=begin)])  # type: ignore[arg-type]
    found = await store.get(pilot.id)
    assert found
    return found


async def test_a_new_pilot_is_idle_and_has_its_first_event(
    store: PilotStore, database: Database, clock: Clock
) -> None:
    pilot, created = await store.add(new())
    assert created
    assert (pilot.state, pilot.stage, pilot.goal) == (State.IDLE, Stage.WAITING, Goal.RUN)
    assert (pilot.version, pilot.attempt, pilot.created_at) == (1, None, clock())
    assert pilot.attributes == {"xcount": 8}
    assert await store.get(pilot.id) == pilot
    (event,) = await PilotQueries(database).history(pilot.id)
    assert (event.what, event.actor, event.state) == ("received", "test:tester", State.IDLE)


async def test_fifty_requests_with_one_key_make_one_pilot(store: PilotStore, database: Database) -> None:
    heard: list[Change] = []
    store.subscribe(heard.extend)
    answers = await asyncio.gather(*(store.add(new("key")) for _ in range(50)))
    assert len({pilot.id for pilot, _ in answers}) == 1
    assert sum(created for _, created in answers) == 1
    assert sum((await PilotQueries(database).counts()).values()) == 1
    assert len(heard) == 1


async def test_who_has_an_attempt_that_is_not_over_is_at_its_cluster(store: PilotStore) -> None:
    """Also those whose batch job has ended, as long as their outputs are not fetched."""
    open_ones = sorted(set(Stage) - {Stage.WAITING, Stage.DONE})
    there = [(await at(store, stage)).id for stage in open_ones]
    for stage in (Stage.WAITING, Stage.DONE):
        await at(store, stage)
    other = await at(store, Stage.RUNNING, cluster="other")
    assert await store.ids_of("main") == there
    assert await store.ids_of("other") == [other.id]
    assert await store.ids_of("nowhere") == []
    assert await store.clusters_in_use() == {"main": len(there), "other": 1}


async def test_who_is_in_a_front_doors_queue(store: PilotStore) -> None:
    inside, _ = await store.add(replace(new(), door_open=True))
    await store.add(new())
    assert await store.ids_at_door("test") == [inside.id]
    assert await store.ids_at_door("other") == []


async def test_a_listener_that_left_hears_nothing(store: PilotStore) -> None:
    heard: list[Change] = []
    store.subscribe(listener := heard.extend)
    await added(store, 1)
    store.unsubscribe(listener)
    await added(store, 1)
    assert len(heard) == 1


async def test_a_key_gives_the_pilot_as_it_is_now(store: PilotStore) -> None:
    pilot, _ = await store.add(new("key"))
    await store.apply([Change(pilot, {"reason": "changed"})])
    again, created = await store.add(new("key"))
    assert (again.id, again.reason, created) == (pilot.id, "changed", False)


async def test_a_key_belongs_to_one_request(store: PilotStore) -> None:
    pilot, _ = await store.add(new("key"))
    with pytest.raises(KeyReused, match="use a new key") as caught:
        await store.add(new("key", digest="other"))
    assert caught.value.pilot_id == pilot.id


async def test_owners_have_keys_of_their_own(store: PilotStore) -> None:
    mine, _ = await store.add(new("key"))
    theirs, created = await store.add(new("key", owner="other", digest="other"))
    assert created
    assert mine.id != theirs.id


async def test_without_a_key_each_request_is_a_pilot(store: PilotStore) -> None:
    assert len({pilot.id for pilot in await added(store, 3)}) == 3


async def test_an_id_is_never_given_again(store: PilotStore, database: Database) -> None:
    ids = [pilot.id for pilot in await added(store, 3)]

    def forget(connection: sa.Connection) -> None:
        connection.exec_driver_sql("DELETE FROM events")
        connection.execute(sa.delete(pilots).where(pilots.c.id == ids[-1]))

    await database.write(forget)
    (pilot,) = await added(store, 1)
    assert pilot.id > max(ids)


async def test_what_is_or_may_be_at_the_site_is_counted_by_route_cluster_and_vo(store: PilotStore) -> None:
    for stage in Stage:
        await at(store, stage, route="a", vo="one")
    await at(store, Stage.RUNNING, route="b", cluster="other", state=State.RUNNING, vo="two")
    await added(store, 2)
    occupancy = await store.occupancy()
    of_a, of_b = Usage(len(AT_SITE), 3, 8 * len(AT_SITE), len(Stage)), Usage(1, 0, 8, 1)
    assert occupancy.routes == {"a": of_a, "b": of_b}
    assert occupancy.clusters == {"main": replace(of_a, submits=0), "other": replace(of_b, submits=0)}
    assert occupancy.vos == {("a", "one"): replace(of_a, submits=0), ("b", "two"): replace(of_b, submits=0)}


async def test_attempts_of_more_than_a_minute_ago_are_no_submits_any_more(
    store: PilotStore, clock: Clock
) -> None:
    await at(store, Stage.DONE, route="a")
    clock.advance(59)
    await at(store, Stage.QUEUED, route="a")
    assert (await store.occupancy()).of_route("a").submits == 2
    clock.advance(1)
    assert (await store.occupancy()).of_route("a").submits == 1


async def test_what_became_of_attempts_of_late_is_counted(store: PilotStore, clock: Clock) -> None:
    for failed in (True, False, False):
        pilot = await at(store, Stage.QUEUED, route="a")
        await store.apply([Change(pilot, {"stage": Stage.DONE}, {"closed_at": clock(), "failed": failed})])
    assert (await store.occupancy()).recent_of("a") == Recent(begun=3, failed=1, succeeded=2)
    clock.advance(600)
    assert (await store.occupancy()).recent_of("a") == Recent()


async def test_pilots_of_before_an_update_count_without_a_vo(store: PilotStore) -> None:
    await at(store, Stage.QUEUED, route="a", vo=None)
    assert (await store.occupancy()).vos == {("a", "unknown"): Usage(1, 1)}


async def test_pilots_are_found_by_stage_cluster_and_goal_oldest_first(store: PilotStore) -> None:
    first = await at(store, Stage.QUEUED)
    other = await at(store, Stage.QUEUED, cluster="other")
    second = await at(store, Stage.RUNNING, state=State.RUNNING)
    await at(store, Stage.DONE)
    await store.apply([Change(second, {"goal": Goal.REMOVE}, event=Event("removal_asked", "t"))])

    async def ids(*stages: Stage, **wanted: object) -> list[int]:
        return [pilot.id for pilot in await store.at_stage(stages, **wanted)]  # type: ignore[arg-type]

    assert await ids(Stage.QUEUED, Stage.RUNNING) == [first.id, other.id, second.id]
    assert await ids(Stage.QUEUED, cluster="main") == [first.id]
    assert await ids(Stage.QUEUED, Stage.RUNNING, ending=True) == [second.id]
    assert await ids(Stage.QUEUED, Stage.RUNNING, after=first.id, limit=1) == [other.id]
    assert await ids(*Stage, cluster="none") == []


async def test_all_but_the_specification_can_be_read(
    store: PilotStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hosted_ce.store.pilots.ROWS_AT_ONCE", 2)  # fewer than there are
    there = [await at(store, Stage.RUNNING) for _ in range(3)]

    found = await store.at_stage({Stage.RUNNING}, cluster="main", spec=False)

    assert [replace(each, spec={}) for each in found] == [replace(each, spec={}) for each in there]
    assert all(each.spec is UNREAD for each in found)


async def test_a_pilot_that_is_not_there_is_none(store: PilotStore) -> None:
    assert await store.get(12345) is None


async def test_only_closed_attempts_are_swept_and_only_once(store: PilotStore, clock: Clock) -> None:
    waiting, closed, other = [
        await at(store, Stage.DONE, cluster=cluster) for cluster in ("main", "main", "other")
    ]
    for pilot in (closed, other):
        await store.apply([Change(pilot, attempt={"closed_at": clock()})])
    assert closed.attempt
    (found,) = await store.sweepable("main", clock() + 1, 10)
    assert (found.attempt_id, found.stamp) == (closed.attempt.id, closed.attempt.stamp)
    assert await store.sweepable("main", clock(), 10) == []  # not before its time
    await store.swept([found.attempt_id])
    assert await store.sweepable("main", clock() + 1, 10) == []
    assert waiting.attempt
    assert len(await store.sweepable("other", clock() + 1, 10)) == 1


async def test_pages_go_from_new_to_old_and_meet_every_pilot_once(
    store: PilotStore, database: Database
) -> None:
    ids = [pilot.id for pilot in await added(store, 7)]
    queries, before, seen = PilotQueries(database), None, []
    while page := await queries.page(Filter(), before=before, limit=3):
        assert len(page) <= 3
        seen += [pilot.id for pilot in page]
        before = seen[-1]
    assert seen == sorted(ids, reverse=True)


async def test_filters_narrow_a_page(store: PilotStore, database: Database) -> None:
    await added(store, 1)
    a = await at(store, Stage.RUNNING, route="a", state=State.RUNNING)
    b = await at(store, Stage.QUEUED, route="b", cluster="other")
    await store.apply([Change(b, attempt={"batch_id": "17"})])

    async def ids(wanted: Filter) -> list[int]:
        return [p.id for p in await PilotQueries(database).page(wanted, before=None, limit=10)]

    assert await ids(Filter(states=[State.RUNNING])) == [a.id]
    assert await ids(Filter(states=[State.RUNNING, State.IDLE], route="b")) == [b.id]
    assert await ids(Filter(cluster="main")) == [a.id]
    assert await ids(Filter(batch_id="17")) == [b.id]
    assert await ids(Filter(owner="nobody")) == []
    assert len(await ids(Filter(owner="tester"))) == 3


async def test_every_state_is_counted(store: PilotStore, database: Database) -> None:
    await at(store, Stage.RUNNING, state=State.RUNNING)
    await added(store, 2)
    counts = await PilotQueries(database).counts()
    assert counts == dict.fromkeys(State, 0) | {State.IDLE: 2, State.RUNNING: 1}


async def test_the_revision_is_told(database: Database) -> None:
    newest = max(path.name for path in (Path(__file__).parents[3] / "alembic/versions").glob("0*.py"))
    assert await PilotQueries(database).revision() == newest[:4]
