"""Faults planted on a worker node: each is found by the right check, and by no other.

The script runs for real, in a sandbox. docs/developers/checks.md has the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hosted_ce.checks.dependencies import settled
from hosted_ce.checks.node.judge import judge
from hosted_ce.checks.node.promised import Promised
from hosted_ce.checks.result import Result
from hosted_ce.checks.verdict import Verdict
from tests.e2e.lab import requirements
from tests.e2e.node_sandbox import REPOSITORIES, SHELLS, Node, Outside, look, outside

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
PROMISED = Promised(cpus=1, memory_mb=500, has_scratch=True)
OLD = "touch -d '9 days ago' scratch/glide_abc123"
STALE = (
    f"mkdir scratch/glide_abc123; dd if=/dev/zero of=scratch/glide_abc123/x bs=1M count=3 2>/dev/null; {OLD}"
)
NO_NAMESPACES = "printf '#!/bin/sh\\necho unshare: Operation not permitted >&2; exit 1\\n' >usr/bin/unshare"
HANGING = f"""
python3 hang.py "$PWD/cvmfs/{REPOSITORIES[0]}" >hang.out & hang=$!
while ! [ -s hang.out ]; do sleep 0.1; done
"""
NO_CVMFS = "rm -r cvmfs"
BROKEN_APPTAINER = (
    "echo '[ \"$1\" = --version ] || { echo FATAL: no >&2; exit 255; }' >>usr/local/bin/apptainer"
)
NVIDIA = (
    "printf '#!/bin/sh\\necho GPU 0: A100\\n' >usr/local/bin/nvidia-smi; chmod 755 usr/local/bin/nvidia-smi"
)

PLANTED: dict[str, tuple[Node, str, Verdict]] = {
    "scratch is mounted noexec": (Node("mount -o remount,noexec scratch"), "FS-3", Verdict.FAIL),
    "scratch is full": (
        Node("mount -o remount,size=4m scratch; dd if=/dev/zero of=scratch/x bs=1M 2>/dev/null || :"),
        "FS-2", Verdict.FAIL,
    ),
    "scratch is read-only": (Node("mount -o remount,ro scratch"), "FS-2", Verdict.FAIL),
    "scratch is not there": (Node("umount scratch; rmdir scratch"), "FS-2", Verdict.FAIL),
    "scratch is small": (Node("mount -o remount,size=1g scratch"), "WN-3", Verdict.FAIL),
    "scratch has few inodes": (Node("mount -o remount,nr_inodes=500 scratch"), "WN-3", Verdict.WARN),
    "old pilots left folders": (Node(STALE), "FS-4", Verdict.WARN),
    "no user namespaces": (Node(f"{NO_NAMESPACES}; rm usr/local/bin/apptainer"), "AP-1", Verdict.FAIL),
    "none, but apptainer runs by setuid": (Node(NO_NAMESPACES), "AP-1", Verdict.WARN),
    "apptainer runs nothing": (Node(BROKEN_APPTAINER), "AP-2", Verdict.FAIL),
    "no apptainer": (Node("rm usr/local/bin/apptainer"), "AP-2", Verdict.WARN),
    "no cvmfs": (Node(NO_CVMFS), "CV-1", Verdict.WARN),
    "cvmfs hangs": (Node(HANGING), "CV-1", Verdict.FAIL),
    "a repository is empty": (Node(f"rm cvmfs/{REPOSITORIES[1]}/there"), "CV-1", Verdict.WARN),
    "less memory than promised": (Node(command="prlimit --as=400000000"), "WN-2", Verdict.FAIL),
    "few open files": (Node(command="prlimit --nofile=1024"), "WN-7", Verdict.WARN),
    "an old system": (
        Node("printf 'ID=centos\\nVERSION_ID=7\\n' >etc/os-release"), "OS-2", Verdict.WARN,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def world() -> Iterator[Outside]:
    """What all nodes reach."""
    if unmet := requirements.unmet(("unshare", "busybox", "dash", "curl", "mount", "prlimit")):
        pytest.fail(unmet, pytrace=False)
    with outside() as made:
        yield made


def found(
    node: Node, folder: Path, world: Outside, promised: Promised = PROMISED, shell: str = "dash"
) -> list[Result]:
    """All results that are not well."""
    targets = node.targets or world.targets
    report = look(node, folder, targets, shell)
    assert report.complete
    assert (report.seconds or 0) < 60
    results = settled(judge(report, replace(promised, targets=targets)))
    return [one for one in results if one.verdict in (Verdict.WARN, Verdict.FAIL)]


def names(results: list[Result]) -> list[tuple[str, Verdict]]:
    return [(one.check, one.verdict) for one in results]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_node_that_is_well(tmp_path: Path, world: Outside, shell: str) -> None:
    assert found(Node(), tmp_path, world, shell=shell) == []


@pytest.mark.parametrize("fault", PLANTED)
def test_what_is_planted_on_the_node_is_found(tmp_path: Path, world: Outside, fault: str) -> None:
    node, check, verdict = PLANTED[fault]
    assert names(found(node, tmp_path, world)) == [(check, verdict)]


def test_fewer_cores_than_promised(tmp_path: Path, world: Outside) -> None:
    promised = replace(PROMISED, cpus=2)
    assert names(found(Node(command="taskset -c 0"), tmp_path, world, promised)) == [("WN-1", Verdict.FAIL)]


@pytest.mark.parametrize(
    ("promised", "planted", "results"),
    [
        (1, "", [("GPU-1", Verdict.FAIL)]),
        (1, NVIDIA, []),
        (2, NVIDIA, [("GPU-1", Verdict.FAIL)]),
        (1, f"{NVIDIA}; {NO_CVMFS}", [("CV-1", Verdict.FAIL)]),
    ],
)
def test_gpus(tmp_path: Path, world: Outside, promised: int, planted: str, results: object) -> None:
    assert names(found(Node(planted), tmp_path, world, replace(PROMISED, gpus=promised))) == results


@pytest.mark.parametrize("shell", ["dash", "busybox sh"])
def test_the_network_of_a_node(tmp_path: Path, world: Outside, shell: str) -> None:
    """All at once, since they take time and not each other's: two ports of three, and a dead web proxy."""
    targets = replace(
        world.targets,
        ports=(world.full(), world.closed(), world.targets.ports[0]),
        names=("nowhere.invalid", "localhost"),
        proxy=f"127.0.0.1:{world.listening()}",
    )
    results = found(Node(targets=targets), tmp_path, world, shell=shell)
    seen = {one.check: one.seen for one in results}
    assert names(results) == [("NET-3", Verdict.WARN), ("NET-1", Verdict.WARN), ("NET-2", Verdict.FAIL)]
    assert f"{targets.ports[0]} (timeout), {targets.ports[1]} (refused)" in seen["NET-1"]
    assert seen["NET-2"].endswith("it does not answer")
    assert "nowhere.invalid" in seen["NET-3"]


def test_a_firewall_before_everything(tmp_path: Path, world: Outside) -> None:
    targets = replace(world.targets, ports=(world.full(), world.full()))
    assert names(found(Node(targets=targets), tmp_path, world)) == [("NET-1", Verdict.FAIL)]


@pytest.mark.parametrize(
    ("status", "body", "said"), [(403, b"", "HTTP status 403"), (200, b"<html>", "another one")]
)
def test_a_web_proxy_that_answers_wrong(
    tmp_path: Path, world: Outside, status: int, body: bytes, said: str
) -> None:
    targets = replace(world.targets, proxy=f"127.0.0.1:{world.web(status, body)}")
    [result] = found(Node(targets=targets), tmp_path, world)
    assert (result.check, result.verdict) == ("NET-2", Verdict.FAIL)
    assert said in result.seen


def test_a_web_proxy_that_is_not_there(tmp_path: Path, world: Outside) -> None:
    targets = replace(world.targets, proxy=f"127.0.0.1:{world.closed()}")
    [result] = found(Node(targets=targets), tmp_path, world)
    assert (result.check, result.seen.rpartition(": ")[2]) == (
        "NET-2",
        "nothing listens there, or nothing gets there",
    )


def test_a_clock_that_is_an_hour_off(tmp_path: Path, world: Outside) -> None:
    world.clock_off_s = -3600
    try:
        [result] = found(Node(), tmp_path, world)
    finally:
        world.clock_off_s = 0
    assert (result.check, result.verdict) == ("OS-7", Verdict.FAIL)
    assert "ahead" in result.seen


def test_a_node_without_tools_is_looked_at_as_far_as_that_goes(tmp_path: Path, world: Outside) -> None:
    """Neither python3 nor curl, wget, bash, nc, timeout or getent."""
    tools = "python3 curl wget bash nc timeout getent unshare"
    gone = f"for tool in {tools}; do rm -f usr/bin/$tool bin/$tool usr/local/bin/$tool; done"
    report = look(Node(gone), tmp_path, world.targets)
    results = settled(judge(report, replace(PROMISED, targets=world.targets)))
    assert report.complete
    skipped = {one.check for one in results if one.verdict is Verdict.SKIPPED}
    assert {"NET-1", "NET-2", "AP-1", "OS-7"} <= skipped
    assert [one.check for one in results if one.verdict is Verdict.FAIL] == []
