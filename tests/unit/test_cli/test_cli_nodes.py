"""`hosted-ce nodes`."""

from __future__ import annotations

import json

from .ce import Ce, found
from .conftest import Run

NODE = {
    "cluster": "main", "name": "n007", "ended": 8, "failed": 7, "classes": {"unknown": 1, "no_cvmfs": 7},
    "last_at": "2026-03-01T12:30:00.125Z", "problem": "7 pilots failed", "avoided": None,
}  # fmt: skip


def test_nodes_as_a_table_and_as_json(run: Run, ce: Ce) -> None:
    answer = {"nodes": [NODE], "left_out": 3}
    ce.answers["GET", "/api/v1/nodes"] = found(answer)
    result = run("nodes", "--limit", "1")
    assert result.stdout.splitlines()[1].split(maxsplit=7) == [
        "n007", "main", "8", "7", "2026-03-01T12:30:00Z", "-", "no_cvmfs=7,unknown=1", "7 pilots failed",
    ]  # fmt: skip
    assert "3 more nodes" in result.stderr
    assert ce.asked[-1].query == {"limit": ["1"]}
    assert json.loads(run("nodes", "--json").stdout) == answer


def test_without_nodes_it_says_so(run: Run, ce: Ce) -> None:
    ce.answers["GET", "/api/v1/nodes"] = found({"nodes": [], "left_out": 0})
    assert "no pilot has ended" in run("nodes").stderr


AVOIDED = {
    "cluster": "main", "node": "n007", "in_force": True, "since": "2026-03-01T12:30:00.125Z",
    "until": "2026-03-02T12:30:00.125Z", "actor": "rest:operator", "automatic": False, "reason": "no CVMFS",
    "ended_at": None, "ended_by": None,
}  # fmt: skip
PATH = "/api/v1/site/clusters/main/nodes/n007"


def test_a_node_is_avoided_and_allowed(run: Run, ce: Ce) -> None:
    ce.answers["POST", f"{PATH}/avoid"] = ce.answers["POST", f"{PATH}/allow"] = found(AVOIDED)
    result = run("nodes", "avoid", "main", "n007", "--for", "24h", "--reason", "no CVMFS", "--force")
    assert result.stdout == "n007: avoided until 2026-03-02T12:30:00Z\n"
    assert ce.asked[-1].query == {"for": ["24h"], "reason": ["no CVMFS"], "force": ["true"]}
    assert run("nodes", "allow", "main", "n007").stdout == "n007: gets pilots again\n"
    assert ce.asked[-1].query == {}
    for verb, more in (("avoid", ["--for", "1h"]), ("allow", [])):
        assert json.loads(run("nodes", verb, "main", "n007", *more, "--json").stdout) == AVOIDED


def test_avoidances_as_a_table_and_as_json(run: Run, ce: Ce) -> None:
    over = AVOIDED | {"in_force": False, "ended_at": "2026-03-01T13:00:00.125Z", "ended_by": "rest:operator"}
    ce.answers["GET", "/api/v1/nodes/avoidances"] = found({"avoidances": [AVOIDED, over]})
    rows = [line.split(maxsplit=7) for line in run("nodes", "avoidances").stdout.splitlines()[1:]]
    assert [row[2:5] for row in rows] == [
        ["yes", "2026-03-01T12:30:00Z", "2026-03-02T12:30:00Z"],
        ["no", "2026-03-01T12:30:00Z", "2026-03-01T13:00:00Z"],
    ]
    assert [row[6:] for row in rows] == [["-", "no CVMFS"], ["rest:operator", "no CVMFS"]]
    assert json.loads(run("nodes", "avoidances", "--json").stdout)["avoidances"] == [AVOIDED, over]
    ce.answers["GET", "/api/v1/nodes/avoidances"] = found({"avoidances": []})
    assert "no node was avoided" in run("nodes", "avoidances").stderr
