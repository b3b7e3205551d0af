"""The ledger of an array, in this process: what is synced, and file systems without hard links."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from bosco.agent import ledger
from bosco.agent.array import LOOKS
from bosco.agent.ledger import record_of
from bosco.agent.program import Agent
from bosco.agent.spool import Claim, Refused, Spool

STAMPS = [f"haaaaaaaaaaa{index:03d}" for index in range(100)]


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list with an entry for each fsync."""
    calls: list[int] = []
    fsync = os.fsync

    def counted(handle: int) -> None:
        calls.append(handle)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", counted)
    return calls


def submitted(folder: Path, number: int) -> tuple[Spool, list[str]]:
    """A spool where so many were submitted as one array."""
    agent, stamps = agent_at(folder), STAMPS[:number]
    record = together(agent, stamps)
    assert record["rc"] == 0
    assert "ledger" not in record
    return agent.spool, stamps


def agent_at(folder: Path) -> Any:
    """An agent with a spool there."""
    agent: Any = Agent()  # type: ignore[no-untyped-call]
    agent.spool = Spool(str(folder / "spool"))  # type: ignore[no-untyped-call]
    return agent


def together(agent: Any, stamps: list[str], script: bytes = LOOKS, **more: Any) -> dict[str, Any]:
    """What it answers to a submission of these as one array."""
    tasks = [
        {"stamp": stamp, "inputs": {}, "credentials": [], "suffix": f"_{index}", "files": [("job.sh", 4)]}
        for index, stamp in enumerate(stamps)
    ]
    header = {
        "tasks": tasks,
        "files": [("job.array", len(script))],
        "argv": ["/bin/echo", "4711"],
        "timeout": 60,
    }
    reply, _ = agent.do_submit_together({**header, **more}, b"true" * len(stamps) + script)
    found: dict[str, Any] = reply["record"]
    return found


def tasks_of(spool: Spool, stamps: list[str]) -> list[str]:
    return [record_of(spool, stamp)["task"] for stamp in stamps]  # type: ignore[no-untyped-call]


def test_an_array_waits_as_often_for_the_disk_as_one(tmp_path: Path, synced: list[int]) -> None:
    """For the room of its ledger, the claims, and the answer."""
    submitted(tmp_path / "one", 1)
    once = len(synced)
    spool, stamps = submitted(tmp_path / "many", 100)
    assert once == 3
    assert len(synced) == 2 * once
    assert tasks_of(spool, stamps) == [f"_{index}" for index in range(100)]


def test_each_has_one_of_its_own_where_there_are_no_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*arguments: Any, **more: Any) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refused)
    spool, stamps = submitted(tmp_path, 3)
    assert tasks_of(spool, stamps) == ["_0", "_1", "_2"]
    ledgers = [Path(spool.pilots) / stamp / "submit" for stamp in stamps]
    assert {ledger.stat().st_nlink for ledger in ledgers} == {1}
    assert json.loads(ledgers[1].read_bytes())["task"] == "_1"


def test_nothing_in_a_folder_is_open_when_its_claim_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network file system keeps what is open under another name: its folder stays, hence the claim."""
    agent, held = agent_at(tmp_path), []
    take_back = Claim.take_back

    def watched(claim: Any) -> None:
        handles = [os.readlink(entry) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()]
        held.append((claim.stamp, [each for each in handles if each.startswith(claim.folder)]))
        take_back(claim)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(Claim, "take_back", watched)
    with pytest.raises(Refused, match="too late"):
        together(agent, STAMPS[:3], before=0.0)
    assert sorted(held) == [(stamp, []) for stamp in STAMPS[:3]]


@pytest.mark.parametrize("shared", [True, False])
def test_who_has_a_ledger_of_its_own_and_who_shares_one_do_not_lose_it_by_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: bool
) -> None:
    """The disk refuses one of both; that it does is told."""
    link, fill = os.link, ledger.fill

    def most(source: str, *names: Any, dst_dir_fd: int, **more: Any) -> None:
        if os.readlink(f"/proc/self/fd/{dst_dir_fd}").endswith(STAMPS[1]):
            raise OSError(errno.EMLINK, "no more links")
        link(source, *names, dst_dir_fd=dst_dir_fd, **more)

    def full(handle: Any, record: dict[str, Any], size: int) -> None:
        if ("tasks" in record) is shared:
            raise OSError(errno.EDQUOT, "no room")
        fill(handle, record, size)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(os, "link", most)
    monkeypatch.setattr(ledger, "fill", full)
    agent = agent_at(tmp_path)
    assert "no room" in together(agent, STAMPS[:3])["ledger"]
    found = [record_of(agent.spool, stamp) for stamp in STAMPS[:3]]  # type: ignore[no-untyped-call]
    has = [record["task"] if record else None for record in found]
    assert has == ([None, "_1", None] if shared else ["_0", None, "_2"])


def test_a_script_that_nobody_looks_at_later_is_on_the_disk(tmp_path: Path, synced: list[int]) -> None:
    """An installed agent may be newer than the CE, whose array starts what is there."""
    together(agent_at(tmp_path / "looks"), STAMPS[:5])
    usual = len(synced)
    together(agent_at(tmp_path / "before"), STAMPS[:5], b"[ -s job.sh ] && exec /bin/sh ./job.sh")
    assert len(synced) - usual >= usual + 5
