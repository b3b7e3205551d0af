"""Judges a worker node's file systems."""

from __future__ import annotations

from collections.abc import Iterator

from hosted_ce.checks.dependencies import because
from hosted_ce.checks.node.promised import Promised
from hosted_ce.checks.node.report import NodeReport
from hosted_ce.checks.node.verdicts import OK, failed, passed, skipped, warned
from hosted_ce.checks.result import Result
from hosted_ce.checks.verdict import Verdict

GB_KB = 10**6
LEAST_GB, GOOD_GB = 2, 10
"""For each core."""
IMAGES_GB = 5
FEW_INODES = 10_000
"""For each core: a container image has more files."""
SHARED = (
    "nfs",
    "nfs4",
    "lustre",
    "gpfs",
    "beegfs",
    "ceph",
    "cifs",
    "smb3",
    "panfs",
    "afs",
    "orangefs",
    "wekafs",
)


def file_results(report: NodeReport, promised: Promised) -> Iterator[Result]:
    """Its home, and scratch."""
    yield _home(promised)
    yield _written(report)
    if report.scratch_write != OK:
        return
    yield _executed(report)
    yield _stale(report)
    yield _local(report)
    room = _room(report, promised)
    yield room
    yield because("AP-3", "WN-3") if room.verdict is Verdict.FAIL else _images(report)


def _home(promised: Promised) -> Result:
    if promised.shared_home:
        return passed("FS-1", "the job found its files in the login node's spool")
    return passed("FS-1", "the site file says that it does not: the job's files came with it")


def _written(report: NodeReport) -> Result:
    if report.scratch_write is None:
        return skipped("FS-2")
    data = {"scratch": report.scratch, "type": report.scratch_type, "mount": report.scratch_mount}
    if report.scratch_write == OK:
        return passed("FS-2", f"{report.scratch} can be written", **data)
    return failed("FS-2", f"{report.scratch} cannot be written: {report.scratch_write}", **data)


def _executed(report: NodeReport) -> Result:
    if report.scratch_exec is None:
        return skipped("FS-3")
    if report.scratch_exec == OK:
        return passed("FS-3", f"a script ran in {report.scratch}")
    said = f"a script in {report.scratch} could not be run: {report.scratch_exec}"
    return failed("FS-3", said, mount=report.scratch_mount)


def _stale(report: NodeReport) -> Result:
    if not report.stale:
        return passed("FS-4", "there are none") if report.stale == 0 else skipped("FS-4")
    size = (
        "" if report.stale_kb is None else f", {report.stale_kb / GB_KB:.1f} GB in those that were measured"
    )
    data = {"folders": report.stale, "kb": report.stale_kb}
    return warned("FS-4", f"{report.stale} folders of old pilots are in {report.scratch}{size}", **data)


def _local(report: NodeReport) -> Result:
    if report.scratch_type is None:
        return skipped("FS-5")
    seen = f"{report.scratch} is on {report.scratch_type}"
    shared = report.scratch_type in SHARED or report.scratch_type.startswith("fuse")
    return warned("FS-5", f"{seen}, which other nodes use as well") if shared else passed("FS-5", seen)


def _room(report: NodeReport, promised: Promised) -> Result:
    if report.scratch_free_kb is None:
        return skipped("WN-3")
    cores = report.cores_node or promised.cpus if promised.whole_node else promised.cpus
    each, inodes = report.scratch_free_kb / GB_KB / cores, report.scratch_inodes
    data = {"free_kb": report.scratch_free_kb, "free_inodes": inodes, "cores": cores}
    seen = f"{each:.1f} GB for each of {cores} cores"
    if each < LEAST_GB:
        return failed("WN-3", f"{seen}: at least {LEAST_GB} are needed", **data)
    if inodes is not None and inodes < FEW_INODES * cores:
        return warned("WN-3", f"{seen}, and only {inodes} files can be made", **data)
    if each < GOOD_GB:
        return warned("WN-3", f"{seen}: {GOOD_GB} are better", **data)
    return passed("WN-3", seen, **data)


def _images(report: NodeReport) -> Result:
    if report.scratch_free_kb is None:
        return skipped("AP-3")
    free = report.scratch_free_kb / GB_KB
    seen = f"{free:.1f} GB are free in {report.scratch}"
    return passed("AP-3", seen) if free >= IMAGES_GB else failed("AP-3", f"{seen}: {IMAGES_GB} are needed")
