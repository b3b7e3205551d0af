"""How items stand by what is seen: nothing is done that is not seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hosted_ce.session.facts import Facts, Place, RampSeen, Ran
from hosted_ce.session.found import ItemState
from hosted_ce.session.judge import board_of
from tests.fakes.site_facts import (
    BEGAN,
    KEY_MODE,
    MINUTE,
    SCRATCH,
    SESSION,
    checked,
    facts,
    seen,
    waiting,
)

NOTHING: dict[str, Any] = {"checks": (), "tests": {}, "pilots": (), "ramps": (), "checks_every": None}
GOING = checked(ended_at=None, progress="12 of 41")
BAD = seen(9, well=False, ended="exit code 1")
YOUNG = RampSeen("osg", 2, 100, "auto", BEGAN, "1 of 2 started")
STATES: dict[str, list[tuple[dict[str, Any], str, str | None]]] = {
    "contact": [
        ({"places": (Place("hpc", "no answer in time", BEGAN),)}, "failed", "hpc: no answer in time"),
        ({"places": (Place("hpc", "not tried yet", None, known=False),)}, "open", "hpc: not tried yet"),
        ({"places": ()}, "failed", "the site file has no clusters"),
        ({}, "done", "in contact with hpc, and jobs can be submitted"),
    ],
    "site-file": [
        ({"file_problem": "site.yaml:7:3: wrong"}, "failed", "not in force: site.yaml:7:3: wrong"),
        ({}, "done", "in force as it is"),
    ],
    "site-check": [
        ({"checks": ()}, "open", None),
        ({"checks": (GOING,)}, "running", "1 run under way; hpc: 12 of 41"),
        ({"checks": (checked(broke="the CE was stopped"),)}, "failed", "hpc: the CE was stopped"),
        ({"checks": (checked(KEY_MODE, SCRATCH),)}, "failed", "1 fail, 1 warn, 39 pass, 0 skipped"),
        ({"checks": (checked(SCRATCH),)}, "done", "0 fail, 1 warn, 40 pass, 0 skipped"),
        ({"places": (Place("hpc", None), Place("gpu", None))}, "open", "not run yet at gpu"),
        (
            {"checks": (replace(checked(KEY_MODE), counts={"pass": 40, "skipped": 1}, unlooked=1),)},
            "failed", "0 fail, 0 warn, 40 pass, 1 skipped; 1 found before and not looked at again",
        ),
    ],
    "ready": [
        ({"checks": ()}, "open", None),
        ({"places": (Place("hpc", "no answer", BEGAN),)}, "open", "hpc: no answer"),
        ({"checks": (checked(KEY_MODE),)}, "open", "1 fail, 0 warn, 40 pass, 0 skipped"),
        ({}, "done", "in contact, and no check failed"),
    ],
    "hello": [
        ({"tests": {}}, "open", None),
        ({"tests": {"hello": (waiting(4, why="Priority"),)}}, "running", "pilot 4 is idle: Priority"),
        ({"tests": {"hello": (BAD,)}}, "failed", "pilot 9 is completed: exit code 1"),
        ({"tests": {"hello": (BAD, seen(4))}}, "failed", "pilot 9 is completed: exit code 1"),
        ({}, "done", "pilot 4 ran on n001 for 5 min and ended well"),
    ],
    "front-door": [
        ({"door": None}, "skipped", "the site file has no front door: pilots come by REST"),
        ({}, "open", None),
    ],
    "first-came": [
        ({"pilots": ()}, "open", "none came to ce.example.edu:9619 yet"),
        ({"pilots": (seen(9), waiting(8))}, "done", "pilot 8 came by the front door"),
    ],
    "first-routed": [
        ({"pilots": ()}, "open", None),
        ({"pilots": (waiting(),)}, "open", "pilot 7 is idle: no route takes it"),
        ({"pilots": (waiting(state="held", why="no route"),)}, "failed", "pilot 7 is held: no route"),
        ({"pilots": (waiting(9), seen(7), waiting(6))}, "done", "route osg took pilot 7"),
    ],
    "first-running": [
        ({"pilots": (waiting(routed_at=BEGAN, why="Priority"),)}, "open", "pilot 7 is idle: Priority"),
        ({}, "done", "pilot 7 ran on n001 as batch job 4711"),
    ],
    "first-worked": [
        ({"pilots": (seen(well=False, ended="no cvmfs"),)}, "failed", "pilot 7 is completed: no cvmfs"),
        ({"pilots": (seen(8, well=False), seen(7))}, "done", "pilot 7 ran on n001 for 5 min and ended well"),
    ],
    "ramp": [
        ({"ramps": ()}, "open", "no route has a ramp"),
        ({"ramps": (RampSeen("osg", 2, 100, "paused", BEGAN),)}, "open", "route osg admits 2 of 100, paused"),
        ({}, "done", "route osg admits 4 of 100"),
    ],
    "ramp-4": [
        ({"ramps": ()}, "open", "no route has a ramp"),
        ({"ramps": (YOUNG,)}, "running", "route osg admits 2 of 100; 1 of 2 started"),
        ({"ramps": (RampSeen("osg", 2, 100, "paused", BEGAN),)}, "open", "route osg admits 2 of 100"),
        ({"ramps": (RampSeen("osg", 3, 3, "auto", BEGAN),)}, "done", "route osg admits 3 of 3"),
        ({}, "done", "route osg admits 4 of 100"),
    ],
    "weekly-checks": [
        ({"checks_every": None}, "open", "the site file asks for no checks by themselves"),
        ({}, "done", "every 7d"),
    ],
}  # fmt: skip
CASES = [(item, *case) for item, cases in STATES.items() for case in cases]


def line_of(item: str, given: Facts) -> Any:
    return next(line for line in board_of(SESSION, [], given).lines if line.id == item)


@pytest.mark.parametrize(("item", "changes", "state", "seen_"), CASES)
def test_how_an_item_stands(item: str, changes: dict[str, Any], state: str, seen_: str | None) -> None:
    line = line_of(item, facts(**changes))
    assert (line.state.value, line.seen) == (state, seen_)
    assert line.by is None


def test_a_test_pilot_that_failed_names_the_command_that_says_why() -> None:
    line = line_of("stress", facts(tests={"hello": (seen(4),), "stress": (BAD,)}))
    assert "`hosted-ce pilots output 9`" in line.todo


def test_a_pilot_that_runs_for_long_is_good_before_it_ends() -> None:
    runs = seen(state="running", over=False, well=False, ended_at=None, started_at=BEGAN + 41 * MINUTE)
    young, old = facts(45, pilots=(runs,)), facts(46, pilots=(runs,))
    assert line_of("first-worked", young).state is ItemState.RUNNING
    assert line_of("first-worked", old).state is ItemState.DONE
    assert line_of("first-worked", old).since == BEGAN + 46 * MINUTE


def test_a_site_of_which_nothing_is_seen_has_nothing_done_but_what_is_written() -> None:
    bare = Facts(BEGAN, places=(Place("hpc", "not tried yet", known=False),), door="ce:9619")
    states = {line.id: line.state for line in board_of(SESSION, [], bare).lines}
    assert {item for item, state in states.items() if state is not ItemState.OPEN} == {"site-file"}


def test_what_is_started_at_once_has_its_result() -> None:
    given = facts()
    board = board_of(SESSION, [], replace(given, ran={"route": Ran(BEGAN, True, "a lie")}))
    assert next(line for line in board.lines if line.id == "route").state is ItemState.OPEN, (
        "the log says so, or none"
    )
