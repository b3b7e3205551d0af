"""Python's garbage collector is kept off while very many objects are made, and comes back in any case."""

from __future__ import annotations

import asyncio
import gc

import pytest

from hosted_ce.api.undisturbed import MANY, Undisturbed
from tests.fakes.virtual_time import run


async def test_it_is_back_when_the_last_of_them_is_done() -> None:
    undisturbed = Undisturbed()
    with undisturbed(MANY):
        with undisturbed(MANY):
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


async def test_a_few_are_no_reason() -> None:
    with Undisturbed()(MANY - 1):
        assert gc.isenabled()


async def test_it_is_back_after_a_failure() -> None:
    undisturbed = Undisturbed()
    with pytest.raises(ZeroDivisionError), undisturbed(MANY):
        raise ZeroDivisionError
    assert gc.isenabled()


def test_those_that_overlap_have_one_stretch_however_many_come() -> None:
    """The database may be away for hours, and clients may come without end."""

    async def each(undisturbed: Undisturbed) -> None:
        with undisturbed(MANY):
            await asyncio.sleep(15)

    async def overlap() -> None:
        undisturbed = Undisturbed(longest_s=20.0)
        clients = []
        for _ in range(6):  # every 9 s, hence there are always some
            clients.append(asyncio.create_task(each(undisturbed)))
            await asyncio.sleep(9)
            assert gc.isenabled() == (len(clients) > 2), len(clients)
        await asyncio.gather(*clients)
        gc.collect()
        with undisturbed(MANY):
            assert not gc.isenabled()

    run(overlap())


async def test_something_is_collected_before_the_next_stretch(monkeypatch: pytest.MonkeyPatch) -> None:
    collections = 7
    monkeypatch.setattr(gc, "get_stats", lambda: [{"collections": collections}])
    undisturbed = Undisturbed()
    for there_was_one in (True, False, False, True):
        collections += there_was_one
        with undisturbed(MANY):
            assert gc.isenabled() is not there_was_one
        assert gc.isenabled()
