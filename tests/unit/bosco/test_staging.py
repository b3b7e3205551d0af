"""Each content goes to the site once, whoever wants it, and what failed is tried again."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bosco.errors import Interrupted, NotRun
from bosco.frames import Frame
from bosco.link import Link
from bosco.staging import Stage

OpenLink = Callable[..., Awaitable[Link]]
CONTENTS = {hashlib.sha256(data).hexdigest(): data for data in (b"", b"a", b"b" * 10**6, bytes(range(256)))}


class Source:
    """Contents by checksum, and how often each was asked for."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.damaged = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, sha256: str) -> bytes:
        self.asked[sha256] += 1
        await self.gate.wait()
        return CONTENTS[sha256] + (b"x" if self.damaged else b"")


@pytest.fixture
async def stage(open_link: OpenLink) -> Stage:
    """Through an agent beside us."""
    return Stage(await open_link(), timeout=20)


def stored(spool: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (spool / "files").iterdir()}


async def test_callers_at_the_same_time_send_each_content_once(stage: Stage, spool: Path) -> None:
    source = Source()
    await asyncio.gather(*(stage.ensure(list(CONTENTS), source) for _ in range(10)))
    assert stored(spool) == CONTENTS
    assert set(source.asked.values()) == {1}
    await stage.ensure(list(CONTENTS), source)
    assert set(source.asked.values()) == {1}


async def test_a_content_that_is_wanted_under_two_names_is_sent_once(stage: Stage, spool: Path) -> None:
    source, [sha256, *_] = Source(), CONTENTS
    await stage.ensure((name for name in (sha256, sha256)), source)
    assert stored(spool) == {sha256: CONTENTS[sha256]}
    assert source.asked == {sha256: 1}


async def test_what_is_at_the_site_is_not_sent_again(stage: Stage, open_link: OpenLink) -> None:
    await stage.ensure(CONTENTS, Source())
    other = Source()
    await Stage(await open_link(), timeout=20).ensure(CONTENTS, other)
    assert not other.asked


async def test_a_failed_upload_fails_all_who_wait_and_the_next_caller_tries_again(
    stage: Stage, spool: Path
) -> None:
    source, [sha256, *_] = Source(), CONTENTS
    source.damaged = True
    results = await asyncio.gather(
        *(stage.ensure([sha256], source) for _ in range(3)), return_exceptions=True
    )
    assert [type(result) for result in results] == [NotRun] * 3
    source.damaged = False
    await stage.ensure([sha256], source)
    assert stored(spool) == {sha256: CONTENTS[sha256]}
    assert source.asked == {sha256: 2}


async def test_a_caller_that_gives_up_does_not_stop_what_others_wait_for(stage: Stage, spool: Path) -> None:
    source = Source()
    source.gate.clear()
    first, second = (asyncio.create_task(stage.ensure(CONTENTS, source)) for _ in range(2))
    while len(source.asked) < len(CONTENTS):
        await asyncio.sleep(0)
    first.cancel()
    source.gate.set()
    await second
    assert stored(spool) == CONTENTS
    assert set(source.asked.values()) == {1}
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_failure_that_nobody_waits_for_any_more_is_forgotten(stage: Stage, spool: Path) -> None:
    source = Source()
    source.damaged = True
    source.gate.clear()
    only = asyncio.create_task(stage.ensure(CONTENTS, source))
    while len(source.asked) < len(CONTENTS):
        await asyncio.sleep(0)
    only.cancel()
    with pytest.raises(asyncio.CancelledError):
        await only
    sending = [task for task in asyncio.all_tasks() if "_send" in repr(task)]
    source.gate.set()
    await asyncio.wait(sending)
    source.damaged = False
    await stage.ensure(CONTENTS, source)
    assert stored(spool) == CONTENTS


async def test_a_content_that_went_away_is_sent_again(stage: Stage, spool: Path) -> None:
    source, [sha256, *_] = Source(), CONTENTS
    await stage.ensure([sha256], source)
    (spool / "files" / sha256).unlink()
    stage.forget([sha256, "0" * 64])
    await stage.ensure([sha256], source)
    assert stored(spool) == {sha256: CONTENTS[sha256]}


async def test_forgetting_while_others_wait_does_not_disturb_them(stage: Stage, spool: Path) -> None:
    source = Source()
    waiting = [asyncio.create_task(stage.ensure(CONTENTS, source)) for _ in range(3)]
    await asyncio.sleep(0)
    stage.forget(CONTENTS)
    await asyncio.gather(*waiting)
    assert stored(spool) == CONTENTS


async def test_a_lost_link_is_told_to_all(stage: Stage) -> None:
    source = Source()
    os.kill(stage.link.facts["pid"], signal.SIGKILL)
    results = await asyncio.gather(
        *(stage.ensure(CONTENTS, source) for _ in range(3)), return_exceptions=True
    )
    assert all(isinstance(result, Interrupted | NotRun) for result in results)


async def test_a_missing_content_here_is_the_callers_own_error(stage: Stage) -> None:
    async def nothing(sha256: str) -> bytes:
        raise FileNotFoundError(sha256)

    with pytest.raises(FileNotFoundError):
        await stage.ensure(CONTENTS, nothing)
    await stage.ensure(CONTENTS, Source())


async def test_of_contents_without_end_those_that_were_wanted_last_are_remembered(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each pilot has some that only it has: what is known of them must not pile up."""
    monkeypatch.setattr("bosco.staging.REMEMBERED", 2)
    call, asked = stage.link.call, list[str]()

    async def noted(operation: str, header: dict[str, Any], *more: Any, **named: Any) -> Frame:
        asked.extend(header["sha256"] if operation == "missing" else [])
        return await call(operation, header, *more, **named)

    monkeypatch.setattr(stage.link, "call", noted)
    shared, *own = CONTENTS
    for sha256 in own:
        await stage.ensure([shared, sha256], Source())
    assert asked.count(shared) == 1
    asked.clear()
    await stage.ensure([own[0]], Source())
    assert asked == own[:1]
    assert not stage._under_way
