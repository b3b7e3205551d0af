"""`hosted-ce pilots trace`, and `pilots submit --test`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from hosted_ce.cli.pilots import trace

from .ce import Answer, Ce, pilot
from .conftest import Run

PATH = "/api/v1/pilots/7/trace"
NAMES = ("received", "routed", "submitted", "began", "ended", "returned")
AT = "2026-03-01T12:30:00.125Z"


def traced(marks: str, ending: str = "under_way", **more: Any) -> dict[str, Any]:
    """The API's answer; a letter for each hop: done, now, failed, later."""
    words = {"d": "done", "n": "now", "f": "failed", "l": "later"}
    hops = [
        {
            "name": name, "title": f"the {name}", "progress": words[mark],
            "at": AT if mark == "d" else None, "took_s": 2.5 if mark == "d" else None,
            "said": None if mark == "l" else f"said of {name}",
        }
        for name, mark in zip(NAMES, marks, strict=True)
    ]  # fmt: skip
    return {
        "ending": ending, "state": "idle", "purpose": "test", "ids": {"pilot": 7}, "hops": hops,
        "earlier": [], "waits_for": None, "turn": "ce", "todo": "mend it", **more,
    }  # fmt: skip


def as_json(document: Any, status: int = 200) -> Answer:
    return status, json.dumps(document).encode(), "application/json"


class InTurn(dict[tuple[str, str], Answer]):
    """Gives a trace after the other, the last one again and again."""

    def __init__(self, *traces: dict[str, Any], **others: Answer):
        super().__init__({("GET", f"/api/v1/pilots/7/{name}"): answer for name, answer in others.items()})
        self._traces: Iterator[dict[str, Any]] = iter(traces)
        self._last = traces[-1]

    def get(self, key: tuple[str, str], default: Any = None) -> Any:
        if key == ("GET", PATH):
            return as_json(next(self._traces, self._last))
        return super().get(key, default)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace, "LOOK_S", 0.0)


def test_each_hop_is_told_once_when_it_is_done(ce: Ce, run: Run) -> None:
    ce.answers = InTurn(
        traced("dnllll"), traced("dnllll"), traced("ddnlll"), traced("dddddd", "passed"),
        stdout=(200, b"hello\x1b[31m\nworld\n", "text/plain"), stderr=(200, b"", "text/plain"),
    )  # fmt: skip
    result = run("pilots", "trace", 7)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "2026-03-01T12:30:00Z      +2s ok   the received: said of received"
    assert [line.split()[3:5] for line in lines[:6]] == [["the", f"{name}:"] for name in NAMES]
    assert lines[6:] == ["", "stdout:", "  hello\\x1b[31m", "  world", "", "passed"]
    assert result.stderr.splitlines() == ["waiting: said of routed", "waiting: said of submitted"]


def test_a_failure_has_its_hop_and_what_to_do(ce: Ce, run: Run) -> None:
    found = traced("ddflll", "failed", earlier=["the site was busy"])
    ce.answers = InTurn(found)
    result = run("pilots", "trace", 7)
    assert result.exit_code == 1
    assert [" ".join(line.split()) for line in result.stdout.splitlines()[2:]] == [
        "- FAIL the submitted: said of submitted",
        "an earlier attempt came to nothing: the site was busy",
        "",
        "failed: mend it",
    ]


def test_long_output_is_cut(ce: Ce, run: Run) -> None:
    ce.answers = InTurn(
        traced("dddddd", "passed"), stdout=(200, b"x\n" * 45, "text/plain"), stderr=(200, b"", "text/plain")
    )
    assert "  ... and 5 lines more: `hosted-ce pilots output 7`" in run("pilots", "trace", 7).stdout


def test_once_does_not_wait(ce: Ce, run: Run) -> None:
    ce.answers = InTurn(traced("dddnll"))
    result = run("pilots", "trace", 7, "--once")
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 3
    assert result.stderr.splitlines() == ["waiting: said of began"]


def test_as_json_with_the_script_and_what_came_back(ce: Ce, run: Run) -> None:
    job = {"argv": ["sbatch", "a b"], "folder": "/f", "script": "#!/bin/sh\n"}
    ce.answers = InTurn(
        traced("dddddd", "passed"), explain=as_json({"job": job}), stdout=(200, b"hi", "text/plain"),
        stderr=(200, b"", "text/plain"),
    )  # fmt: skip
    found = json.loads(run("pilots", "trace", 7, "--json", "--script").stdout)
    assert (found["ending"], found["stdout"], found["script"]) == (
        "passed", "hi", "sbatch 'a b' # in /f\n#!/bin/sh\n",
    )  # fmt: skip


def test_a_pilot_that_there_is_not(ce: Ce, run: Run) -> None:
    result = run("pilots", "trace", 999)
    assert result.exit_code == 1
    assert result.stdout == ""


def test_a_test_says_what_it_asks_for_and_no_more(ce: Ce, run: Run) -> None:
    ce.answers["POST", "/api/v1/pilots/tests"] = as_json(pilot(7, purpose="test"), 201)
    result = run(
        "pilots", "submit", "--test", "stress", "--route", "osg", "--node", "n7", "--cpus", 8,
        "--memory", "4GB", "--walltime", "10m", "--key", "k",
    )  # fmt: skip
    assert (result.exit_code, result.stdout) == (0, "pilot 7: a test, idle\n")
    [asked] = ce.calls("POST")
    assert asked.headers["Idempotency-Key"] == "k"
    assert asked.json == {
        "kind": "stress", "route": "osg", "node": "n7", "cpus": 8, "memory_mb": 4096, "minutes": 10,
    }  # fmt: skip
    run("pilots", "submit", "--test", "hello")
    assert ce.calls("POST")[1].json == {"kind": "hello"}


def test_a_test_is_followed(ce: Ce, run: Run) -> None:
    answers = InTurn(traced("dddddd", "passed"))
    answers["POST", "/api/v1/pilots/tests"] = as_json(pilot(7, purpose="test"), 201)
    ce.answers = answers
    result = run("pilots", "submit", "--test", "hello", "--trace")
    assert result.exit_code == 0
    assert result.stdout.startswith("pilot 7: a test, idle\n2026-03-01")
    found = json.loads(run("pilots", "submit", "--test", "hello", "--trace", "--json").stdout)
    assert found["ending"] == "passed"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--test", "hello", "x.sh"], "leave EXECUTABLE out"),
        (["--test", "hello", "--env", "A=b", "--count", "2"], "leave --env, --count out"),
        (["x.sh", "--node", "n7", "--route", "osg"], "--route, --node can be given with --test only"),
        (["--cpus", "2"], "name the EXECUTABLE"),
        (["x.sh", "--trace", "--wait"], "leave --count, --each and --wait out"),
    ],
)
def test_what_does_not_go_together_is_said(
    ce: Ce, run: Run, folder: Any, arguments: list[str], said: str
) -> None:
    (folder / "x.sh").write_text("#!/bin/sh\n")
    result = run("pilots", "submit", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert ce.asked == []
