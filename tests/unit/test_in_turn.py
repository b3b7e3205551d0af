"""Long work, one after the other, whoever goes away meanwhile."""

from __future__ import annotations

import asyncio
import threading

import pytest

from hosted_ce.api.in_turn import InTurn

WITHIN_S = 20


async def test_the_next_waits_for_one_whose_caller_has_gone() -> None:
    in_turn, began, gate, ran = InTurn(), threading.Event(), threading.Event(), list[str]()

    def first() -> None:
        began.set()
        assert gate.wait(WITHIN_S)
        ran.append("first")

    gone = asyncio.create_task(in_turn(first))
    assert await asyncio.to_thread(began.wait, WITHIN_S)
    dropped = asyncio.create_task(in_turn(lambda: ran.append("dropped")))
    await asyncio.sleep(0)
    for each in (gone, dropped):
        each.cancel()
    await asyncio.wait([gone, dropped])
    last = asyncio.create_task(in_turn(lambda: ran.append("last")))
    await asyncio.sleep(0)
    assert ran == []
    gate.set()
    await last
    assert ran == ["first", "last"]


async def test_what_goes_wrong_is_its_callers() -> None:
    in_turn = InTurn()
    with pytest.raises(ZeroDivisionError):
        await in_turn(lambda: 1 // 0)
    assert await in_turn(lambda: 7) == 7
