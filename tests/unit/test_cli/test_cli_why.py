"""`hosted-ce why`: which pilot is meant, and how the answer is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .ce import HISTORY, Ce, found, problem
from .conftest import Run

ANSWER: dict[str, Any] = {
    "situation": "in_doubt", "where": "may or may not have a batch job", "why": "the \x1b[2Jconnection broke",
    "since": "2026-03-01T12:30:00.125Z", "waits_for": "evidence", "next": "evidence is looked for",
    "next_at": "2099-03-01T12:30:00.125Z", "turn": "ce", "todo": "nothing yet", "notes": ["it is late"],
    "state": "unknown", "stage": "doubtful",
    "ids": {
        "pilot": 1, "factory_job": "f#4711.0#1", "door_key": None, "attempt": 2, "stamp": "habcdefghijklmn",
        "batch_id": None, "cluster": "main", "route": "large", "node": None,
    },
    "events": HISTORY,
}  # fmt: skip


@pytest.fixture
def pilots(ce: Ce) -> Ce:
    """Pilots 1 and 2, both with an answer."""
    for number in (1, 2):
        ce.add()
        answer = ANSWER | {"ids": ANSWER["ids"] | {"pilot": number}}
        ce.answers["GET", f"/api/v1/pilots/{number}/why"] = found(answer)
    for kind in ("batch_id", "stamp", "factory_job", "door_key"):
        ce.named[kind] = {}
    for number in ("7", "99999999999999999999"):
        ce.answers["GET", f"/api/v1/pilots/{number}/why"] = problem(404, "No such pilot", "none")
    return ce


def test_it_says_why_since_when_what_comes_next_and_whose_move_it_is(run: Run, pilots: Ce) -> None:
    result = run("why", "1")
    lines = result.stdout.splitlines()
    assert lines[0] == "pilot 1 may or may not have a batch job"
    assert lines[1] == "  why         the \\x1b[2Jconnection broke"
    assert lines[2].startswith("  since       2026-03-01T12:30:00Z (")
    assert lines[4].startswith("  next        evidence is looked for, by 2099-03-01T12:30:00Z (in ")
    assert lines[5:9] == [
        "  whose move  the CE: it goes on by itself",
        "  what to do  nothing yet",
        "  note        it is late",
        "  ids         factory f#4711.0#1, route large, cluster main, stamp habcdefghijklmn, attempt 2",
    ]
    assert lines[-1].split() == ["2026-03-01T12:30:00.125Z", "received", "rest:operator", "idle", "-"]
    assert json.loads(run("why", "1", "--json").stdout)["situation"] == "in_doubt"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("batch_id", "7"), ("batch_id", "99999999999999999999"), ("batch_id", "4711.pbs.example.edu"),
        ("stamp", "habcdefghijklmn"), ("factory_job", "gfactory@f#4711.0#1"), ("door_key", "ce#5.0#1"),
        ("door_key", "my-key"),
    ],
)  # fmt: skip
def test_a_pilot_is_found_by_any_of_its_names(run: Run, pilots: Ce, kind: str, name: str) -> None:
    pilots.named[kind] = {name: [2]}
    result = run("why", name)
    assert result.stdout.startswith("pilot 2 ")
    assert "pilot 2" in result.stderr


def test_a_number_is_the_pilot_s_and_whoever_meant_the_batch_job_is_told(run: Run, pilots: Ce) -> None:
    pilots.named["batch_id"] = {"1": [2]}
    result = run("why", "1")
    assert result.stdout.startswith("pilot 1 ")
    assert result.stderr == "this is pilot 1; batch job 1 is that of pilot 2\n"
    pilots.named["batch_id"] = {"1": [1]}
    assert run("why", "1").stderr == ""


def test_of_several_the_newest_is_taken_and_that_is_told(run: Run, pilots: Ce) -> None:
    pilots.named["batch_id"] = {"7": [2, 1]}
    assert "pilot 2; it is the newest of several" in run("why", "7").stderr


@pytest.mark.parametrize("name", ["7", "nothing", "a#b#c"])
def test_what_nobody_has_is_an_error_that_says_how_to_look(run: Run, pilots: Ce, name: str) -> None:
    result = run("why", name)
    assert result.exit_code == 1
    assert f"no pilot has the number, batch job, stamp or GlobalJobId {name}" in result.stderr
    assert "hosted-ce pilots list" in result.stderr
