"""A CE with nothing to do wakes up seldom, and whoever wants something of it waits no longer for that."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import pytest

from hosted_ce.api.views import Contact
from hosted_ce.audit import log as audit_log
from hosted_ce.audit.file import AuditFile
from hosted_ce.audit.record import Outcome, Record
from hosted_ce.daemon.outlook import INTERVAL_S, QUIET_S, Outlook
from hosted_ce.intake.condor.door import PAUSE_S, CondorDoor
from hosted_ce.redaction import Redactor
from tests.fakes.virtual_time import run

NOTHING = cast(Any, None)


class Looks:
    """Takes down when something looked."""

    def __init__(self) -> None:
        self.at: list[float] = []

    async def __call__(self) -> None:
        self.at.append(asyncio.get_running_loop().time())


async def _ticks(work: Any, *calls: tuple[float, Any], seconds: float) -> None:
    """Has `work` go on for so long; each call comes after so many seconds."""
    loop, working = asyncio.get_running_loop(), asyncio.create_task(work())
    for after, call in calls:
        loop.call_later(after, call)
    await asyncio.sleep(seconds)
    working.cancel()


def _door(monkeypatch: pytest.MonkeyPatch) -> tuple[CondorDoor, Looks]:
    looks = Looks()
    door = CondorDoor(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, site="LAB", now=lambda: 0.0, interval=1.0)
    monkeypatch.setattr(door, "tick", looks)
    return door, looks


def test_a_door_to_which_nobody_comes_wakes_up_for_each_look_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    door, looks = _door(monkeypatch)
    run(_ticks(door.run, seconds=6.1))
    assert looks.at == pytest.approx([n * (1 + PAUSE_S) for n in range(6)])


def test_a_change_is_told_at_once_and_many_after_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    door, looks = _door(monkeypatch)
    wake = door._hint.wake
    run(_ticks(door.run, (0.5, wake), (0.55, wake), (0.6, wake), (0.8, wake), seconds=1.5))
    assert looks.at == pytest.approx([0, 0.5, 0.5 + PAUSE_S, 0.5 + 2 * PAUSE_S])


def _outlook(stores: Mock, now: Callable[[], float], **more: Any) -> Outlook:
    given = {"force": Mock(), "fleet": Mock(), **more}
    return Outlook(
        stores, given["force"], given["fleet"], Mock(), Mock(), nodes=Mock(), ramps=Mock(),
        idle_nodes=Mock(), supervisor=Mock(), metrics=Mock(), now=now, token=Path("token"),
    )  # fmt: skip


def test_contacts_that_are_compared_are_of_the_clusters_that_are_shown() -> None:
    """While the site file is swapped there may be others: they are not to be called known unseen."""
    ready = Contact.READY, 7.0
    fleet = Mock(parts={"old": Mock(contact=ready), "coming": Mock(contact=ready)})
    outlook = _outlook(
        Mock(), lambda: 0.0, force=Mock(site=Mock(clusters=["old", "not served"])), fleet=fleet
    )
    assert outlook.contacts() == {"old": ready}


def test_metrics_of_an_idle_ce_are_brought_up_to_date_less_often() -> None:
    looks, stores = Looks(), Mock(gauges=SimpleNamespace(commits=0))

    async def watched() -> list[float]:
        now = asyncio.get_running_loop().time
        outlook = _outlook(stores, now)

        async def tick() -> None:
            outlook._told_at = now()
            outlook._recount.done(outlook._recount.begin())
            await looks()

        outlook.tick = tick  # type: ignore[method-assign]

        def written() -> None:
            stores.gauges.commits += 1

        await _ticks(outlook.run, (12.5, written), seconds=19)
        return looks.at

    at = run(watched())
    assert at == [0, QUIET_S, 2 * QUIET_S, 2 * QUIET_S + INTERVAL_S]


async def test_the_disk_is_asked_to_keep_what_was_noted_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = asyncio.Queue[int]()
    loop, fsync = asyncio.get_running_loop(), os.fsync

    def noted(handle: int) -> None:
        fsync(handle)
        loop.call_soon_threadsafe(kept.put_nowait, handle)

    monkeypatch.setattr(audit_log, "SYNC_S", 0.0)
    monkeypatch.setattr(os, "fsync", noted)
    log = audit_log.AuditLog(AuditFile(tmp_path / "a", 10_000, 2), Redactor([]), lambda: 0.0)
    working = asyncio.create_task(log.run())
    for _ in range(3):
        log.note(Record("rest", "Ada", "submit_pilot", Outcome.ALLOWED))
        await kept.get()
    assert kept.empty()
    working.cancel()
