"""A pilot's way, hop by hop: at each stage one hop is waited for, and a failure has its place."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from hosted_ce.pilots.pilot import Attempt, Event, Outcome, Pilot
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.why.facts import Condition, Facts, Happening, Place
from hosted_ce.why.judge import why
from hosted_ce.why.trace import Ending, Progress, Trace, trace_of

ASK = {"cpus": 2, "memory_mb": 500, "walltime_s": 300, "queue": "osg", "node": "n7"}
PILOT = Pilot(7, 1, State.IDLE, Stage.WAITING, Goal.RUN, None, {}, "rest", "me", 100.0, 100.0)
BEGUN = Attempt(1, 7, 1, "h1", "osg", "main", ASK, 101.0)
SENT: dict[str, Any] = {"batch_id": "4711", "submitted_at": 102.5}
RAN: dict[str, Any] = {**SENT, "started_at": 110.0, "node": "n7"}
OVER: dict[str, Any] = {**RAN, "ended_at": 130.0, "outcome": Outcome.EXITED, "exit_code": 0}
BACK: dict[str, Any] = {**OVER, "closed_at": 131.0, "stdout_bytes": 12, "stderr_bytes": 0}
ORDER = ["received", "routed", "submitted", "began", "ended", "returned"]


def traced(state: State, stage: Stage, events: tuple[Happening, ...] = (), **attempt: Any) -> Trace:
    tried = dataclasses.replace(BEGUN, **attempt) if attempt or stage is not Stage.WAITING else None
    pilot = dataclasses.replace(PILOT, state=state, stage=stage, attempt=tried, reason="the reason")
    facts = Facts(200.0, pilot, events, Place("main", Condition.READY))
    return trace_of(facts, why(facts))


def marks(trace: Trace) -> str:
    """One letter for each hop: done, now, failed, later."""
    assert [hop.name for hop in trace.hops] == ORDER
    return "".join(hop.progress.value[0] for hop in trace.hops)


@pytest.mark.parametrize(
    ("state", "stage", "attempt", "shown", "ending"),
    [
        (State.IDLE, Stage.WAITING, {}, "dnllll", Ending.UNDER_WAY),
        (State.IDLE, Stage.SUBMITTING, {}, "ddnlll", Ending.UNDER_WAY),
        (State.UNKNOWN, Stage.DOUBTFUL, {}, "ddnlll", Ending.UNDER_WAY),
        (State.IDLE, Stage.QUEUED, SENT, "dddnll", Ending.UNDER_WAY),
        (State.RUNNING, Stage.RUNNING, RAN, "ddddnl", Ending.UNDER_WAY),
        (State.RUNNING, Stage.ENDED, OVER, "dddddn", Ending.UNDER_WAY),
        (State.COMPLETED, Stage.DONE, BACK, "dddddd", Ending.PASSED),
        (State.COMPLETED, Stage.DONE, {**BACK, "exit_code": 3}, "ddddfd", Ending.FAILED),
        (State.COMPLETED, Stage.DONE, {**BACK, "outcome": Outcome.WALLTIME}, "ddddfd", Ending.FAILED),
        (State.HELD, Stage.DONE, {"closed_at": 102.0}, "ddflll", Ending.FAILED),
        (State.REMOVED, Stage.DONE, {**SENT, "closed_at": 150.0}, "dddfll", Ending.FAILED),
        (State.LOST, Stage.DONE, {**RAN, "closed_at": 150.0}, "ddddfl", Ending.FAILED),
    ],
)
def test_each_stage(state: State, stage: Stage, attempt: dict[str, Any], shown: str, ending: Ending) -> None:
    trace = traced(state, stage, **attempt)
    assert (marks(trace), trace.ending) == (shown, ending)
    for hop in trace.hops:
        assert (hop.said is None) == (hop.progress is Progress.LATER), hop


def test_one_that_never_had_a_route_fails_there() -> None:
    pilot = dataclasses.replace(PILOT, state=State.REMOVED, stage=Stage.DONE, reason="gone")
    facts = Facts(200.0, pilot)
    assert marks(trace_of(facts, why(facts))) == "dfllll"


def test_hops_have_their_times_and_what_was_said() -> None:
    hops = {hop.name: hop for hop in traced(State.COMPLETED, Stage.DONE, **BACK).hops}
    assert [hops[name].took_s for name in ORDER] == [0.0, 1.0, 1.5, 7.5, 20.0, 1.0]
    assert hops["routed"].said == "osg to main, as h1: 2 core(s), 500 MB, queue osg, node n7, 5 min"
    assert hops["submitted"].said == "batch job 4711 at main"
    assert hops["began"].said == "on n7"
    assert hops["ended"].said == "with exit code 0"
    assert hops["returned"].said == "12 bytes of stdout, 0 bytes of stderr"


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ({"outcome": Outcome.MEMORY, "site_state": "OUT_OF_MEMORY"}, "memory: OUT_OF_MEMORY"),
        ({"outcome": Outcome.CANCELLED}, "cancelled: the site does not say why"),
        ({"exit_code": None, "exit_signal": 9}, "by signal 9"),
        ({"exit_code": None}, "its exit code is not known yet"),
    ],
)
def test_how_it_ended(end: dict[str, Any], said: str) -> None:
    assert traced(State.COMPLETED, Stage.DONE, **{**BACK, **end}).hops[4].said == said


def test_what_is_waited_for_is_said_and_why_earlier_attempts_failed() -> None:
    failed = Happening(90.0, Event("attempt_failed", "engine", "the site did not take it"))
    trace = traced(State.IDLE, Stage.QUEUED, (failed,), **SENT, site_state="PENDING", site_reason="Priority")
    assert "PENDING" in (trace.hops[3].said or "")
    assert trace.earlier == ("the site did not take it",)


def test_a_clock_that_steps_back_makes_no_negative_times() -> None:
    trace = traced(State.RUNNING, Stage.RUNNING, **{**RAN, "started_at": 50.0})
    assert trace.hops[3].took_s == 0.0
