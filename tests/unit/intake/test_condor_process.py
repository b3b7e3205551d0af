"""The process that talks to the schedd: whatever becomes of it, calls end in time and the next one works."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hosted_ce.intake.condor.process import ChildProcess, QueueRefused, QueueUnavailable

CHILD = (sys.executable, str(Path(__file__).with_name("fake_child.py")))
LONG = 30.0
SHORT = 0.2


@pytest.fixture
async def child() -> AsyncIterator[ChildProcess]:
    made = ChildProcess({"CONDOR_CONFIG": "/the/config"}, CHILD)
    yield made
    await made.close()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_call_goes_there_and_back(child: ChildProcess) -> None:
    text = "é☃𝄞\udcff\n\0" + "x" * 300_000
    assert await child.call("echo", LONG, text=text, number=5) == {"text": text, "number": 5}
    assert await child.call("environment", LONG, name="CONDOR_CONFIG") == "/the/config"


async def test_one_process_serves_many_calls_and_ends_with_us(child: ChildProcess) -> None:
    assert child.pid is None
    pid = await child.call("pid", LONG)
    assert await child.call("pid", LONG) == pid == child.pid
    await child.close()
    assert child.pid is None
    assert not alive(pid)


async def test_calls_take_turns(child: ChildProcess) -> None:
    answers = await asyncio.gather(*(child.call("echo", LONG, n=n) for n in range(20)))
    assert answers == [{"n": n} for n in range(20)]


async def test_a_refusal_is_told_and_the_process_lives_on(child: ChildProcess) -> None:
    pid = await child.call("pid", LONG)
    with pytest.raises(QueueRefused, match="refused refuse: HTCondorException: no"):
        await child.call("refuse", LONG)
    assert await child.call("pid", LONG) == pid


async def test_a_schedd_that_does_not_answer_has_not_refused_anything(child: ChildProcess) -> None:
    with pytest.raises(QueueUnavailable, match=r"did not answer fail: .*Failed to connect") as caught:
        await child.call("fail", LONG)
    assert not isinstance(caught.value, QueueRefused)


async def test_a_child_that_hangs_is_killed_and_the_next_call_works(child: ChildProcess) -> None:
    pid = await child.call("pid", LONG)
    with pytest.raises(QueueUnavailable, match=r"did not answer hang within 0\.2 s"):
        await child.call("hang", SHORT)
    assert not alive(pid)
    assert await child.call("pid", LONG) != pid


@pytest.mark.parametrize("operation", ["die", "nonsense"])
async def test_a_child_that_dies_or_talks_nonsense_is_replaced(child: ChildProcess, operation: str) -> None:
    pid = await child.call("pid", LONG)
    with pytest.raises(QueueUnavailable, match="the process that talks to the schedd"):
        await child.call(operation, LONG)
    assert not alive(pid)
    assert await child.call("pid", LONG) != pid


async def test_a_child_that_died_while_nobody_called_is_replaced(child: ChildProcess) -> None:
    os.kill(await child.call("pid", LONG), 9)
    with pytest.raises(QueueUnavailable):
        await child.call("pid", LONG)
    assert await child.call("echo", LONG) == {}


async def test_a_call_that_is_cancelled_leaves_no_answer_behind(child: ChildProcess) -> None:
    pid = await child.call("pid", LONG)
    call = asyncio.create_task(child.call("hang", LONG))
    await asyncio.sleep(0.05)
    call.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await call
    assert call.cancelled()
    assert not alive(pid)
    assert await child.call("echo", LONG, n=1) == {"n": 1}


async def test_a_program_that_there_is_not_is_told() -> None:
    missing = ChildProcess({}, ["/nonexistent/program"])
    with pytest.raises(QueueUnavailable, match="No such file"):
        await missing.call("echo", LONG)
