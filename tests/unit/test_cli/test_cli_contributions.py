"""`hosted-ce contributions`."""

from __future__ import annotations

import json
from typing import Any

from .ce import Ce, found
from .conftest import Run

ROW: dict[str, Any] = {
    "name": "osg", "ended": 120, "never_ran": 3, "not_known": 2, "running": 40, "running_not_known": 1,
    "asked": 69120.0, "granted": 41230.5, "running_so_far": 1630.5, "assumed": 12.0, "used": 30000.0,
    "used_of": 40000.0, "failed": 120.0, "early": 960.0, "unclassed": 0.0, "mean_wait_s": 412.5,
}  # fmt: skip
NOTHING = {**ROW, "name": None, "asked": None, "used": None, "used_of": 0.0, "mean_wait_s": None}
ANSWER = {
    "by": "vo", "since": "2026-03-01", "until": "2026-03-31", "first_day": "2026-03-05",
    "rows": [ROW, NOTHING], "left_out": 4, "total": {**ROW, "name": None},
}  # fmt: skip
PATH = ("GET", "/api/v1/contributions")


def test_core_hours_as_a_table(run: Run, ce: Ce) -> None:
    ce.answers[PATH] = found(ANSWER)
    result = run("contributions", "--by", "vo", "--since", "2026-03-01", "--until", "2026-03-31")
    titles, osg, none, total = (line.split() for line in result.stdout.splitlines())
    assert titles[:4] == ["VO", "GRANTED", "RUNNING", "ASKED"]
    assert osg == [
        "osg", "41230.5", "1630.5", "69120.0", "30000.0", "75%", "960.0", "120.0", "0.0", "120", "412s",
    ]  # fmt: skip
    assert (none[0], none[3:6], none[-1]) == ("-", ["-", "-", "-"], "-")
    assert (total[0], total[1]) == ("TOTAL", "41230.5")
    for said in ("counted since 2026-03-05", "3 runs", "12.0 granted hours", "4 more"):
        assert said in result.stderr
    assert ce.asked[-1].query == {"by": ["vo"], "since": ["2026-03-01"], "until": ["2026-03-31"]}


def test_as_json_and_as_csv(run: Run, ce: Ce) -> None:
    ce.answers[PATH] = found(ANSWER)
    assert json.loads(run("contributions", "--json").stdout) == ANSWER
    ce.answers[PATH] = (200, b"vo,ended\r\nosg,1\r\n", "text/csv")
    assert run("contributions", "--csv").stdout_bytes == b"vo,ended\r\nosg,1\r\n"
    assert ce.asked[-1].query == {"by": ["vo"], "since": ["30d"], "format": ["csv"]}


def test_wrong_usage(run: Run, ce: Ce) -> None:
    assert run("contributions", "--json", "--csv").exit_code == 2
    result = run("contributions", "--by", "owner")
    assert (result.exit_code, "vo, route, entry, cluster" in result.stderr) == (2, True)


def test_without_pilots_it_says_so(run: Run, ce: Ce) -> None:
    ce.answers[PATH] = found({**ANSWER, "rows": [], "left_out": 0, "first_day": None})
    assert "no pilot ran from 2026-03-01" in run("contributions").stderr
