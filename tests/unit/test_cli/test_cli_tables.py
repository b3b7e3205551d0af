"""Tables fit into 80 columns of a terminal, and lose nothing where there is room."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest

from hosted_ce.cli.columns import CLUSTERS, CLUSTERS_NARROW, PILOTS, PILOTS_NARROW, Column
from hosted_ce.cli.queue.columns import ENTRIES, ENTRIES_NARROW, OVER, OVER_NARROW
from hosted_ce.cli.tables import print_table
from hosted_ce.pilots.states import State

STEERING = re.compile(r"\x1b\[[0-9;]*m")
AT = "2026-03-01T12:30:00Z"
PILOT = {
    "id": 123456, "entry": "OSG_US_Example-CE1", "state": "completed", "outcome": "node_failure",
    "outcome_class": "node_failure", "exit_code": 1, "exit_signal": None, "batch_id": "1234567",
    "created_at": AT, "started_at": AT, "finished_at": AT, "node": "c1-0001",
    "reason": "ended by the site: node failure (NODE_FAIL)",
    "route": "default", "cluster": "main", "executable": "glidein_startup.sh",
}  # fmt: skip
CLUSTER = {
    "name": "main", "batch": "slurm", "logins": ["login1.example.edu:22", "login2.example.edu:22"],
    "account": "osg01", "state": "auth_refused", "state_since": AT, "listed_at": AT, "submitting": False,
    "state_reason": "osg01@login1.example.edu: the login node refused our key", "closed_reason": None,
}  # fmt: skip
ENTRY = {
    "name": "OSG_US_Example-CE1", "factories": ["OSG", "OSG-ITB"], "counts": dict.fromkeys(State, 4711),
    "idle_since": AT, "last_started_at": AT, "outcomes": {"exited": 471, "node_failure": 1},
    "nonzero_exits": 1,
}  # fmt: skip
TABLES = [
    pytest.param(PILOTS, PILOTS_NARROW, PILOT, id="pilots list"),
    pytest.param(OVER, OVER_NARROW, PILOT, id="history"),
    pytest.param(CLUSTERS, CLUSTERS_NARROW, CLUSTER, id="site show"),
    pytest.param(ENTRIES, ENTRIES_NARROW, ENTRY, id="q"),
]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """What a table is on a terminal of so many columns."""

    def show(
        width: int, columns: Sequence[Column], narrow: Sequence[Column], record: dict[str, Any]
    ) -> list[str]:
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        print_table(columns, [record], narrow=narrow)
        return [line.rstrip() for line in STEERING.sub("", capsys.readouterr().out).splitlines()]

    return show


@pytest.mark.parametrize(("columns", "narrow", "record"), TABLES)
def test_eighty_columns_are_enough(
    shown: Any, columns: Sequence[Column], narrow: Sequence[Column], record: dict[str, Any]
) -> None:
    lines = shown(80, columns, narrow, record)
    assert max(map(len, lines)) <= 80
    assert "03-01 12:30" in lines[1]


@pytest.mark.parametrize(("columns", "narrow", "record"), TABLES)
def test_where_there_is_room_nothing_is_left_out(
    shown: Any, columns: Sequence[Column], narrow: Sequence[Column], record: dict[str, Any]
) -> None:
    titles, row, *more = shown(300, columns, narrow, record)
    assert titles.split() == [column.title for column in columns]
    assert (AT in row, more) == (True, [])


def test_before_columns_are_left_out_times_are_shortened(shown: Any) -> None:
    titles, row, *_ = shown(150, OVER, OVER_NARROW, PILOT)
    assert titles.split() == [column.title for column in OVER]
    assert row.count("03-01 12:30") == 3
