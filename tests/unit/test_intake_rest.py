"""The REST front door: a pilot is written down before its sender hears of it, once for each key."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hosted_ce.intake.rest import TRIES, ReleasedElsewhere, RestDoor, UnknownPilot, digest_of
from hosted_ce.pilots.holds import HoldCause
from hosted_ce.pilots.pilot import Change, Event, Pilot
from hosted_ce.pilots.spec import PilotSpec
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.store.arrivals import KeyReused, NewPilot
from hosted_ce.store.contents import ContentMissing, ContentStore
from hosted_ce.store.database import Database
from hosted_ce.store.filters import Filter
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.queries import PilotQueries
from tests.fakes.clock import Clock
from tests.fakes.database import new_database, quick_folder

DATA = b"#!/bin/sh\n"
SHA256 = hashlib.sha256(DATA).hexdigest()


class House:
    """A front door with what is behind it."""

    def __init__(self, url: str, contents: ContentStore):
        clock = Clock()
        self.database = Database(url)
        self.store = PilotStore(self.database, now=clock)
        self.queries = PilotQueries(self.database)
        self.contents = contents
        self.door = RestDoor(self.store, contents, now=clock)

    async def pilots(self) -> int:
        """How many pilots there are."""
        return len(await self.queries.page(Filter(), before=None, limit=1000))


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """An empty one."""
    with quick_folder() as folder:
        made = House(new_database(folder), ContentStore(folder / "files"))
        try:
            yield made
        finally:
            await made.database.close()


def spec(**changed: Any) -> PilotSpec:
    files = [{"name": "run.sh", "sha256": SHA256, "executable": True}]
    return PilotSpec.model_validate({"executable": "run.sh", "inputs": files, **changed})


async def test_a_pilot_and_its_files_are_kept(house: House) -> None:
    asked = spec(arguments=["-v"], attributes={"xcount": 8})
    pilot, created = await house.door.submit(asked, {SHA256: DATA}, owner="factory", key="k")
    assert created
    assert (pilot.owner, pilot.door, pilot.state) == ("factory", "rest", State.IDLE)
    assert PilotSpec.model_validate(pilot.spec) == asked
    assert await house.store.get(pilot.id) == pilot
    assert await house.contents.get(SHA256) == DATA


async def test_files_that_are_here_already_need_not_be_sent(house: House) -> None:
    await house.contents.put(DATA)
    _, created = await house.door.submit(spec(), {}, owner="factory", key=None)
    assert created


async def test_without_its_files_there_is_no_pilot(house: House) -> None:
    with pytest.raises(ContentMissing) as caught:
        await house.door.submit(spec(), {}, owner="factory", key=None)
    assert caught.value.sha256 == SHA256
    assert await house.pilots() == 0


async def test_the_same_request_again_is_the_same_pilot(house: House) -> None:
    first, _ = await house.door.submit(spec(), {SHA256: DATA}, owner="factory", key="k")
    again, created = await house.door.submit(spec(), {SHA256: DATA}, owner="factory", key="k")
    assert (again.id, created) == (first.id, False)
    with pytest.raises(KeyReused):
        await house.door.submit(spec(arguments=["-x"]), {}, owner="factory", key="k")
    assert await house.pilots() == 1


async def test_many_at_once_with_one_key_are_one_pilot(house: House) -> None:
    answers = await asyncio.gather(
        *(house.door.submit(spec(), {SHA256: DATA}, owner="factory", key="k") for _ in range(30))
    )
    assert len({pilot.id for pilot, _ in answers}) == 1
    assert await house.pilots() == 1


async def test_a_client_that_hangs_up_does_not_undo_its_pilot(house: House) -> None:
    await house.contents.put(DATA)
    asking = asyncio.create_task(house.door.submit(spec(), {}, owner="factory", key="k"))
    while house.database.commits == 0 and not asking.done():
        await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    pilot, created = await house.door.submit(spec(), {}, owner="factory", key="k")
    assert (await house.pilots(), created) == (1, False)
    assert pilot.state is State.IDLE


def test_equal_requests_have_one_digest_however_they_are_written() -> None:
    one = spec(environment={"A": "1", "B": "2"}, attributes={"xcount": 1, "queue": "osg"})
    other = spec(environment={"B": "2", "A": "1"}, attributes={"QUEUE": "osg", "XCOUNT": 1})
    assert digest_of(one.model_dump(mode="json")) == digest_of(other.model_dump(mode="json"))


def test_a_request_that_an_older_ce_took_has_the_same_digest_now() -> None:
    now = spec().model_dump(mode="json")
    first = {name: value for name, value in now.items() if name not in ("credentials", "proxy")}
    assert digest_of(now) == hashlib.sha256(json.dumps(first, sort_keys=True).encode()).hexdigest()


@pytest.mark.parametrize(
    "changed", [{"arguments": ["x"]}, {"environment": {"A": "1"}}, {"attributes": {"xcount": 2}}]
)
def test_other_requests_have_other_digests(changed: dict[str, Any]) -> None:
    assert digest_of(spec().model_dump(mode="json")) != digest_of(spec(**changed).model_dump(mode="json"))


async def test_a_removal_is_written_down_with_who_and_why(house: House) -> None:
    pilot, _ = await house.door.submit(spec(), {SHA256: DATA}, owner="factory", key=None)
    removed = await house.door.remove(pilot.id, actor="operator", reason="site asked")
    assert (removed.state, removed.goal, removed.reason) == (State.REMOVED, Goal.REMOVE, "site asked")
    last = (await house.queries.history(pilot.id))[-1]
    assert (last.what, last.actor, last.reason) == ("removed", "operator", "site asked")


async def test_a_removal_again_changes_nothing(house: House) -> None:
    pilot, _ = await house.door.submit(spec(), {SHA256: DATA}, owner="factory", key=None)
    removed = await house.door.remove(pilot.id, actor="operator", reason=None)
    assert await house.door.remove(pilot.id, actor="another", reason="again") == removed


async def test_a_pilot_that_is_not_there_cannot_be_removed(house: House) -> None:
    with pytest.raises(UnknownPilot, match="there is no pilot 17"):
        await house.door.remove(17, actor="operator", reason=None)


async def test_a_removal_gets_through_while_the_engine_changes_the_pilot(house: House) -> None:
    pilot, _ = await house.door.submit(spec(), {SHA256: DATA}, owner="factory", key=None)
    removing = asyncio.create_task(house.door.remove(pilot.id, actor="operator", reason=None))
    for number in range(TRIES // 4):
        seen = await house.store.get(pilot.id)
        assert seen
        if seen.stage is not Stage.DONE:
            event = Event("routed", "engine")
            await house.store.apply([Change(seen, {"reason": f"change {number}"}, event=event)])
    assert (await removing).state is State.REMOVED


async def test_a_removal_that_never_gets_through_says_so(house: House) -> None:
    pilot, _ = await house.door.submit(spec(), {SHA256: DATA}, owner="factory", key=None)

    async def outdated(changes: object) -> list[Change]:
        return []

    house.store.apply = outdated  # type: ignore[method-assign, assignment]
    with pytest.raises(RuntimeError, match=f"pilot {pilot.id} changed {TRIES} times"):
        await house.door.remove(pilot.id, actor="operator", reason=None)


async def test_a_hold_and_a_release_are_written_down_with_who_and_why(house: House) -> None:
    pilot, _ = await house.door.submit(spec(), {SHA256: DATA}, owner="factory", key=None)
    held, changed = await house.door.hold(pilot.id, actor="operator", reason="node is being mended")
    assert (held.state, held.hold_cause, held.reason, changed) == (
        State.HELD, HoldCause.REQUESTED, "node is being mended", True,
    )  # fmt: skip
    assert await house.door.hold(pilot.id, actor="another", reason=None) == (held, False)
    released, changed = await house.door.release(pilot.id, actor="operator", reason="mended")
    assert (released.state, released.stage, released.hold_cause, changed) == (
        State.IDLE, Stage.WAITING, None, True,
    )  # fmt: skip
    assert await house.door.release(pilot.id, actor="another", reason=None) == (released, False)
    told = [(event.what, event.actor, event.reason) for event in await house.queries.history(pilot.id)]
    assert told[1:] == [("held", "operator", "node is being mended"), ("released", "operator", "mended")]


async def test_without_a_reason_a_hold_says_that_it_was_asked_for(house: House) -> None:
    pilot, _ = await house.door.submit(spec(), {SHA256: DATA}, owner="factory", key=None)
    assert (await house.door.hold(pilot.id, actor="operator", reason=None))[0].reason == "held on request"


async def test_a_pilot_that_is_over_is_neither_held_nor_released(house: House) -> None:
    pilot, _ = await house.door.submit(spec(), {SHA256: DATA}, owner="factory", key=None)
    over = await house.door.remove(pilot.id, actor="operator", reason=None)
    assert await house.door.hold(pilot.id, actor="operator", reason=None) == (over, False)
    assert await house.door.release(pilot.id, actor="operator", reason=None) == (over, False)


async def test_a_pilot_that_is_not_there_is_neither_held_nor_released(house: House) -> None:
    for ask in (house.door.hold, house.door.release):
        with pytest.raises(UnknownPilot, match="there is no pilot 17"):
            await ask(17, actor="operator", reason=None)


async def from_factory(house: House, factory_job: str | None) -> Pilot:
    """A pilot that came in through the factory's door."""
    job = "ce.example.edu#5.0#1770000000"
    new = NewPilot(spec().model_dump(mode="json"), "condor", "factory", "d", job, factory_job=factory_job,
                   door_open=True)  # fmt: skip
    pilot, _ = await house.store.add(new)
    return pilot


@pytest.mark.parametrize(
    ("factory_job", "advice"),
    [
        (
            "gfactory@f.example.org#4711.0#1770000000",
            "release it at the factory: condor_release -name gfactory@f.example.org 4711.0",
        ),
        (None, "release it in the front door's queue: condor_release -name ce.example.edu 5.0"),
        ("a b#1.0#2", "condor_release -name 'a b' 1.0"),
        ("4711", "release it at the factory, where its job is '4711'"),
    ],
)
async def test_a_factorys_pilot_may_be_held_and_is_released_by_the_factory(
    house: House, factory_job: str | None, advice: str
) -> None:
    pilot = await from_factory(house, factory_job)
    assert await house.door.release(pilot.id, actor="operator", reason=None) == (pilot, False)
    held, _ = await house.door.hold(pilot.id, actor="operator", reason=None)
    with pytest.raises(ReleasedElsewhere) as caught:
        await house.door.release(pilot.id, actor="operator", reason=None)
    assert str(caught.value).endswith(advice)
    assert await house.store.get(pilot.id) == held
