"""`hosted-ce audit`: which records are shown, and how."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from .conftest import Run


def record(action: str, ago: int, outcome: str = "allowed", **facts: Any) -> str:
    at = (datetime.now(UTC) - timedelta(seconds=ago)).isoformat(timespec="milliseconds")
    return json.dumps({"at": at, "door": "rest", "action": action, "outcome": outcome, **facts}) + "\n"


@pytest.fixture
def audit(folder: Path) -> Path:
    path = folder / "state" / "audit" / "audit.jsonl"
    path.parent.mkdir(parents=True)
    path.with_name("audit.jsonl.1").write_text(
        record("submit_pilot", 9000, who="Ada", pilot=7, pilots=["20-29", "31"])
    )
    path.write_text(
        record("list_pilots", 60, "refused", why="the token\x1b[2J is not this CE's", address="192.0.2.1")
        + '{"at": "cut\n'
        + record("remove_pilot", 5, who="Ada Lovelace", pilot=12)
    )
    return path


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), ["submit_pilot", "list_pilots", "remove_pilot"]),
        (("--pilot", 7), ["submit_pilot"]),
        (("--pilot", 25), ["submit_pilot"]),
        (("--pilot", 30), []),
        (("--who", "ada"), ["submit_pilot", "remove_pilot"]),
        (("--refused",), ["list_pilots"]),
        (("--address", "192.0.2.1"), ["list_pilots"]),
        (("--action", "remove_pilot"), ["remove_pilot"]),
        (("--since", "1h"), ["list_pilots", "remove_pilot"]),
        (("--grep", "LOVELACE"), ["remove_pilot"]),
        (("-n", 1), ["remove_pilot"]),
    ],
)
def test_records_are_chosen(
    run: Run, audit: Path, arguments: tuple[object, ...], expected: list[str]
) -> None:
    result = run("audit", "--json", *arguments)
    assert result.exit_code == 0, result.stderr
    assert [json.loads(text)["action"] for text in result.stdout.splitlines()] == expected


def test_for_a_person(run: Run, audit: Path) -> None:
    told = run("audit").stdout.splitlines()
    assert len(told) == 3
    assert "refused  - list_pilots  address=192.0.2.1  (the token" in told[1]
    assert "pilots=20-29,31" in told[0]
    assert "\x1b" not in "".join(told)
    assert told[2].endswith("allowed  Ada Lovelace remove_pilot  pilot=12")


def test_without_one(run: Run) -> None:
    result = run("audit")
    assert result.exit_code == 1
    assert "--state-dir" in result.stderr
