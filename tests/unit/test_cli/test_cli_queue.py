"""`hosted-ce q` and `hosted-ce history`."""

from __future__ import annotations

import json
from typing import Any

from hosted_ce.pilots.states import State

from .ce import CREATED, Ce
from .conftest import Run


def entry(name: str | None, why: list[dict[str, Any]] | None = None, **counts: int) -> dict[str, Any]:
    """An entry as the API sums it up."""
    return {
        "name": name, "factories": ["OSG"], "counts": dict.fromkeys(State, 0) | counts, "idle_since": CREATED,
        "last_started_at": None, "last_completed_at": None, "held": why or [], "outcomes": {"exited": 3},
        "nonzero_exits": 1,
    }  # fmt: skip


def held(reason: str, pilots: int) -> dict[str, Any]:
    return {"reason": reason, "pilots": pilots, "since": CREATED, "hold_cause": "refused"}


def serve(ce: Ce, *entries: dict[str, Any]) -> dict[str, Any]:
    totals = {state.value: sum(each["counts"][state] for each in entries) for state in State}
    found = {"entries": list(entries), "left_out": 0, "totals": totals}
    ce.answers["GET", "/api/v1/entries"] = (200, json.dumps(found).encode(), "application/json")
    return found


def test_each_entry_and_the_totals(ce: Ce, run: Run) -> None:
    serve(ce, entry(None, idle=1), entry("E1", idle=2, running=3, held=1))
    result = run("q")
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0][:5] == ["ENTRY", "FACTORY", "IDLE", "RUNNING", "HELD"]
    assert lines[2][:5] == ["E1", "OSG", "2", "3", "1"]
    assert lines[2][-1] == "exited=3,nonzero=1"
    total = "Total for query: 7 pilots; 0 completed, 0 removed, 3 idle, 3 running, 1 held, 0 unknown, 0 lost"
    assert result.stdout.splitlines()[-1] == total
    assert "\x1b" not in result.stdout


def test_one_entry_of_a_route(ce: Ce, run: Run) -> None:
    serve(ce, entry("E1", idle=2), entry("E2", idle=5))
    result = run("q", "--entry", "E1", "--route", "gpu", "--factory", "F")
    assert ce.asked[-1].query == {"route": ["gpu"], "factory": ["F"]}
    assert "E2" not in result.stdout
    assert "Total for query: 2 pilots" in result.stdout


def test_why_pilots_are_held(ce: Ce, run: Run) -> None:
    serve(ce, entry("E1", [held("Invalid account", 1)], held=1), entry("E2", [held("bad\x1b[2J", 4)], held=4))
    lines = run("q", "--held").stdout.splitlines()
    assert [line.split()[:3] for line in lines[1:3]] == [["E2", "4", "refused"], ["E1", "1", "refused"]]
    assert lines[1].endswith("bad\\x1b[2J")
    assert lines[2].endswith("Invalid account")


def test_q_as_json(ce: Ce, run: Run) -> None:
    found = serve(ce, entry("E1", idle=2), entry("E2", idle=5))
    assert json.loads(run("q", "--json").stdout) == found
    narrowed = json.loads(run("q", "--json", "--entry", "E2").stdout)
    assert [each["name"] for each in narrowed["entries"]] == ["E2"]
    assert narrowed["totals"]["idle"] == 5


def test_history_is_of_what_is_over_the_last_first(ce: Ce, run: Run) -> None:
    over = [
        {"entry": "E1", "state": "completed", "outcome_class": "normal", "finished_at": CREATED} for _ in "ab"
    ]
    for each in over:
        ce.add(**each)
    result = run(
        "history",
        "--entry",
        "E1",
        "--since",
        "2h",
        "--state",
        "completed",
        "-n",
        "5",
        "--outcome-class",
        "normal",
    )
    assert ce.asked[-1].query == {
        "entry": ["E1"], "finished_within": ["2h"], "state": ["completed"], "order": ["finished"],
        "limit": ["5"], "outcome_class": ["normal"],
    }  # fmt: skip
    assert result.stdout.splitlines()[0].split()[:5] == ["ID", "ENTRY", "STATE", "OUTCOME", "CLASS"]
    served = [pilot["id"] for pilot in json.loads(run("history", "--json").stdout)]
    assert served == [pilot["id"] for pilot in ce.pilots][::-1]


def test_no_history_of_what_is_not_over(ce: Ce, run: Run) -> None:
    assert "only pilots that are over" in run("history", "--state", "idle").stderr
