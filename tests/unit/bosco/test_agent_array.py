"""Several stamps with one command: all are claimed or none, and each has a ledger of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from raw_agent import RawAgent
from tools import Tools

STAMPS = [f"haaaaaaaaaaa{index:03d}" for index in range(3)]
MARK = "hmmmmmmmmmmmmmm"


def together(agent: RawAgent, submit: str | Path, stamps: list[str] = STAMPS, **more: Any) -> dict[str, Any]:
    """The reply to a submission of these."""
    return agent.receive(begin(agent, submit, stamps, **more)).header


def begin(agent: RawAgent, submit: str | Path, stamps: list[str], **more: Any) -> int:
    tasks, bodies = [], []
    for stamp in stamps:
        bodies.append(f"echo {stamp}\n".encode())
        tasks.append(
            {"stamp": stamp, "inputs": {}, "credentials": [], "suffix": f"_{int(stamp[-3:])}",
             "files": [("job.sh", len(bodies[-1]))]}
        )  # fmt: skip
    script = b"#!/bin/sh\n"
    header = {"tasks": tasks, "files": [("job.array", len(script))], "argv": [str(submit)], "timeout": 60}
    return agent.send("submit_together", b"".join([*bodies, script]), **header, **more)


def test_one_command_and_a_ledger_for_each(agent: RawAgent, spool: Path, tools: Tools) -> None:
    reply = together(agent, tools.add("submit", "pwd >&2; echo 4711"))
    assert reply["record"]["stdout"] == "4711\n"
    assert reply["record"]["stderr"] == f"{spool}/pilots/{STAMPS[0]}\n"
    assert len(tools.calls("submit")) == 1
    for index, stamp in enumerate(STAMPS):
        evidence = agent.evidence(stamp)
        assert evidence["record"]["task"] == f"_{index}"
        assert evidence["record"]["stdout"] == "4711\n"
        assert (spool / "pilots" / stamp / "job.sh").read_text() == f"echo {stamp}\n"
    assert [path.parent.name for path in spool.glob("pilots/*/job.array")] == STAMPS[:1]


def test_SL12_nothing_is_done_when_one_was_claimed_before_and_its_answer_is_told(
    agent: RawAgent, tools: Tools
) -> None:
    submit = tools.add("submit", "echo 4711")
    agent.submit(STAMPS[1], submit)
    reply = together(agent, tools.add("array", "echo 4712"))
    assert {stamp: record["stdout"] for stamp, record in reply["claimed"].items()} == {STAMPS[1]: "4711\n"}
    assert tools.calls("array") == []
    assert [agent.evidence(stamp)["claimed"] for stamp in STAMPS] == [False, True, False]


def test_EN2_killed_after_the_command_all_are_claimed_and_none_is_submitted_again(
    start_agent: Callable[..., RawAgent], agent: RawAgent, spool: Path, tools: Tools
) -> None:
    submit = tools.add("submit", "kill -9 $PPID; echo 4711")
    number = begin(agent, submit, STAMPS)
    with pytest.raises(EOFError):
        agent.receive(number)
    other = start_agent()
    other.hello(spool)
    reply = together(other, submit)
    assert reply["claimed"] == dict.fromkeys(STAMPS)
    assert len(tools.calls("submit")) == 1


def test_a_request_that_comes_too_late_or_to_another_spool_leaves_no_claim(
    agent: RawAgent, tools: Tools
) -> None:
    submit = tools.add("submit", "echo 4711")
    for refused in (together(agent, submit, before=1.0), together(agent, submit, mark=MARK)):
        assert refused["refused"]
        assert not any(agent.evidence(stamp)["claimed"] for stamp in STAMPS)
    assert tools.calls("submit") == []


def test_input_files_that_are_missing_are_told_before_anything_is_claimed(
    agent: RawAgent, tools: Tools
) -> None:
    task = {"stamp": STAMPS[0], "inputs": {"a": "0" * 64}, "credentials": [], "suffix": "_0", "files": []}
    submit = tools.add("submit", "echo 4711")
    reply = agent.ask("submit_together", tasks=[task], files=[], argv=[str(submit)], timeout=60).header
    assert reply["missing"] == ["0" * 64]
    assert not agent.evidence(STAMPS[0])["claimed"]


def test_what_one_of_them_must_not_have_takes_all_claims_back(agent: RawAgent, tools: Tools) -> None:
    tasks = [
        {"stamp": stamp, "inputs": {}, "credentials": [], "suffix": "_0", "files": [(name, 0)]}
        for stamp, name in zip(STAMPS, ["job.sh", "job.sh", "../job"], strict=True)
    ]
    submit = tools.add("submit", "echo 4711")
    reply = agent.ask("submit_together", tasks=tasks, files=[], argv=[str(submit)], timeout=60).header
    assert "../job" in reply["refused"]
    assert not any(agent.evidence(stamp)["claimed"] for stamp in STAMPS)


def test_the_answer_is_one_file_that_each_of_them_has(agent: RawAgent, spool: Path, tools: Tools) -> None:
    together(agent, tools.add("submit", "ls submit.room ../*/submit.room >&2; echo 4711"))
    ledgers = [spool / "pilots" / stamp / "submit" for stamp in STAMPS]
    assert {ledger.stat().st_nlink for ledger in ledgers} == {len(STAMPS)}
    assert agent.evidence(STAMPS[0])["record"]["stderr"].count("submit.room") == 1 + len(STAMPS)
    assert not list(spool.glob("pilots/*/submit.room"))
    agent.ask("remove", stamps=STAMPS[:2])
    assert agent.evidence(STAMPS[2])["record"]["task"] == "_2"


def test_what_a_job_does_to_its_own_leaves_the_others_theirs(agent: RawAgent, tools: Tools) -> None:
    work = f"rm ../{STAMPS[1]}/submit.room; ln -s /etc/passwd ../{STAMPS[1]}/submit.room; echo 4711"
    assert together(agent, tools.add("submit", work))["record"]["stdout"] == "4711\n"
    found = [agent.evidence(stamp)["record"] for stamp in STAMPS]
    assert [record and record["task"] for record in found] == ["_0", None, "_2"]


def test_a_room_that_is_gone_is_told_and_the_others_have_theirs(agent: RawAgent, tools: Tools) -> None:
    reply = together(agent, tools.add("submit", f"rm -r ../{STAMPS[1]}; echo 4711"))
    assert STAMPS[1] in reply["record"]["ledger"]
    found = {stamp: agent.evidence(stamp) for stamp in STAMPS}
    assert [evidence["claimed"] for evidence in found.values()] == [True, False, True]
    assert found[STAMPS[2]]["record"]["task"] == "_2"


def test_an_answer_that_lost_its_name_in_a_crash_is_still_on_record(
    agent: RawAgent, spool: Path, tools: Tools
) -> None:
    """The room was synced with the answer in it; that it was renamed was not."""
    together(agent, tools.add("submit", "echo 4711"))
    for stamp in STAMPS[:2]:
        (spool / "pilots" / stamp / "submit").rename(spool / "pilots" / stamp / "submit.room")
    assert [agent.evidence(stamp)["record"]["task"] for stamp in STAMPS] == ["_0", "_1", "_2"]
    assert [agent.evidence(stamp)["record"]["stdout"] for stamp in STAMPS] == ["4711\n"] * 3


def test_a_ledger_of_many_tells_no_id_of_a_stamp_that_is_none_of_them(
    agent: RawAgent, spool: Path, tools: Tools
) -> None:
    together(agent, tools.add("submit", "echo 4711"))
    other = spool / "pilots" / "haaaaaaaaaaa009"
    other.mkdir()
    (other / "submit").write_bytes((spool / "pilots" / STAMPS[0] / "submit").read_bytes())
    assert agent.evidence(other.name)["record"]["task"] is None, "hence it is not on record"


def test_a_thousand_have_room(agent: RawAgent, spool: Path, tools: Tools) -> None:
    stamps = [f"haaaaaaaaaaa{index:03d}" for index in range(1000)]
    together(
        agent, tools.add("submit", r"""head -c 20000 /dev/zero | tr '\0' '\377' | tee /dev/stderr"""), stamps
    )
    assert agent.evidence(stamps[999])["record"]["task"] == "_999"
    assert (spool / "pilots" / stamps[0] / "submit").stat().st_size < 65536, "what is read of a ledger"
