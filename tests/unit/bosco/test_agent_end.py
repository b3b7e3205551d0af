"""How an agent ends: what is under way is finished and written down, nothing new is begun."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from raw_agent import NONCE, RawAgent
from tools import Barrier, Tools

from bosco.agent.program import THREADS
from bosco.frames import encode

STAMP = "haaaaaaaaaaaaaa"


def test_EN2_at_the_end_of_input_commands_under_way_are_finished_and_queued_ones_not_begun(
    agent: RawAgent, spool: Path, tools: Tools, barrier: Callable[[], Barrier]
) -> None:
    begun, go_on = barrier(), barrier()
    submit = tools.add("submit", f"{begun.tell}; {go_on.pause}; echo 4711")
    stamps = [f"haaaaaaaaaaaa{chr(97 + n // 10)}{n % 10}" for n in range(THREADS)]
    for stamp in stamps:
        agent.begin_submit(stamp, submit, timeout=60)
    begun.expect(THREADS)
    queued_submit = agent.begin_submit(STAMP, submit)
    queued_run = agent.send("run", argv=[tools.add("cancel", ":")], timeout=1, limit=1)
    queued_revoke = agent.send("revoke", stamp="hbbbbbbbbbbbbbb")
    agent.close_input_and_be_noticed()
    go_on.release(THREADS)
    for number in (queued_submit, queued_run, queued_revoke):
        assert "closing" in agent.receive(number).header["refused"]
    assert agent.wait() == 0
    folders = {path.name: path for path in (spool / "pilots").iterdir()}
    assert sorted(folders) == stamps
    ledgers = [json.loads((folder / "submit").read_text()) for folder in folders.values()]
    assert [ledger["stdout"] for ledger in ledgers] == ["4711\n"] * THREADS
    assert len(tools.calls("submit")) == THREADS
    assert tools.calls("cancel") == []


def test_when_nobody_listens_any_more_the_ledger_is_written_all_the_same(
    agent: RawAgent, spool: Path, tools: Tools, barrier: Callable[[], Barrier]
) -> None:
    begun, go_on = barrier(), barrier()
    agent.begin_submit(STAMP, tools.add("submit", f"{begun.tell}; {go_on.pause}; echo 4711"))
    begun.expect()
    assert agent.process.stdout
    agent.process.stdout.close()
    agent.close_input()
    go_on.release()
    assert agent.wait() == 0
    assert json.loads((spool / "pilots" / STAMP / "submit").read_text())["stdout"] == "4711\n"


@pytest.mark.parametrize(
    "damage",
    [
        lambda frame: frame.replace(b"evidence", b"evidance"),
        lambda frame: frame.replace(NONCE, NONCE[::-1]),
        lambda frame: b"noise\n" + frame,
        lambda frame: frame[:40].replace(b" ", b"  x ") + frame[40:],
    ],
    ids=["checksum", "nonce", "noise", "preamble"],
)
def test_a_damaged_request_is_not_carried_out(agent: RawAgent, damage: Callable[[bytes], bytes]) -> None:
    whole = encode(NONCE, {"op": "evidence", "stamps": [], "id": 77})
    assert damage(whole) != whole
    agent.write(damage(whole))
    with pytest.raises(EOFError):
        agent.receive(77)
    assert agent.wait() == 1
    assert "ValueError" in agent.said


def test_half_a_request_is_not_carried_out(agent: RawAgent, tools: Tools) -> None:
    submit = {"op": "submit", "id": 77, "stamp": STAMP, "argv": [tools.add("submit", ":")], "inputs": {}}
    agent.write(encode(NONCE, {**submit, "timeout": 1}, b"#!/bin/sh\n")[:-1])
    agent.close_input()
    assert agent.wait() == 0
    assert tools.calls("submit") == []


def test_an_operation_that_breaks_is_answered_and_the_next_one_works(agent: RawAgent) -> None:
    assert agent.ask("submit").header["error"].startswith("KeyError")
    assert "no operation" in agent.ask("fly").header["refused"]
    assert agent.ask("evidence", stamps=[]).body == b"{}"


def test_another_protocol_is_refused(start_agent: Callable[..., RawAgent], spool: Path) -> None:
    reply = start_agent().ask("hello", protocol=99, spool=str(spool)).header
    assert "protocol 1" in reply["refused"]
    assert not spool.exists()


def test_a_hangup_ends_nothing(agent: RawAgent, tools: Tools, barrier: Callable[[], Barrier]) -> None:
    begun, go_on = barrier(), barrier()
    number = agent.begin_submit(STAMP, tools.add("submit", f"{begun.tell}; {go_on.pause}; echo 4711"))
    begun.expect()
    agent.process.send_signal(signal.SIGHUP)
    go_on.release()
    assert agent.receive(number).header["record"]["stdout"] == "4711\n"


def test_SS8_only_frames_come_out_of_it(agent: RawAgent, tools: Tools) -> None:
    """A command that writes to the agent's own outputs reaches its standard error, never the frames."""
    agent.submit(STAMP, tools.add("submit", "echo intruder >/proc/$PPID/fd/1"))
    assert agent.ask("evidence", stamps=[]).body == b"{}"
    assert agent.noise == b""
    assert "intruder" in agent.said
