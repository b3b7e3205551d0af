"""A stamp's command runs at most once in the stamp's life, whatever is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from raw_agent import RawAgent
from tools import Barrier, Tools

STAMP = "haaaaaaaaaaaaaa"


def test_SL12_two_agents_at_once_submit_one_stamp_once(
    start_agent: Callable[..., RawAgent], spool: Path, tools: Tools
) -> None:
    submit = tools.add("submit", "echo 7")
    first, second = start_agent(), start_agent()
    first.hello(spool)
    second.hello(spool)
    stamps = [f"haaaaaaaaaaaa{a}{b}" for a in "abcd" for b in "abcdef"]
    asked = [(who, who.begin_submit(s, submit, s)) for s in stamps for who in (first, second)]
    replies = [who.receive(number).header for who, number in asked]
    assert sorted(tools.calls("submit")) == stamps
    for one, other in zip(replies[::2], replies[1::2], strict=True):
        assert [one["claimed"], other["claimed"]].count(True) == 1
        winner, loser = (one, other) if one["claimed"] else (other, one)
        assert winner["record"]["stdout"] == "7\n"
        assert loser["record"] in (None, winner["record"])


def test_a_later_submit_of_the_stamp_gets_the_first_ones_answer(agent: RawAgent, tools: Tools) -> None:
    submit = tools.add("submit", "echo 4711; echo take care >&2; exit 3")
    first = agent.submit(STAMP, submit)
    again = agent.submit(STAMP, submit)
    assert first["claimed"]
    assert not again["claimed"]
    assert again["record"] == first["record"]
    record = first["record"]
    assert (record["rc"], record["stdout"], record["stderr"]) == (3, "4711\n", "take care\n")
    assert record["began"] <= record["ended"]
    assert len(tools.calls("submit")) == 1


def test_EN2_agent_killed_between_the_command_and_its_record(
    start_agent: Callable[..., RawAgent], agent: RawAgent, spool: Path, tools: Tools
) -> None:
    submit = tools.add("submit", "kill -9 $PPID; echo 4711")
    number = agent.begin_submit(STAMP, submit)
    with pytest.raises(EOFError):
        agent.receive(number)
    assert agent.wait() == -9
    other = start_agent()
    other.hello(spool)
    again = other.submit(STAMP, submit)
    assert (again["claimed"], again["record"]) == (False, None)
    evidence = other.evidence(STAMP)
    assert (evidence["claimed"], evidence["record"]) == (True, None)
    assert len(tools.calls("submit")) == 1


def test_a_submit_under_way_elsewhere_has_no_answer_yet(
    start_agent: Callable[..., RawAgent],
    agent: RawAgent,
    spool: Path,
    tools: Tools,
    barrier: Callable[[], Barrier],
) -> None:
    begun, go_on = barrier(), barrier()
    submit = tools.add("submit", f"{begun.tell}; {go_on.pause}; echo 4711")
    number = agent.begin_submit(STAMP, submit)
    begun.expect()
    other = start_agent()
    other.hello(spool)
    assert other.submit(STAMP, submit)["record"] is None
    go_on.release()
    assert agent.receive(number).header["record"]["stdout"] == "4711\n"
    assert other.submit(STAMP, submit)["record"]["stdout"] == "4711\n"
    assert len(tools.calls("submit")) == 1


def test_the_ledger_is_on_disk_before_the_reply(agent: RawAgent, spool: Path, tools: Tools) -> None:
    submit = tools.add("submit", "ls; echo 4711")
    record = agent.submit(STAMP, submit)["record"]
    folder = spool / "pilots" / STAMP
    assert record["stdout"].split() == ["in", "job.sh", "submit.room", "4711"], "its room was taken before"
    assert json.loads((folder / "submit").read_text()) == record
    assert not (folder / "submit.room").exists()
    assert agent.evidence(STAMP)["record"] == record


def test_SS18_an_answer_that_cannot_be_written_down_still_gets_through(agent: RawAgent, tools: Tools) -> None:
    submit = tools.add("submit", "rm submit.room; mkdir submit.room; echo 4711")
    reply = agent.submit(STAMP, submit)
    assert reply["claimed"]
    assert reply["record"]["stdout"] == "4711\n"
    again = agent.submit(STAMP, submit)
    assert (again["claimed"], again["record"]) == (False, None)
    assert len(tools.calls("submit")) == 1


def test_the_ledgers_room_is_large_enough_for_any_answer(agent: RawAgent, spool: Path, tools: Tools) -> None:
    submit = tools.add("submit", r"""head -c 20000 /dev/zero | tr '\0' '\377' | tee /dev/stderr""")
    record = agent.submit(STAMP, submit)["record"]
    assert set(record["stdout"]) == {"\udcff"}
    ledger = spool / "pilots" / STAMP / "submit"
    assert json.loads(ledger.read_bytes()) == record
    assert ledger.stat().st_size == 16384, "it did not outgrow the room that was taken for it"


def test_the_ledger_keeps_the_end_of_a_long_answer(agent: RawAgent, tools: Tools) -> None:
    submit = tools.add(
        "submit",
        "i=0; while [ $i -lt 900 ]; do echo welcome; echo note >&2; i=$((i+1)); done; echo 12; echo no >&2",
    )
    record = agent.submit(STAMP, submit)["record"]
    assert record["stdout"].endswith("welcome\n12\n")
    assert record["stderr"].endswith("note\nno\n")


def test_a_ledger_damaged_by_a_crash_is_no_answer(agent: RawAgent, spool: Path, tools: Tools) -> None:
    submit = tools.add("submit", "echo 4711")
    agent.submit(STAMP, submit)
    (spool / "pilots" / STAMP / "submit").write_bytes(b"\0" * 16384)
    assert agent.submit(STAMP, submit)["record"] is None
    assert agent.evidence(STAMP)["claimed"]
    assert len(tools.calls("submit")) == 1


def test_a_stamp_revoked_before_is_never_submitted(agent: RawAgent, tools: Tools) -> None:
    submit = tools.add("submit", "echo 4711")
    assert agent.ask("revoke", stamp=STAMP).header["revoked"]
    reply = agent.submit(STAMP, submit)
    assert not reply["claimed"]
    assert reply["record"]["revoked"]
    assert tools.calls("submit") == []


def test_a_stamp_submitted_before_cannot_be_revoked(agent: RawAgent, tools: Tools) -> None:
    record = agent.submit(STAMP, tools.add("submit", "echo 4711"))["record"]
    reply = agent.ask("revoke", stamp=STAMP).header
    assert (reply["revoked"], reply["record"]) == (False, record)


def test_a_second_revocation_says_that_it_is_revoked(agent: RawAgent) -> None:
    first = agent.ask("revoke", stamp=STAMP).header
    second = agent.ask("revoke", stamp=STAMP).header
    assert (second["revoked"], second["record"]) == (False, first["record"])
