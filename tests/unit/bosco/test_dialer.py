"""A site is never hammered, and a link that works is used by all."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bosco.dialer import FIRST_PAUSE_S, LONGEST_PAUSE_S, REFUSED_PAUSE_S, Contact, Dialer
from bosco.dials import local_dial
from bosco.errors import AgentUnusable, HostKeyRefused, LoginRefused, NotRun, Unreachable
from bosco.link import Link

OpenLink = Callable[..., Awaitable[Link]]


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Way:
    """A way to the site that fails while `error` is set."""

    def __init__(self, open_link: OpenLink, error: NotRun | None = None):
        self._open, self.error, self.tries = open_link, error, 0

    async def __call__(self) -> Link:
        self.tries += 1
        await asyncio.sleep(0)
        if self.error:
            raise self.error
        return await self._open()


def dialer(*ways: Way, clock: Clock) -> Dialer:
    return Dialer(list(ways), monotonic=clock, wall=clock)


async def fails(dialer: Dialer) -> NotRun:
    with pytest.raises(NotRun) as caught:
        await dialer.link()
    return caught.value


async def test_SS5_callers_at_the_same_time_share_one_login(open_link: OpenLink) -> None:
    way = Way(open_link)
    site = dialer(way, clock=Clock())
    assert site.status.contact is Contact.NOT_YET
    links = await asyncio.gather(*(site.link() for _ in range(20)))
    assert len(set(map(id, links))) == 1
    assert await site.link() is links[0]
    assert way.tries == 1
    assert (site.status.contact, site.status.problem) == (Contact.READY, None)
    assert site.status.facts == links[0].facts


async def test_SS5_callers_at_the_same_time_share_one_failure(open_link: OpenLink) -> None:
    way = Way(open_link, Unreachable("no route"))
    site = dialer(way, clock=Clock())
    results = await asyncio.gather(*(site.link() for _ in range(20)), return_exceptions=True)
    assert {str(result) for result in results} == {"no route"}
    assert way.tries == 1


async def test_a_failure_that_is_told_again_and_again_holds_no_more_than_the_first_time(
    open_link: OpenLink,
) -> None:
    """Whoever asks within the pause gets the same error: it would keep the frames of all who got it."""
    site = dialer(Way(open_link, Unreachable("no route")), clock=Clock())
    await fails(site)
    frames = [len(list(traceback.walk_tb((await fails(site)).__traceback__))) for _ in range(5)]
    assert len(set(frames)) == 1


async def test_SS6_the_pause_grows_and_is_bounded(open_link: OpenLink) -> None:
    clock, way = Clock(), Way(open_link, Unreachable("no route"))
    site = dialer(way, clock=clock)
    for failures in range(12):
        await fails(site)
        assert way.tries == failures + 1
        pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**failures)
        clock.now += 0.79 * pause
        assert str(await fails(site)) == "no route"
        assert way.tries == failures + 1, "within the pause nobody is called"
        clock.now += 0.42 * pause
    way.error = None
    await site.link()
    assert site.status.contact is Contact.READY


async def test_SS6_after_a_success_the_pause_is_short_again(open_link: OpenLink) -> None:
    clock, way = Clock(), Way(open_link, Unreachable("no route"))
    site = dialer(way, clock=clock)
    for _ in range(6):
        await fails(site)
        clock.now += 2 * LONGEST_PAUSE_S
    way.error = None
    link = await site.link()
    await link.close()
    way.error = Unreachable("no route")
    await fails(site)
    tries = way.tries
    clock.now += 1.21 * FIRST_PAUSE_S
    await fails(site)
    assert way.tries == tries + 1


@pytest.mark.parametrize("refusal", [LoginRefused("not you"), HostKeyRefused("not them")])
async def test_SS6_a_refusal_is_not_tried_again_for_a_quarter_of_an_hour(
    open_link: OpenLink, refusal: NotRun
) -> None:
    clock, way = Clock(), Way(open_link, refusal)
    site = dialer(way, clock=clock)
    began = clock.now
    assert await fails(site) is refusal
    assert site.status.contact is Contact.REFUSED
    while clock.now < began + 0.79 * REFUSED_PAUSE_S:
        clock.now += 10
        assert await fails(site) is refusal
    assert way.tries == 1
    clock.now = began + 1.21 * REFUSED_PAUSE_S
    await fails(site)
    assert way.tries == 2


@pytest.mark.parametrize("refused_first", [True, False])
async def test_SS6_a_refusing_node_is_not_tried_more_often_because_another_is_away(
    open_link: OpenLink, refused_first: bool
) -> None:
    clock = Clock()
    refusing, away = Way(open_link, LoginRefused("not you")), Way(open_link, Unreachable("no route"))
    site = dialer(*((refusing, away) if refused_first else (away, refusing)), clock=clock)
    await fails(site)
    for _ in range(60):
        clock.now += 10
        await fails(site)
    assert (refusing.tries, away.tries) == (1, 1)


async def test_SS16_the_next_login_node_is_tried_and_kept(open_link: OpenLink) -> None:
    clock = Clock()
    first, second, third = Way(open_link, Unreachable("away")), Way(open_link), Way(open_link)
    site = dialer(first, second, third, clock=clock)
    link = await site.link()
    assert (first.tries, second.tries, third.tries) == (1, 1, 0)
    await link.close()
    link = await site.link()
    assert (first.tries, second.tries, third.tries) == (1, 2, 0), "the one that worked is tried first"
    await link.close()
    second.error = Unreachable("away")
    await site.link()
    assert (first.tries, second.tries, third.tries) == (1, 3, 1)


async def test_when_all_fail_each_was_tried_once_and_their_order_stays(open_link: OpenLink) -> None:
    clock, ways = Clock(), [Way(open_link, Unreachable(name)) for name in "abc"]
    site = dialer(*ways, clock=clock)
    assert str(await fails(site)) == "c"
    assert [way.tries for way in ways] == [1, 1, 1]
    clock.now += 10
    ways[0].error = None
    await site.link()
    assert [way.tries for way in ways] == [2, 1, 1]


async def test_losing_the_link_calls_back_once_and_the_next_caller_logs_in(open_link: OpenLink) -> None:
    way, losses, clock = Way(open_link), [], Clock()
    site = dialer(way, clock=clock)
    lost = asyncio.Event()
    site.on_loss(lambda: losses.append(site.status.contact))
    site.on_loss(lost.set)
    link = await site.link()
    clock.now += 500
    os.kill(link.facts["pid"], signal.SIGKILL)
    async with asyncio.timeout(20):
        await lost.wait()
    assert losses == [Contact.DOWN]
    assert (site.status.since, site.status.facts) == (clock.now, {})
    assert await site.link() is not link
    assert (site.status.contact, way.tries) == (Contact.READY, 2)


async def test_the_status_tells_since_when(open_link: OpenLink) -> None:
    clock, way = Clock(), Way(open_link, Unreachable("first"))
    site = dialer(way, clock=clock)
    await fails(site)
    down_since = clock.now
    clock.now += 100
    way.error = Unreachable("second")
    await fails(site)
    status = site.status
    assert (status.contact, status.since, status.problem) == (Contact.DOWN, down_since, "second")


async def test_a_caller_that_gives_up_leaves_the_dialer_usable(open_link: OpenLink) -> None:
    way = Way(open_link)
    site = dialer(way, clock=Clock())
    first = asyncio.create_task(site.link())
    await asyncio.sleep(0)
    second = asyncio.create_task(site.link())
    first.cancel()
    assert (await second).alive
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_site_without_login_nodes(clean_loop: None) -> None:
    with pytest.raises(NotRun, match="no login node"):
        await Dialer([]).link()


async def test_closing_ends_the_link(open_link: OpenLink) -> None:
    site = dialer(Way(open_link), clock=Clock())
    await site.close()
    link = await site.link()
    await site.close()
    assert not link.alive


async def test_SS18_a_local_agent_that_cannot_work_says_why(clean_loop: None, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AgentUnusable, match=r"local agent: .*cannot make or write the spool"):
        await local_dial(spool=str(tmp_path / "file"))()


async def test_a_local_batch_system_sees_nothing_that_is_the_service_s_alone(
    clean_loop: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOSTED_CE_DATABASE_URL", "PGPASSWORD", "PGPASSFILE", "SLURM_CONF"):
        monkeypatch.setenv(name, "value-of-it")
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nenv > {tmp_path}/seen\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    link = await local_dial(spool=str(tmp_path / "spool"), python=str(python))()
    await link.close()

    seen = [line for line in (tmp_path / "seen").read_text().splitlines() if "value-of-it" in line]
    assert seen == ["SLURM_CONF=value-of-it"]
