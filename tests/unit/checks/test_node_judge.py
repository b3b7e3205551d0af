"""What a worker node's report says of each check: figures against what was promised."""

from __future__ import annotations

from dataclasses import replace
from email.utils import formatdate
from typing import Any

import pytest

from hosted_ce.checks.catalogue import CATALOGUE, Where
from hosted_ce.checks.dependencies import settled
from hosted_ce.checks.node.ends import Came, without_report
from hosted_ce.checks.node.judge import judge
from hosted_ce.checks.node.promised import Promised
from hosted_ce.checks.node.report import NodeReport, Orphan
from hosted_ce.checks.node.script import probe_arguments
from hosted_ce.checks.node.targets import NOWHERE, Targets
from hosted_ce.checks.result import Result
from hosted_ce.checks.verdict import Verdict
from hosted_ce.daemon.checks.node_targets import targets_of
from hosted_ce.site.reach import Reach

NOW = 1_770_000_000
PROMISED = Promised(
    cpus=8, memory_mb=16_000, walltime_s=300, has_scratch=True, between=(NOW - 60.0, NOW + 60.0)
)
WELL = NodeReport(
    complete=True, host="n007", time=NOW, seconds=3, uid=1000, user="osg01", kernel="5.14.0-611.el9.x86_64",
    arch="x86_64", os_id="almalinux", os_version="9.6", os_name="AlmaLinux 9.6", libc="glibc 2.34",
    cores_allowed=8, cores_node=64, memory_kb=256_000_000, memory_limit=16_000 * 2**20, nofile=65536,
    nproc=100_000, gpu_devices=0, scratch="/scratch", scratch_mount="/scratch", scratch_type="xfs",
    scratch_free_kb=900_000_000, scratch_inodes=10_000_000, scratch_write="ok", scratch_exec="ok", stale=0,
    userns="ok", max_user_namespaces=15000, fuse="ok", apptainer="/usr/bin/apptainer",
    apptainer_version="apptainer version 1.4.2", container="ok", proxy="http://squid:3128", squid="ok",
    ports={str(port): "ok" for port in Targets().ports}, names={"osg-htc.org": "ok"},
    repositories={"oasis.opensciencegrid.org": "ok"},
)  # fmt: skip


def judged(promised: Promised = PROMISED, **seen: Any) -> dict[str, Result]:
    return {one.check: one for one in settled(judge(replace(WELL, **seen), promised))}


def bad(promised: Promised = PROMISED, **seen: Any) -> dict[str, Verdict]:
    found = judged(promised, **seen)
    return {name: one.verdict for name, one in found.items() if one.verdict in (Verdict.WARN, Verdict.FAIL)}


def test_a_node_that_is_well_has_a_result_of_every_check() -> None:
    found = judged()
    assert bad() == {}
    assert set(found) == {kind.id for kind in CATALOGUE.values() if kind.where is Where.WORKER_NODE}
    assert {one.where for one in found.values()} == {"n007"}
    assert [name for name, one in found.items() if one.verdict is Verdict.SKIPPED] == ["GPU-1"]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ({"cores_allowed": 7}, {"WN-1": Verdict.FAIL}),
        ({"cores_quota": 4.0}, {"WN-1": Verdict.FAIL}),
        ({"cores_allowed": 64}, {}),
        ({"memory_limit": 15_000 * 2**20}, {"WN-2": Verdict.FAIL}),
        ({"memory_limit": None, "memory_kb": 8_000_000}, {"WN-2": Verdict.FAIL}),
        ({"memory_limit": 15_800 * 2**20}, {}),
        ({"scratch_free_kb": 15_000_000}, {"WN-3": Verdict.FAIL}),
        ({"scratch_free_kb": 40_000_000}, {"WN-3": Verdict.WARN}),
        ({"scratch_inodes": 79_999}, {"WN-3": Verdict.WARN}),
        ({"scratch_type": "nfs4"}, {"FS-5": Verdict.WARN}),
        ({"scratch_type": "fuse.sshfs"}, {"FS-5": Verdict.WARN}),
        ({"scratch_write": "No space left on device"}, {"FS-2": Verdict.FAIL}),
        ({"scratch_exec": "Permission denied"}, {"FS-3": Verdict.FAIL}),
        ({"stale": 3, "stale_kb": 7_000_000}, {"FS-4": Verdict.WARN}),
        ({"orphans": (Orphan("java", 40 * 86400),)}, {"WN-5": Verdict.WARN}),
        ({"orphans": (Orphan("condor_master", 2 * 86400),)}, {}),
        ({"nofile": 1024}, {"WN-7": Verdict.WARN}),
        ({"nproc": 100}, {"WN-7": Verdict.WARN}),
        ({"arch": "riscv64"}, {"OS-2": Verdict.FAIL}),
        ({"os_id": "centos", "os_version": "7"}, {"OS-2": Verdict.WARN}),
        ({"names": {"a": "ok", "b": "failed"}}, {"NET-3": Verdict.WARN}),
        ({"names": {"a": "timeout"}}, {"NET-3": Verdict.FAIL}),
        ({"ports": {"80": "ok", "1094": "timeout"}}, {"NET-1": Verdict.WARN}),
        ({"ports": {"80": "refused", "1094": "timeout"}}, {"NET-1": Verdict.FAIL}),
        ({"squid": "timeout"}, {"NET-2": Verdict.FAIL}),
        ({"squid": "wrong HTTP status 403"}, {"NET-2": Verdict.FAIL}),
        ({"proxy": None, "squid": None}, {}),
        ({"repositories": {"a": "timeout"}}, {"CV-1": Verdict.FAIL}),
        ({"repositories": {"a": "missing", "b": "ok"}}, {"CV-1": Verdict.WARN}),
        ({"repositories": {"a": "missing"}, "fuse": "no"}, {"CV-1": Verdict.WARN, "CV-2": Verdict.WARN}),
        (
            {"repositories": {"a": "missing"}, "kernel": "4.18.0-553.el8_10.x86_64"},
            {"CV-1": Verdict.WARN},
        ),
        (
            {"repositories": {"a": "missing"}, "kernel": "4.18.0-generic"},
            {"CV-1": Verdict.WARN, "CV-2": Verdict.WARN},
        ),
        ({"userns": "Operation not permitted", "container": None}, {"AP-1": Verdict.FAIL}),
        ({"userns": "Operation not permitted"}, {"AP-1": Verdict.WARN}),
        ({"userns": "unknown", "max_user_namespaces": 0}, {"AP-1": Verdict.FAIL}),
        ({"userns": "unknown"}, {}),
        ({"apptainer": None, "container": None}, {"AP-2": Verdict.WARN}),
        ({"container": "timeout"}, {"AP-2": Verdict.FAIL}),
        ({"complete": False}, {"WN-6": Verdict.WARN}),
        ({"trouble": "no folder can be written"}, {"WN-6": Verdict.FAIL}),
    ],
)
def test_each_fault_has_its_check_and_no_other(seen: dict[str, Any], expected: dict[str, Verdict]) -> None:
    assert bad(**seen) == expected


def test_room_for_images_is_not_told_twice() -> None:
    small = replace(PROMISED, cpus=1)
    assert bad(small, scratch_free_kb=4_000_000) == {"WN-3": Verdict.WARN, "AP-3": Verdict.FAIL}
    found = judged(small, scratch_free_kb=1_000_000)
    assert (found["WN-3"].verdict, found["AP-3"].verdict) == (Verdict.FAIL, Verdict.SKIPPED)
    assert found["AP-3"].data["because"] == "WN-3"


def test_a_whole_node_is_all_of_it() -> None:
    whole = replace(PROMISED, whole_node=True)
    assert bad(whole) == {"WN-1": Verdict.FAIL}
    assert bad(whole, cores_allowed=64) == {}


@pytest.mark.parametrize(
    ("gpus", "seen", "expected"),
    [
        (2, {"gpu_listed": "2"}, {}),
        (2, {"gpu_listed": "1"}, {"GPU-1": Verdict.FAIL}),
        (1, {"gpu_listed": "failed NVML"}, {"GPU-1": Verdict.FAIL}),
        (1, {"gpu_listed": None, "gpu_devices": 1}, {"GPU-1": Verdict.WARN}),
        (1, {}, {"GPU-1": Verdict.FAIL}),
        (
            1, {"gpu_listed": "1", "repositories": {"a": "missing"}}, {"CV-1": Verdict.FAIL},
        ),
    ],
)  # fmt: skip
def test_gpus_that_were_promised(gpus: int, seen: dict[str, Any], expected: dict[str, Verdict]) -> None:
    assert bad(replace(PROMISED, gpus=gpus), **seen) == expected


def date(off: float) -> str:
    """What a web server says whose clock is so far behind the node's."""
    return f"{NOW} {formatdate(NOW - off, usegmt=True)}"


@pytest.mark.parametrize(
    ("between", "time", "http_date", "verdict"),
    [
        ((NOW - 30.0, NOW + 30.0), NOW + 3600, None, Verdict.FAIL),
        ((NOW - 30.0, NOW + 30.0), NOW - 3600, None, Verdict.FAIL),
        ((NOW - 30.0, NOW + 30.0), NOW + 60, None, Verdict.WARN),
        ((NOW - 30.0, NOW + 30.0), NOW, date(3600), Verdict.PASS),  # the web server is wrong: ours knows
        ((NOW - 30.0, NOW + 30.0), NOW + 3600, date(3600), Verdict.FAIL),
        ((NOW - 9000.0, NOW + 30.0), NOW, date(40), Verdict.WARN),
        (None, NOW, date(3600), Verdict.FAIL),
        (None, NOW, date(-3600), Verdict.FAIL),
        (None, NOW, date(2), Verdict.PASS),
        (None, NOW, None, Verdict.SKIPPED),
        (None, NOW, f"{NOW} yesterday", Verdict.SKIPPED),
        (None, NOW, "x", Verdict.SKIPPED),
    ],
)
def test_the_clock(
    between: tuple[float, float] | None, time: int, http_date: str | None, verdict: Verdict
) -> None:
    found = judged(replace(PROMISED, between=between), time=time, http_date=http_date)
    assert found["OS-7"].verdict is verdict


def test_what_is_not_said_is_skipped_and_not_guessed() -> None:
    results = settled(judge(NodeReport(complete=True), PROMISED))
    assert {one.verdict for one in results if one.check not in ("WN-6", "WN-5", "WN-7", "FS-1", "AP-2")} == {
        Verdict.SKIPPED
    }


def test_nothing_outside_is_looked_for_where_nothing_is_to_be_reached() -> None:
    found = judged(replace(PROMISED, targets=NOWHERE), ports={}, names={}, repositories={})
    assert {found[name].verdict for name in ("NET-1", "NET-2", "NET-3", "CV-1")} == {Verdict.SKIPPED}


@pytest.mark.parametrize(
    ("came", "shared", "check"),
    [
        (Came(False, True, "cannot make a working directory in /scratch", not_started=True), True, "FS-2"),
        (Came(False, True, "cannot write to /home/osg01/spool/h1", not_started=True), True, "FS-1"),
        (Came(False, True, "", not_started=True), True, "FS-1"),
        (Came(False, True, "cannot write to /var/spool/h1", not_started=True), False, "WN-6"),
        (Came(False, False, "PENDING: Resources"), True, "WN-6"),
        (Came(True, False, "running"), True, "WN-6"),
        (Came(True, True, "killed by signal 9"), True, "WN-6"),
    ],
)
def test_a_job_without_an_answer(came: Came, shared: bool, check: str) -> None:
    found = without_report(came, shared_home=shared, where="n007")
    assert (found.check, found.verdict, found.where) == (check, Verdict.FAIL, "n007")


def test_what_nodes_are_to_reach_is_the_ospools_with_what_the_site_says() -> None:
    assert targets_of(Reach()) == Targets()
    assert targets_of(Reach(outside=False)) == NOWHERE
    own = targets_of(
        Reach(outside=False, proxy="squid.example.edu:3128", url="http://a.edu/x", cvmfs=("c.org",))
    )
    assert (own.proxy, own.squid_url, own.squid_expect, own.repositories, own.host) == (
        "squid.example.edu:3128", "http://a.edu/x", "", ("c.org",), "",
    )  # fmt: skip
    assert targets_of(Reach(ports=())).ports == ()


def test_arguments_are_those_that_are_said() -> None:
    assert probe_arguments("nonce123", NOWHERE) == ("nonce123", "stale_min=5760")
    said = probe_arguments("nonce123", Targets(ports=(80, 443)), scratch="/scratch", longest_s=3600)
    assert {"scratch=/scratch", "ports=80,443", "stale_min=1500"} <= set(said)
    for nonce in ("short", "With-Capital1", "a b c d e f"):
        with pytest.raises(ValueError, match="is not a word"):
            probe_arguments(nonce, NOWHERE)
