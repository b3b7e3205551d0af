"""Test pilots and the look around a node, through the door to a real Slurm's node and back."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hosted_ce.checks.dependencies import settled
from hosted_ce.checks.node.judge import judge
from hosted_ce.checks.node.parse import parse
from hosted_ce.checks.node.promised import Promised
from hosted_ce.checks.node.script import probe_arguments, probe_script
from hosted_ce.checks.node.targets import NOWHERE
from hosted_ce.checks.verdict import Verdict
from tests.e2e.ce import Ce
from tests.e2e.lab.site import Lab
from tests.e2e.lab.slurm_conf import NODE

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
NONCE = "e2enonce42"


@pytest.fixture
def ce(lab: Lab, tmp_path: Path) -> Iterator[Ce]:
    ce = Ce(lab, tmp_path, poll="1s")
    ce.start()
    yield ce
    ce.kill()


def submit_test(ce: Ce, *arguments: str) -> subprocess.CompletedProcess[str]:
    """By the command line, followed to its end."""
    command = [sys.executable, "-m", "hosted_ce.cli.main", "pilots", "submit", "--state", str(ce.state)]
    return subprocess.run(
        [*command, "--trace", *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_a_hello_goes_to_the_node_that_it_names_and_comes_back(ce: Ce) -> None:
    done = submit_test(ce, "--test", "hello", "--node", NODE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"node {NODE}" in done.stdout
    assert "hello from a test pilot" in " ".join(done.stdout.split()).replace("hello: from", "hello from")
    assert "SLURM_JOB_ID=" in done.stdout
    [pilot] = ce.pilots()
    assert (pilot["purpose"], pilot["state"], pilot["node"]) == ("test", "completed", NODE)
    entries = ce.client.get("/api/v1/entries").raise_for_status().json()["entries"]
    assert entries == [], "it is of no factory"


def test_a_stress_uses_what_it_asked_for_and_says_what_it_was_given(ce: Ce) -> None:
    body = {"kind": "stress", "cpus": 2, "memory_mb": 400, "seconds": 2}
    made = ce.client.post("/api/v1/pilots/tests", json=body).raise_for_status().json()
    [pilot] = ce.wait([made["id"]])
    found = json.loads(ce.output(pilot["id"]))
    assert (pilot["exit_code"], found["problems"]) == (0, [])
    assert (found["cores"]["asked"], found["memory_mb"]["asked"], found["memory_mb"]["touched"]) == (
        2, 400, 200,
    )  # fmt: skip
    assert 0 < found["cores"]["used"] <= 2.2


def test_a_node_that_there_is_not_is_told_by_the_hop_that_failed(ce: Ce) -> None:
    done = submit_test(ce, "--test", "hello", "--node", "no-such-node")
    assert done.returncode == 1
    assert "FAIL submitted: the site refused it" in done.stdout
    assert "Invalid node name specified" in done.stdout


def test_a_node_is_looked_at(ce: Ce) -> None:
    arguments = probe_arguments(NONCE, NOWHERE)
    [pilot] = ce.wait([ce.submit(probe_script(), *arguments)["id"]])
    detail = ce.show(pilot["id"])
    report = parse(ce.output(pilot["id"]), NONCE)
    assert report
    assert report.complete
    asked = detail["attempt"]["request"]
    promised = Promised(asked["cpus"], asked["memory_mb"], asked["walltime_s"], targets=NOWHERE)
    results = settled(judge(report, promised, NODE))
    bad = {one.check: one.seen for one in results if one.verdict is Verdict.FAIL}
    assert bad == {}
    assert {one.where for one in results if one.check in ("WN-1", "FS-2")} == {NODE}
