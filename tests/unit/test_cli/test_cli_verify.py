"""`hosted-ce site verify`."""

from __future__ import annotations

import json
from typing import Any

from .ce import Ce, found
from .conftest import Run

USED = {"p10": 10, "median": 30, "p90": 60, "runs": 100}
ROUTE: dict[str, Any] = {
    "route": "large", "cluster": "hpc", "runs": 1200, "core_hours": 9600.0, "never_ran": 0, "enough": True,
    "resources": [
        {"resource": "cpus", "asked": 8, "granted": 4, "mean_asked": 8.0, "mean_granted": 4.0,
         "differing": 1200, "untold": 0, "kinds": 1, "used": USED},
        {"resource": "queue", "asked": None, "granted": "o\x1bsg", "mean_asked": None, "mean_granted": None,
         "differing": 0, "untold": 0, "kinds": 1, "used": None},
    ],
    "ends": [{"what": "normal", "runs": 1200, "core_hours": 9600.0, "nodes": []}], "remnants": [],
    "nodes_unknown": "the cluster was not probed yet",
    "advice": [
        {"id": "VF-1", "title": "t", "weight": "loss", "said": "all got 4 cores", "why": "w", "todo": "ask",
         "key": "request.cpus", "runs": 1200, "core_hours": 9600.0, "data": {}},
    ],
}  # fmt: skip
FEW = {**ROUTE, "route": "any", "runs": 3, "core_hours": 1.0, "enough": False}
ANSWER = {"since": "s", "until": "u", "only_pilots": "Only pilots are seen.", "routes": [ROUTE, FEW]}
PATH = ("GET", "/api/v1/site/verification")


def test_advice_comes_before_the_numbers(run: Run, ce: Ce) -> None:
    ce.answers[PATH] = found(ANSWER)
    lines = run("site", "verify", "--since", "30d").stdout.splitlines()
    assert lines[0] == "route large to hpc: 1,200 runs, 9,600 core hours"
    assert lines[1:3] == ["  VF-1 loss: all got 4 cores", "    -> ask (request.cpus)"]
    assert lines[4].split() == ["cpus", "8", "4", "1200", "0", "10%", "30%", "60%"]
    assert lines[5].split() == ["queue", "-", "o\\x1bsg", "0", "0", "-", "-", "-"]
    assert lines[-4:] == [
        "route any to hpc: 3 runs, 1 core hours", "  too few to judge", "", "Only pilots are seen.",
    ]  # fmt: skip
    assert ce.asked[-1].query == {"since": ["30d"]}


def test_as_json_csv_and_markdown(run: Run, ce: Ce) -> None:
    ce.answers[PATH] = found(ANSWER)
    assert json.loads(run("site", "verify", "--json").stdout) == ANSWER
    ce.answers[PATH] = (200, b"# Report\n", "text/markdown")
    assert run("site", "verify", "--markdown", "--route", "large").stdout_bytes == b"# Report\n"
    assert ce.asked[-1].query == {"since": ["7d"], "route": ["large"], "format": ["markdown"]}
    run("site", "verify", "--csv")
    assert ce.asked[-1].query["format"] == ["csv"]
    assert run("site", "verify", "--csv", "--json").exit_code == 2


def test_a_route_that_is_not_there(run: Run, ce: Ce) -> None:
    ce.answers[PATH] = found({**ANSWER, "routes": []})
    assert "there is no route wide" in run("site", "verify", "--route", "wide").stderr
