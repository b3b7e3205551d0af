"""What an agent says, and what a hostile account has put into the files of its spool."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Coroutine
from typing import Any

from bosco.batch.model import BatchRequest, CommandResult, InputFile, JobRecord
from bosco.batch.registry import SYSTEMS
from bosco.errors import BoscoError
from bosco.frames import Frame
from bosco.gateway import Gateway
from bosco.link import Link
from bosco.look import looked
from bosco.quota import quotas
from bosco.ssh.walk import _numbers
from tests.fuzz.target import Target, parts, stored, text_of

STAMP = "h" * 15
REQUEST = BatchRequest(STAMP, "run", (InputFile("run", "0" * 64),), 3600)
FACTS = {"spool": "/s", "user": "osg01", "host": "h", "python": "3.9.1", "installed": None}


class _Link(Link):
    """Every request gets the same reply."""

    def __init__(self, reply: Frame):
        self.reply = reply
        self.facts = dict(FACTS)

    async def call(
        self, op: str, header: dict[str, Any] | None = None, body: bytes = b"", *, timeout: float
    ) -> Frame:
        return self._checked(op, self.reply)

    noise = b""  # type: ignore[assignment]
    noise_bytes = 0  # type: ignore[assignment]

    def until(self, seconds: float) -> float:
        return seconds

    async def another_session(self, timeout: float) -> bool | str:
        return True

    async def close(self) -> str:
        return ""


class _Dialer:
    def __init__(self, link: Link):
        self._link = link

    async def link(self) -> Link:
        return self._link

    def check(self, callback: Any) -> None:
        pass


async def _contents(sha256: str) -> bytes:
    return b""


async def _all(gateway: Gateway) -> None:
    """The evidence last: what was said there is judged by the engine."""
    calls: list[Callable[[], Coroutine[Any, Any, Any]]] = [
        lambda: gateway.submit(REQUEST, _contents), lambda: gateway.revoke(STAMP), gateway.listing,
        lambda: gateway.cancel(["1"]), lambda: gateway.refresh(STAMP, {"a": "0" * 64}, _contents),
        lambda: gateway.output(STAMP, "stdout"), lambda: gateway.remove([STAMP]), gateway.probe,
        lambda: gateway.accounting(0.0, stamps=[STAMP]),
    ]  # fmt: skip
    for call in calls:
        with contextlib.suppress(BoscoError):
            await call()
    with contextlib.suppress(BoscoError):
        for stamp, found in (await gateway.evidence([STAMP])).items():
            assert isinstance(stamp, str)
            _check_record(found.job)
            assert found.batch_id is None or isinstance(found.batch_id, str)


def _check_record(record: JobRecord) -> None:
    stored(record.started_at, record.ended_at)
    assert -(2**31) <= (record.exit_code or 0) < 2**31
    assert all(0 <= (number or 0) < 2**31 for number in (record.peak_memory_mb, record.user_cpu_s))


def replies(data: bytes) -> None:
    """A reply of an agent whose login node means us ill: an error of bosco, or an answer."""
    head, body = parts(data, 2)
    try:
        header = json.loads(head)
    except (ValueError, RecursionError):
        return
    if not isinstance(header, dict):
        return
    asyncio.run(_all(Gateway(_Dialer(_Link(Frame(header, body))), SYSTEMS["slurm"]())))  # type: ignore[arg-type]


def ledger(data: bytes) -> None:
    """The files of one job's folder, as its agent sends them: ledger, start, end, and the ledger's room."""
    from bosco.agent.program import Agent

    submit, start, end, look, room = parts(data, 5)
    files = {"submit": submit, "start": start, "exit": end, "submit.room": room}

    class _Spool:
        def read_small(self, stamp: str, name: str) -> str | None:
            return text_of(files[name])

        def folder(self, stamp: str) -> str:
            return "/"

        def size(self, stamp: str, name: str) -> int | None:
            return None

    agent = Agent()
    agent.spool = _Spool()  # type: ignore[assignment]
    header, body = agent.do_evidence({"stamps": [STAMP, "other"]}, b"")
    said = json.loads(body)
    assert set(said) == {STAMP, "other"}
    gateway = Gateway(_Dialer(_Link(Frame(header, body))), SYSTEMS["slurm"]())  # type: ignore[arg-type]
    found = asyncio.run(gateway.evidence([STAMP, "other"]))
    assert found["other"].claimed, "what one job has written keeps nobody else's evidence from us"
    _check_record(found[STAMP].job)
    looked(CommandResult(0, look))
    quotas(CommandResult(0, look))
    _numbers(text_of(look))


TARGETS = (
    Target("replies", "agent's replies and spool files", replies),
    Target("ledger", "agent's replies and spool files", ledger),
)
