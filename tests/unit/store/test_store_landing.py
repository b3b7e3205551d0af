"""Answers of another thread come to those who wait, with few wake-ups of their loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any

import pytest

from hosted_ce.store.landing import Landing


async def asked(landing: Landing, answers: list[Future[Any]]) -> list[asyncio.Task[Any]]:
    """All of them wait."""
    tasks = [asyncio.create_task(landing.of(answer)) for answer in answers]
    await asyncio.sleep(0)
    return tasks


async def test_many_answers_wake_the_loop_once(monkeypatch: pytest.MonkeyPatch) -> None:
    landing, wakes = Landing(), list[Any]()
    answers: list[Future[int]] = [Future() for _ in range(5)]
    tasks = await asked(landing, answers)
    monkeypatch.setattr(asyncio.get_running_loop(), "call_soon_threadsafe", wakes.append)
    for number, answer in enumerate(answers):
        answer.set_result(number)
    landing.arrived()
    assert len(wakes) == 1
    wakes[0]()
    assert await asyncio.gather(*tasks) == [0, 1, 2, 3, 4]
    landing.arrived()
    assert len(wakes) == 1, "nothing came since"


async def test_an_answer_that_is_there_already_waits_for_no_wake_up() -> None:
    landing, answer = Landing(), Future[str]()
    answer.set_result("there")
    assert await landing.of(answer) == "there"


async def test_who_stops_waiting_keeps_no_other_from_its_answer() -> None:
    landing = Landing()
    answers: list[Future[str]] = [Future(), Future(), Future()]
    tasks = await asked(landing, answers)
    tasks[0].cancel()
    answers[0].set_result("unheard")
    answers[1].set_exception(ValueError("no"))
    answers[2].set_result("yes")
    await asyncio.to_thread(landing.arrived)
    gone, no, yes = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(gone, asyncio.CancelledError)
    assert (str(no), yes) == ("no", "yes")


def test_a_loop_that_is_gone_is_not_woken() -> None:
    landing, answer = Landing(), Future[str]()

    async def leave() -> None:
        (await asked(landing, [answer]))[0].cancel()

    asyncio.run(leave())
    answer.set_result("late")
    landing.arrived()
