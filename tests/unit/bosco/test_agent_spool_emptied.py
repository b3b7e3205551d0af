"""SS16: a request is heeded only beside the mark that it carries, and only for a while."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from raw_agent import RawAgent
from tools import Barrier, Tools

from bosco.agent.spool import Claim, OtherSpool, Spool

STAMP = "haaaaaaaaaaaaaa"
MARK, OTHER = "hmmmmmmmmmmmmmm", "hnnnnnnnnnnnnnn"


def emptied(spool: Path) -> None:
    """As `rm -rf pilots/*`."""
    for folder in (spool / "pilots").iterdir():
        shutil.rmtree(folder)


def clock(agent: RawAgent) -> float:
    """As the agent tells it."""
    return float(agent.ask("submit", stamp="..", inputs={}, argv=[], timeout=1).header["clock"])


@pytest.fixture
def marked(agent: RawAgent) -> RawAgent:
    assert agent.ask("revoke", stamp=MARK, mark=None).header["revoked"]
    return agent


def test_SS16_beside_its_mark_a_request_is_heeded(marked: RawAgent, tools: Tools) -> None:
    reply = marked.submit(STAMP, tools.add("submit", "echo 4711"), mark=MARK)
    assert reply["record"]["stdout"] == "4711\n"


def test_SS16_a_stamp_is_not_submitted_again_in_an_emptied_spool(
    marked: RawAgent, spool: Path, tools: Tools
) -> None:
    submit = tools.add("submit", "echo 4711")
    marked.submit(STAMP, submit, mark=MARK)
    emptied(spool)
    assert marked.ask("revoke", stamp=OTHER, mark=None).header["revoked"]
    reply = marked.submit(STAMP, submit, mark=MARK)
    assert (reply["why"], "claimed" in reply) == ("OtherSpool", False)
    assert not (spool / "pilots" / STAMP).exists(), "the claim was taken back"
    assert len(tools.calls("submit")) == 1


@pytest.mark.parametrize("operation", ["submit", "revoke"])
def test_SS16_where_there_is_no_spool_any_more_nothing_is_done(
    marked: RawAgent, spool: Path, tools: Tools, operation: str
) -> None:
    shutil.rmtree(spool)
    reply = marked.ask(operation, stamp=STAMP, mark=MARK, inputs={}, argv=[], timeout=1).header
    assert reply["why"] == "OtherSpool"
    assert not spool.exists()


def test_SS16_a_stamp_is_not_revoked_in_an_emptied_spool(marked: RawAgent, spool: Path) -> None:
    emptied(spool)
    assert marked.ask("revoke", stamp=STAMP, mark=MARK).header["why"] == "OtherSpool"
    assert not (spool / "pilots" / STAMP).exists()


@pytest.mark.parametrize("gone", [MARK, STAMP])
def test_SS16_the_spool_is_emptied_while_the_jobs_folder_is_written(spool: Path, gone: str) -> None:
    there = Spool(str(spool))
    (spool / "pilots" / MARK).mkdir()
    (spool / "pilots" / MARK / "submit").touch()
    with Claim(there, STAMP, MARK) as claim:
        claim.check()
        shutil.rmtree(spool / "pilots" / gone)
        with pytest.raises(OtherSpool):
            claim.check()
        claim.take_back()
    assert not (spool / "pilots" / STAMP).exists()


def test_SS16_a_folder_in_the_place_of_ours_while_a_stamp_is_claimed(
    marked: RawAgent, spool: Path, tools: Tools
) -> None:
    """Where the path leads to another folder, our mark is not beside the claim."""
    (spool / "pilots").rename(spool / "kept")
    (spool / "pilots").mkdir()
    assert marked.submit(STAMP, tools.add("submit", "echo 4711"), mark=MARK)["why"] == "OtherSpool"
    (spool / "pilots").rmdir()
    (spool / "kept").rename(spool / "pilots")
    assert marked.submit(STAMP, tools.add("submit", "echo 4711"), mark=MARK)["claimed"]


def test_EN2_the_spool_is_emptied_while_the_submit_command_is_at_it(
    marked: RawAgent, spool: Path, tools: Tools, barrier: Callable[[], Barrier]
) -> None:
    """The answer gets through while somebody listens; the stamp is not submitted a second time."""
    begun, go_on = barrier(), barrier()
    submit = tools.add("submit", f"{begun.tell}; {go_on.pause}; echo 4711")
    number = marked.begin_submit(STAMP, submit, mark=MARK)
    begun.expect()
    emptied(spool)
    again = marked.submit(STAMP, submit, mark=MARK)
    assert again["why"] == "OtherSpool"
    go_on.release()
    reply = marked.receive(number).header
    assert (reply["claimed"], reply["record"]["stdout"]) == (True, "4711\n")
    assert "No such file" in reply["record"]["ledger"]
    assert len(tools.calls("submit")) == 1


def test_a_request_that_comes_too_late_is_not_heeded(marked: RawAgent, spool: Path, tools: Tools) -> None:
    submit = tools.add("submit", "echo 4711")
    reply = marked.submit(STAMP, submit, mark=MARK, before=clock(marked) - 1)
    assert reply["why"] == "TooLate"
    assert not (spool / "pilots" / STAMP).exists()
    assert tools.calls("submit") == []
    assert marked.submit(STAMP, submit, mark=MARK, before=clock(marked) + 20)["claimed"]


def test_hello_tells_the_agents_clock(agent: RawAgent, spool: Path) -> None:
    before = clock(agent)
    assert before <= agent.hello(spool)["clock"] <= clock(agent)
