"""`hosted-ce site status`: how the CE is doing, why, and what to do."""

from __future__ import annotations

import json
from typing import Any

from .ce import Ce, found
from .conftest import Run
from .test_cli_site import VIEW

POOR = {
    "word": "poor",
    "reasons": [
        {"word": "poor", "said": "cluster main cannot be reached: no route\n to host", "todo": "mend it"},
        {"word": "fair", "said": "6 pilots are held", "todo": "see why"},
    ],
}
BROKEN = {"word": "broken", "reason": "3 pilots wait"}
EXPIRY = {"kind": "host certificate", "path": "/c.pem", "until": "2026-03-01T12:30:00.125Z"}


def view(**changes: Any) -> dict[str, Any]:
    return VIEW | {"health": POOR, "activity": BROKEN, "expiries": [EXPIRY]} | changes


def test_the_word_its_reasons_and_what_to_do(run: Run, ce: Ce) -> None:
    ce.answers["GET", "/api/v1/site"] = found(view())
    lines = run("site", "status").stdout.splitlines()
    assert lines[:6] == [
        "Example-University, resource Example-CE1",
        "Poor; Broken: 3 pilots wait",
        "  poor: cluster main cannot be reached: no route\\n to host",
        "    -> mend it",
        "  fair: 6 pilots are held",
        "    -> see why",
    ]
    assert "cluster main: down: no route to host" in lines
    assert "route default: refused: QOSMax" in lines
    assert "host certificate /c.pem: valid until 2026-03-01T12:30:00Z" in lines


def test_routes_that_are_full_are_named(run: Run, ce: Ce) -> None:
    limits = {"pilots": 7, "idle": 10, "running": 7, "cores": 56}
    usage = {"pilots": 7, "idle": 3, "cores": 56}
    routes = [
        VIEW["routes"][0] | {"limits": limits, "usage": usage, "refused": None},
        VIEW["routes"][0] | {"name": "gpu", "refused": None},
    ]
    ce.answers["GET", "/api/v1/site"] = found(view(routes=routes))
    lines = run("site", "status").stdout.splitlines()
    assert "route default: full, 7 of 7 pilots, 56 of 56 cores, 7 of 7 that may run" in lines
    assert "1 of 2 routes have room" in lines


def test_good_says_so_in_two_lines(run: Run, ce: Ce) -> None:
    good = {"word": "good", "reasons": []}
    door = {"address": "ce:9619", "in_contact": True, "problem": None}
    doing = {"word": "production", "reason": "16 cores run pilots now"}
    ce.answers["GET", "/api/v1/site"] = found(view(health=good, activity=doing, front_door=door))
    lines = run("site", "status").stdout.splitlines()
    assert lines[1:3] == ["Good; Production: 16 cores run pilots now", "  nothing to do"]
    assert "front door ce:9619: open" in lines


def test_just_after_the_start_it_is_not_known_yet(run: Run, ce: Ce) -> None:
    ce.answers["GET", "/api/v1/site"] = found(view(health=None, activity=None))
    result = run("site", "status")
    assert result.exit_code == 0
    assert "ask again in a few seconds" in result.stdout


def test_as_json(run: Run, ce: Ce) -> None:
    ce.answers["GET", "/api/v1/site"] = found(view())
    shown = json.loads(run("site", "status", "--json").stdout)
    assert (shown["health"], shown["activity"], shown["expiries"]) == (POOR, BROKEN, [EXPIRY])
