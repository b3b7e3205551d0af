"""What a worker node's report says of each check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from hosted_ce.checks.node.files import file_results
from hosted_ce.checks.node.network import network_results
from hosted_ce.checks.node.promised import Promised
from hosted_ce.checks.node.report import NodeReport
from hosted_ce.checks.node.resources import resource_results
from hosted_ce.checks.node.software import software_results
from hosted_ce.checks.node.system import system_results
from hosted_ce.checks.node.verdicts import failed, passed, warned
from hosted_ce.checks.result import Result


def judge(report: NodeReport, promised: Promised, where: str | None = None) -> Iterable[Result]:
    """Results before the rule of dependencies. `where`: the node's name; None: as it calls itself."""
    place = where or report.host
    return [replace(result, where=place) for result in _results(report, promised)]


def _results(report: NodeReport, promised: Promised) -> Iterator[Result]:
    yield _ran(report)
    if report.trouble is not None:
        return
    yield from system_results(report, promised)
    yield from resource_results(report, promised)
    yield from file_results(report, promised)
    yield from network_results(report, promised)
    yield from software_results(report, promised)


def _ran(report: NodeReport) -> Result:
    if report.trouble is not None:
        return failed("WN-6", f"it ran, and could not look around: {report.trouble}")
    if not report.complete:
        return warned("WN-6", "it ran, but not to its end, or its output was cut: some answers are missing")
    return passed("WN-6", f"it ran for {report.seconds} s", seconds=report.seconds)
