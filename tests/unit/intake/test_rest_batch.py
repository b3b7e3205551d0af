"""Many pilots at the REST front door: each once, whatever became of the answer."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from hosted_ce.intake.rest import RestDoor
from hosted_ce.pilots.spec import PilotSpec
from hosted_ce.store.contents import ContentMissing, ContentStore
from hosted_ce.store.database import Database
from hosted_ce.store.pilots import PilotStore
from tests.fakes.clock import Clock
from tests.fakes.database import WITHIN_S, new_database, quick_folder, writer_held

DATA = b"#!/bin/sh\n"
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    with quick_folder() as folder:
        made = Database(new_database(folder))
        yield made
        await made.close()


@pytest.fixture
def store(database: Database) -> PilotStore:
    return PilotStore(database, now=Clock())


@pytest.fixture
def door(store: PilotStore, tmp_path_factory: pytest.TempPathFactory) -> RestDoor:
    return RestDoor(store, ContentStore(tmp_path_factory.mktemp("files")), now=Clock())


def spec(**changed: Any) -> PilotSpec:
    files = [{"name": "run.sh", "sha256": SHA256, "executable": True}]
    return PilotSpec.model_validate({"executable": "run.sh", "inputs": files, **changed})


async def test_they_are_numbered_in_their_order(door: RestDoor) -> None:
    wanted = [(spec(), 2), (spec(arguments=["x"]), 1)]
    added = await door.submit_batch(wanted, {SHA256: DATA}, owner="vo", key="k", first=5, account="osg01")
    found = [(pilot.door_key, pilot.spec["arguments"], pilot.account, new) for pilot, new in added]
    assert found == [("k-5", [], "osg01", True), ("k-6", [], "osg01", True), ("k-7", ["x"], "osg01", True)]


async def test_one_of_them_alone_is_the_same_pilot(door: RestDoor) -> None:
    added = await door.submit_batch([(spec(), 3)], {SHA256: DATA}, owner="vo", key="k")
    assert await door.submit(spec(), {}, owner="vo", key="k-2") == (added[1][0], False)


async def test_without_their_files_there_is_none(door: RestDoor, store: PilotStore) -> None:
    with pytest.raises(ContentMissing):
        await door.submit_batch([(spec(), 3)], {}, owner="vo", key="k")
    assert await store.get(1) is None


async def test_what_the_writer_has_is_written_though_the_client_hangs_up(
    door: RestDoor, database: Database
) -> None:
    asking = partial(door.submit_batch, [(spec(), 4)], {SHA256: DATA}, owner="vo", key="k")
    with writer_held(database) as queued:
        asked = asyncio.create_task(asking())
        async with asyncio.timeout(WITHIN_S):
            while not queued():
                await asyncio.sleep(0)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
    assert {new for _, new in await asking()} == {False}
    assert asked.cancelled()


async def test_a_client_that_hangs_up_does_not_undo_them(door: RestDoor, store: PilotStore) -> None:
    """Whenever it does: none of them is there, or all are, and asked again they are there once."""
    for moment in range(12):
        key = f"k{moment}"
        asking = asyncio.create_task(door.submit_batch([(spec(), 4)], {SHA256: DATA}, owner="vo", key=key))
        for _ in range(moment):
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        added = await door.submit_batch([(spec(), 4)], {SHA256: DATA}, owner="vo", key=key)
        assert len({new for _, new in added}) == 1
    assert await store.get(12 * 4) is not None
    assert await store.get(12 * 4 + 1) is None
