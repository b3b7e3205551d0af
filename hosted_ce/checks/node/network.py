"""Judges what a worker node reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hosted_ce.checks.node.promised import Promised
from hosted_ce.checks.node.report import NodeReport
from hosted_ce.checks.node.verdicts import OK, failed, passed, skipped, warned
from hosted_ce.checks.result import Result

_SQUID = {
    "refused": "nothing listens there, or nothing gets there",
    "timeout": "it does not answer",
    "unresolved": "its name is not known",
}


def network_results(report: NodeReport, promised: Promised) -> Iterator[Result]:
    """Names, ports, and the web proxy."""
    yield _names(report, promised)
    yield _ports(report, promised)
    yield _squid(report, promised)


def _names(report: NodeReport, promised: Promised) -> Result:
    if not promised.targets.names:
        return skipped("NET-3", "no name is to be looked up")
    if not report.names:
        return skipped("NET-3")
    bad, data = _bad(report.names), {"names": dict(report.names)}
    if not bad:
        return passed("NET-3", f"known: {', '.join(report.names)}", **data)
    said = f"not known: {_told(bad)}"
    return failed("NET-3", said, **data) if len(bad) == len(report.names) else warned("NET-3", said, **data)


def _ports(report: NodeReport, promised: Promised) -> Result:
    host = promised.targets.host
    if not host or not promised.targets.ports:
        return skipped("NET-1", "no host is to be reached")
    if not report.ports:
        return skipped("NET-1", "the node has nothing to connect with: no python3, bash, nc or curl")
    bad, data = _bad(report.ports), {"host": host, "ports": dict(report.ports)}
    if not bad:
        return passed("NET-1", f"{host} answers on {', '.join(report.ports)}", **data)
    said = f"no connection to {host} on {_told(bad)}"
    return failed("NET-1", said, **data) if len(bad) == len(report.ports) else warned("NET-1", said, **data)


def _squid(report: NodeReport, promised: Promised) -> Result:
    if not promised.targets.squid_url:
        return skipped("NET-2", "nothing is to be fetched")
    if report.proxy is None:
        return skipped("NET-2", "no web proxy is set: neither OSG_SQUID_LOCATION nor one of CVMFS")
    if report.squid is None:
        return skipped("NET-2", "the node has nothing to fetch with: no curl, python3 or wget")
    data = {"proxy": report.proxy, "answer": report.squid}
    if report.squid == OK:
        return passed("NET-2", f"{report.proxy} fetched {promised.targets.squid_url}", **data)
    why = _SQUID.get(report.squid, report.squid.removeprefix("wrong "))
    return failed("NET-2", f"{report.proxy} did not fetch {promised.targets.squid_url}: {why}", **data)


def _bad(found: Mapping[str, str]) -> dict[str, str]:
    return {name: word for name, word in found.items() if word != OK}


def _told(bad: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({word})" for name, word in bad.items())
