"""Judges what a job is given on a worker node: cores, memory, GPUs."""

from __future__ import annotations

from collections.abc import Iterator

from hosted_ce.checks.node.promised import Promised
from hosted_ce.checks.node.report import NodeReport
from hosted_ce.checks.node.verdicts import failed, passed, skipped, warned
from hosted_ce.checks.result import Result

MIB = 2**20
NEARLY = 0.98
"""Batch systems and kernels keep a little for themselves."""


def resource_results(report: NodeReport, promised: Promised) -> Iterator[Result]:
    """Against what was asked for."""
    yield _cores(report, promised)
    yield _memory(report, promised)
    yield _gpus(report, promised)


def _cores(report: NodeReport, promised: Promised) -> Result:
    if report.cores_allowed is None:
        return skipped("WN-1")
    quota = report.cores_quota
    given = report.cores_allowed if quota is None else min(report.cores_allowed, quota)
    asked = report.cores_node or promised.cpus if promised.whole_node else promised.cpus
    data = {"asked": asked, "allowed": report.cores_allowed, "quota": quota, "node": report.cores_node}
    if given < asked * NEARLY:
        return failed("WN-1", f"it asked for {asked} cores, and may use {given:g}", **data)
    return passed("WN-1", f"it asked for {asked} cores, and may use {given:g} of {report.cores_node}", **data)


def _memory(report: NodeReport, promised: Promised) -> Result:
    if report.memory_kb is None and report.memory_limit is None:
        return skipped("WN-2")
    node = None if report.memory_kb is None else report.memory_kb // 1024
    limit = None if report.memory_limit is None else report.memory_limit // MIB
    given = min(each for each in (node, limit) if each is not None)
    data = {"asked_mb": promised.memory_mb, "limit_mb": limit, "node_mb": node}
    if given < promised.memory_mb * NEARLY:
        by = "that is its limit" if given == limit else "the node has no more"
        return failed("WN-2", f"it asked for {promised.memory_mb} MB, and may use {given}: {by}", **data)
    limited = "no limit" if limit is None else f"its limit is {limit} MB"
    return passed("WN-2", f"it asked for {promised.memory_mb} MB; {limited}, the node has {node} MB", **data)


def _gpus(report: NodeReport, promised: Promised) -> Result:
    if not promised.gpus:
        return skipped("GPU-1", "none was asked for")
    listed = report.gpu_listed or ""
    seen = int(listed) if listed.isdecimal() else None
    data = {"asked": promised.gpus, "listed": report.gpu_listed, "devices": report.gpu_devices}
    if seen is not None and seen >= promised.gpus:
        return passed("GPU-1", f"it asked for {promised.gpus}, and nvidia-smi shows {seen}", **data)
    if seen is None and not listed and (report.gpu_devices or 0) >= promised.gpus:
        said = f"{report.gpu_devices} devices are there, and no nvidia-smi to ask"
        return warned("GPU-1", said, **data)
    shown = "nothing" if not listed else seen if seen is not None else f"an error: {listed}"
    return failed("GPU-1", f"it asked for {promised.gpus}, and nvidia-smi shows {shown}", **data)
