"""`hosted-ce ramp`."""

from __future__ import annotations

import json

import pytest

from .ce import Ce, found
from .conftest import Run

RAMP = {
    "route": "default", "cap": 16, "target": 100, "next_cap": 32, "since": "2026-03-01T12:30:00.125Z",
    "standing": "climbing", "said": "5 of 7 ran 25 min or ended well", "evidence": {"at_site": 15},
    "gates": [{"name": "ran", "passed": False, "said": "5 of 7 ran 25 min or ended well"}],
}  # fmt: skip
STEP = {
    "at": "2026-03-01T12:30:00.125Z", "before": 8, "after": 16, "cause": "passed", "actor": "engine",
    "reason": "4 of 4 started", "direction": "up", "evidence": {},
}  # fmt: skip


def test_ramps_as_a_table_with_gates_and_as_json(run: Run, ce: Ce) -> None:
    ce.answers["GET", "/api/v1/ramps"] = found({"ramps": [RAMP, RAMP | {"route": "gpu"}]})
    rows = run("ramp", "show").stdout.splitlines()
    assert rows[1].split(maxsplit=6) == [
        "default", "16/100", "15", "32", "2026-03-01T12:30:00Z", "climbing",
        "5 of 7 ran 25 min or ended well",
    ]  # fmt: skip
    assert len(rows) == 3
    one = run("ramp", "show", "default").stdout
    assert "gpu" not in one
    assert one.splitlines()[-1].split(maxsplit=2) == ["ran", "no", "5 of 7 ran 25 min or ended well"]
    assert json.loads(run("ramp", "show", "gpu", "--json").stdout)["ramps"][0]["route"] == "gpu"


def test_without_ramps_it_says_what_to_do(run: Run, ce: Ce) -> None:
    ce.answers["GET", "/api/v1/ramps"] = found({"ramps": []})
    assert "`ramp: true` makes one" in run("ramp", "show").stderr
    result = run("ramp", "show", "default")
    assert result.exit_code == 1
    assert "route default has no ramp" in result.stderr


def test_history(run: Run, ce: Ce) -> None:
    ce.answers["GET", "/api/v1/ramps/default/steps"] = found({"route": "default", "steps": [STEP]})
    rows = run("ramp", "history", "default", "--limit", "7").stdout.splitlines()
    assert rows[1].split(maxsplit=5) == [
        "2026-03-01T12:30:00Z",
        "8",
        "16",
        "passed",
        "engine",
        "4 of 4 started",
    ]
    assert ce.asked[-1].query == {"limit": ["7"]}


def test_it_is_pinned(run: Run, ce: Ce) -> None:
    ce.answers["POST", "/api/v1/ramps/default/pin"] = found(RAMP | {"cap": 10, "said": "pinned at 10"})
    result = run("ramp", "pin", "default", "10", "--reason", "ticket 4711")
    assert result.stdout == "default: 10 of 100 pilots are admitted; pinned at 10\n"
    assert ce.asked[-1].query == {"cap": ["10"], "reason": ["ticket 4711"]}
    run("ramp", "pin", "default")
    assert ce.asked[-1].query == {}


@pytest.mark.parametrize("act", ["unpin", "pause", "resume", "skip", "restart"])
def test_it_is_steered(run: Run, ce: Ce, act: str) -> None:
    ce.answers["POST", f"/api/v1/ramps/default/{act}"] = found(RAMP)
    assert json.loads(run("ramp", act, "default", "--reason", "why", "--json").stdout) == RAMP
    assert ce.asked[-1].query == {"reason": ["why"]}
