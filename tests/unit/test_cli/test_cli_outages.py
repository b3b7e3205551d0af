"""`hosted-ce site incidents`, `site downtime`, and outages in `site status`."""

from __future__ import annotations

import json
from typing import Any

from hosted_ce.cli.site.status import outage_lines

from .ce import Ce, found
from .conftest import Run

ONE: dict[str, Any] = {
    "id": 3, "place": "main", "cause": "batch_down", "title": "The batch system does not answer",
    "said": "slurm\x1b down", "todo": "ask the site", "mover": "site",
    "began_at": "2026-03-01T12:30:00.000Z", "told_at": "2026-03-01T12:33:00.000Z", "ended_at": None,
    "seconds": 7200.0, "pilots": 20,
}  # fmt: skip
PATH = ("GET", "/api/v1/site/incidents")


def test_outages_with_what_to_do(run: Run, ce: Ce) -> None:
    ce.answers[PATH] = found({"incidents": [ONE]})
    assert run("site", "incidents", "--since", "7d").stdout.splitlines() == [
        f"outage 3 at main: {ONE['title']}, since 2026-03-01T12:30:00Z (2h); 20 pilots there",
        "  slurm\\x1b down",
        "    -> ask the site (the site's move)",
    ]
    assert ce.asked[-1].query == {"since": ["7d"]}
    assert json.loads(run("site", "incidents", "--json").stdout) == {"incidents": [ONE]}
    ce.answers[PATH] = found({"incidents": []})
    assert "there was no outage" in run("site", "incidents").stderr


def test_one_that_is_over_says_until_when() -> None:
    [first, *_] = outage_lines({**ONE, "id": None, "ended_at": "2026-03-01T14:30:00.000Z"})
    assert first.startswith(f"outage at main: {ONE['title']}, since 2026-03-01T12:30:00Z until ")
    assert first.endswith("; 20 pilots there")


def test_one_pilot_is_one() -> None:
    [first, *_] = outage_lines({**ONE, "pilots": 1})
    assert first.endswith("; 1 pilot there")


def test_a_draft_of_a_downtime(run: Run, ce: Ce) -> None:
    ce.answers["GET", "/api/v1/site/incidents/3/downtime"] = (
        200,
        b"- Class: UNSCHEDULED\n",
        "application/yaml",
    )
    assert run("site", "downtime", "--from-incident", "3").stdout_bytes == b"- Class: UNSCHEDULED\n"
    assert run("site", "downtime").exit_code == 2


def test_a_digest_in_each_form(run: Run, ce: Ce) -> None:
    path = ("GET", "/api/v1/site/digest")
    ce.answers[path] = (200, b"Example\n", "text/plain")
    assert run("site", "digest", "--since", "30d").stdout_bytes == b"Example\n"
    assert ce.asked[-1].query == {"since": ["30d"], "format": ["text"]}
    run("site", "digest", "--html")
    assert ce.asked[-1].query["format"] == ["html"]
    ce.answers[path] = found({"title": "t"})
    assert json.loads(run("site", "digest", "--json").stdout) == {"title": "t"}
    assert run("site", "digest", "--html", "--markdown").exit_code == 2
