"""`hosted-ce site`: lint and schema of site files, and the site of a running CE."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hosted_ce.site.schema import site_schema

from .ce import Ce, found
from .conftest import Run

HOST_KEY = "login.example.edu ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFakeFakeFakeFakeFakeFake\n"

SITE = """\
site: Example-University
resource: Example-CE1
clusters:
  main:
    batch: slurm
    login:
      - host: login.example.edu
    account: osg01
    key: key
    known_hosts: known_hosts
routes:
  - name: default
    when: RequestGPUs =?= undefined
"""

VIEW: dict[str, Any] = {
    "name": "Example-University",
    "resource": "Example-CE1",
    "front_door": None,
    "clusters": [
        {
            "name": "main", "batch": "slurm", "logins": ["a:22", "b:22"], "account": "osg01",
            "contact": "down", "since": "2026-03-01T12:30:00.125Z", "problem": "no route to host",
            "listed_at": None, "submitting": False, "closed_reason": "it is down", "state": "down",
            "state_since": "2026-03-01T12:30:00.125Z", "state_reason": "no route to host",
        }
    ],
    "routes": [
        {
            "name": "default", "cluster": "main", "when": None, "limits": {"pilots": 100, "idle": 10},
            "usage": {"pilots": 7, "idle": 3},
            "refused": {"kind": "limit", "said": "QOSMax", "since": "2026-03-01T12:00:00.000Z",
                        "until": "2026-03-01T12:15:00.000Z", "times": 2},
        }
    ],
}  # fmt: skip


@pytest.fixture
def site(folder: Path) -> Path:
    """A site file with nothing to complain about."""
    (folder / "key").touch(mode=0o600)
    (folder / "known_hosts").write_text(HOST_KEY)
    path = folder / "site.yaml"
    path.write_text(SITE.replace("key: key", f"key: {folder}/key").replace(": known", f": {folder}/known"))
    return path


def test_a_sound_file_has_no_problems(run: Run, site: Path) -> None:
    result = run("site", "lint", site)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no problems found\n")


def test_errors_have_their_place_and_fail(run: Run, site: Path) -> None:
    site.write_text(site.read_text().replace("batch: slurm", "batch: cobalt").replace("=?=", "==="))
    result = run("site", "lint", "site.yaml")
    first, second = result.stdout.splitlines()
    assert result.exit_code == 1
    assert first.startswith("site.yaml:5:12: error: clusters.main.batch: ")
    assert second.startswith("site.yaml:13:11: error: routes[0].when: ")


def test_warnings_alone_do_not_fail(run: Run, site: Path, folder: Path) -> None:
    (folder / "key").unlink()
    result = run("site", "lint", "site.yaml")
    assert result.exit_code == 0
    assert result.stdout.startswith("site.yaml:9:10: warning: clusters.main.key: there is no file")


def test_several_files_are_checked_at_once(run: Run, site: Path) -> None:
    result = run("site", "lint", "site.yaml", "missing.yaml")
    assert result.exit_code == 1
    assert result.stdout.startswith("missing.yaml: error: there is no such file")


def test_problems_as_json(run: Run, site: Path) -> None:
    site.write_text(site.read_text().replace("batch: slurm", "batch: cobalt"))
    result = run("site", "lint", "site.yaml", "--json")
    (problem,) = json.loads(result.stdout)
    assert result.exit_code == 1
    assert problem["message"]
    assert {name: problem[name] for name in ("file", "line", "column", "severity", "path")} == {
        "file": "site.yaml", "line": 5, "column": 12, "severity": "error", "path": "clusters.main.batch"
    }  # fmt: skip
    site.write_text(site.read_text().replace("batch: cobalt", "batch: slurm"))
    assert json.loads(run("site", "lint", "site.yaml", "--json").stdout) == []


def test_the_schema_is_printed(run: Run) -> None:
    assert json.loads(run("site", "schema").stdout) == site_schema()


def test_the_site_of_a_running_ce_is_shown(ce: Ce, run: Run) -> None:
    ce.answers["GET", "/api/v1/site"] = found(VIEW)
    lines = run("site", "show").stdout.splitlines()
    assert lines[0] == "Example-University, resource Example-CE1"
    assert lines[3].split(maxsplit=8) == [
        "main", "slurm", "a:22,b:22", "osg01", "down", "2026-03-01T12:30:00Z", "-", "no", "no route to host"
    ]  # fmt: skip
    assert lines[6].split() == [
        "default", "main", "7/100", "3/10", "limit,until=2026-03-01T12:15:00Z", "-"
    ]  # fmt: skip
    assert json.loads(run("site", "show", "--json").stdout) == VIEW


DOOR: dict[str, Any] = {
    "address": "ce.example.edu:9619", "in_contact": True, "since": "2026-03-01T12:30:00.125Z",
    "problem": None, "looked_at": "2026-03-01T14:00:01.000Z", "jobs": 17,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "row"),
    [
        ({}, "ce.example.edu:9619 yes 2026-03-01T12:30:00Z 2026-03-01T14:00:01Z 17 -"),
        (
            {"in_contact": False, "problem": "no answer; look at `hosted-ce front-door check`"},
            "ce.example.edu:9619 no 2026-03-01T12:30:00Z 2026-03-01T14:00:01Z 17 "
            "no answer; look at `hosted-ce front-door check`",
        ),
        (
            {"in_contact": None, "since": None, "looked_at": None, "jobs": 0},
            "ce.example.edu:9619 not_yet - - 0 -",
        ),
    ],
)
def test_the_front_door_is_shown_before_the_clusters(
    ce: Ce, run: Run, changed: dict[str, Any], row: str
) -> None:
    ce.answers["GET", "/api/v1/site"] = found(VIEW | {"front_door": DOOR | changed})
    lines = run("site", "show").stdout.splitlines()
    assert lines[2].split() == ["FRONT_DOOR", "CONTACT", "SINCE", "LOOKED_AT", "JOBS", "PROBLEM"]
    assert lines[3].split() == row.split()
    assert lines[6].startswith("main ")


CLUSTER: dict[str, Any] = {
    **VIEW["clusters"][0],
    "state": "paused",
    "state_reason": "paused by rest:operator: full",
}


@pytest.mark.parametrize(
    ("words", "path", "asked"),
    [
        (["pause", "main", "--reason", "full"], "pause", {"reason": ["full"]}),
        (["resume", "main"], "resume", {}),
        (["accept-spool", "main"], "accept-spool", {}),
    ],
)
def test_a_cluster_is_acted_upon(
    ce: Ce, run: Run, words: list[str], path: str, asked: dict[str, list[str]]
) -> None:
    ce.answers["POST", f"/api/v1/site/clusters/main/{path}"] = found(CLUSTER)
    assert run("site", *words).stdout == "main: paused paused by rest:operator: full\n"
    assert json.loads(run("site", *words, "--json").stdout)["state"] == "paused"
    assert [call.query for call in ce.calls("POST")] == [asked, asked]
