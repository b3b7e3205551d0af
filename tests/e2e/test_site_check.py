"""A whole CE checks its site: by the command line, with its own pilots there, and through a restart."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.ce import Ce
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
API = "/api/v1/site/checks"


@pytest.fixture
def ce(lab: Lab, tmp_path: Path) -> Iterator[Ce]:
    ce = Ce(lab, tmp_path)
    ce.start()
    yield ce
    ce.kill()


def check(ce: Ce, *options: str) -> subprocess.CompletedProcess[str]:
    """`hosted-ce site check` as an operator calls it."""
    argv = [sys.executable, "-m", "hosted_ce.cli.main", "site", "check", *options, "--state", str(ce.state)]
    return subprocess.run(argv, capture_output=True, text=True, timeout=100, check=False)


def by_check(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["check"]: each for each in report["results"]}


def strangers(report: dict[str, Any]) -> int:
    """How many folders it found of no pilot of this CE: those of other tests' CEs are among them."""
    found = re.search(r"no pilot of this CE: (\d+)", by_check(report)["AC-9"]["seen"])
    return int(found[1]) if found else 0


def test_a_ce_checks_its_site_and_knows_its_own_pilots(ce: Ce, lab: Lab, tmp_path: Path) -> None:
    before = strangers(json.loads(check(ce, "--login-only", "--json", "--cluster", "lab").stdout))
    pilot = ce.submit("#!/bin/sh\nexit 0\n")
    ce.wait([pilot["id"]])
    stranger = lab.home / "hosted-ce" / "pilots" / "hqaaaaaaaaaaaaa"
    stranger.mkdir()
    html = tmp_path / "report.html"
    done = check(ce, "--login-only", "--json", "--cluster", "lab", "--html", str(html))
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    found = by_check(report)
    assert (report["state"], report["actor"], report["counts"]["fail"]) == ("done", "rest:operator", 0)
    assert found["AC-9"]["verdict"] == "warn"
    assert strangers(report) == before + 1, "the pilot's folder is the CE's own"
    assert found["BS-4"]["verdict"] == "pass"
    assert ce.show(pilot["id"])["attempt"]["stamp"] not in found["BS-9"]["seen"], "its job is the CE's own"
    assert "AC-9" in html.read_text()
    stranger.rmdir()
    assert strangers(json.loads(check(ce, "--login-only", "--json", "--cluster", "lab").stdout)) == before


def test_what_became_worse_is_told_and_a_run_that_a_crash_cut_off_says_so(ce: Ce, lab: Lab) -> None:
    assert check(ce, "--login-only").returncode == 0
    run = ["scontrol", "update", "PartitionName=batch"]
    assert lab.slurm.command(*run, "State=DOWN").returncode == 0
    try:
        done = check(ce, "--login-only")
    finally:
        lab.slurm.command(*run, "State=UP")
    assert done.returncode == 1
    assert "Worse: BS-6 queue-open at default, pass before: fail" in done.stdout
    assert 'hosted_ce_checks_worse{cluster="lab"} 1.0' in ce.client.get("/metrics").text
    with_noise = lab.owner.write(lab.home / ".bashrc", b"sleep 2\n")
    begun = ce.client.post(API, params={"login_only": True}).raise_for_status().json()
    ce.kill()
    with_noise.unlink()
    ce.start()
    cut = ce.client.get(f"{API}/{begun['id']}").raise_for_status().json()
    assert (cut["state"], cut["problem"]) == (
        "interrupted", "the CE was stopped before it got to its end"
    )  # fmt: skip


def test_worker_nodes_are_looked_at_by_jobs(lab: Lab, tmp_path: Path) -> None:
    ce = Ce(lab, tmp_path, site={"reach": {"outside": False}})
    ce.start()
    try:
        done = check(ce, "--json", "--cluster", "lab", "--sample", "1")
        report = json.loads(done.stdout)
        pilots = ce.client.get("/api/v1/pilots", params={"purpose": "check"}).raise_for_status().json()
    finally:
        ce.kill()
    found = by_check(report)
    assert done.returncode == 0, found
    assert (found["WN-6"]["where"], found["WN-6"]["verdict"]) == ("node01", "pass")
    assert found["FS-1"]["verdict"] == "pass"
    assert "worker nodes: jobs not back yet: 1" in done.stderr
    assert [pilot["state"] for pilot in pilots["items"]] == ["completed"], "both routes get to the one node"
