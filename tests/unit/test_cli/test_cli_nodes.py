"""`hosted-ce nodes`."""

from __future__ import annotations

import json

from .ce import Ce, found
from .conftest import Run

NODE = {
    "cluster": "main", "name": "n007", "ended": 8, "failed": 7, "classes": {"unknown": 1, "no_cvmfs": 7},
    "last_at": "2026-03-01T12:30:00.125Z", "problem": "7 pilots failed",
}  # fmt: skip


def test_nodes_as_a_table_and_as_json(run: Run, ce: Ce) -> None:
    answer = {"nodes": [NODE], "left_out": 3}
    ce.answers["GET", "/api/v1/nodes"] = found(answer)
    result = run("nodes", "--limit", "1")
    assert result.stdout.splitlines()[1].split(maxsplit=6) == [
        "n007", "main", "8", "7", "2026-03-01T12:30:00Z", "no_cvmfs=7,unknown=1", "7 pilots failed",
    ]  # fmt: skip
    assert "3 more nodes" in result.stderr
    assert ce.asked[-1].query == {"limit": ["1"]}
    assert json.loads(run("nodes", "--json").stdout) == answer


def test_without_nodes_it_says_so(run: Run, ce: Ce) -> None:
    ce.answers["GET", "/api/v1/nodes"] = found({"nodes": [], "left_out": 0})
    assert "no pilot has ended" in run("nodes").stderr
