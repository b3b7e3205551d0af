"""Judges what a worker node has for containers and software: CVMFS, user namespaces, Apptainer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hosted_ce.checks.dependencies import because
from hosted_ce.checks.node.promised import Promised
from hosted_ce.checks.node.report import NodeReport
from hosted_ce.checks.node.verdicts import OK, failed, passed, skipped, warned
from hosted_ce.checks.result import Result
from hosted_ce.checks.verdict import Verdict

_KERNEL = re.compile(r"(\d{1,3})\.(\d{1,3})")
_ENTERPRISE_8 = re.compile(r"\.el8")
UNKNOWN = "unknown"


def software_results(report: NodeReport, promised: Promised) -> Iterator[Result]:
    """In the catalogue's order, but for what depends on user namespaces."""
    cvmfs, namespaces = _cvmfs(report, promised), _namespaces(report)
    yield cvmfs
    yield namespaces
    if cvmfs.verdict is Verdict.PASS:
        yield passed("CV-2", "CVMFS is mounted, so that no pilot has to")
    elif namespaces.verdict is Verdict.FAIL:
        yield because("CV-2", "AP-1")
    else:
        yield _cvmfsexec(report)
    yield _apptainer(report)


def _cvmfs(report: NodeReport, promised: Promised) -> Result:
    if not promised.targets.repositories:
        return skipped("CV-1", "no repository is to be looked for")
    found, data = report.repositories, {"repositories": dict(report.repositories)}
    if not found:
        return skipped("CV-1")
    if hanging := [name for name, word in found.items() if word == "timeout"]:
        return failed("CV-1", f"no answer in 12 s from {', '.join(hanging)}: it hangs", **data)
    if not (bad := [name for name, word in found.items() if word != OK]):
        return passed("CV-1", f"there: {', '.join(found)}", **data)
    said = f"not there: {', '.join(f'{name} ({found[name]})' for name in bad)}"
    if promised.gpus:
        return failed("CV-1", f"{said}; the OSPool requires them where GPUs are offered", **data)
    return warned("CV-1", said, **data)


def _cvmfsexec(report: NodeReport) -> Result:
    reasons = [
        why
        for why, bad in (
            (f"kernel {report.kernel} is too old", not _new_enough(report.kernel or "")),
            ("/dev/fuse cannot be used", report.fuse != OK),
            (f"it is {report.arch}", report.arch not in (None, "x86_64")),
        )
        if bad
    ]
    if report.kernel is None:
        return skipped("CV-2")
    return warned("CV-2", "; ".join(reasons)) if reasons else passed("CV-2", "a pilot can mount it")


def _new_enough(kernel: str) -> bool:
    """5.0; Enterprise Linux 8 has what it takes in its 4.18."""
    found = _KERNEL.match(kernel)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    return version >= (5, 0) or (version >= (4, 18) and bool(_ENTERPRISE_8.search(kernel)))


def _namespaces(report: NodeReport) -> Result:
    most, data = report.max_user_namespaces, {"max_user_namespaces": report.max_user_namespaces}
    if report.userns == OK:
        return passed("AP-1", f"one was made; {most} may be", **data)
    if most == 0:
        return failed("AP-1", "user.max_user_namespaces is 0", **data)
    if report.userns in (None, UNKNOWN):
        return skipped("AP-1", "the node has no `unshare` to try it with")
    if report.container == OK:
        return warned("AP-1", f"none could be made ({report.userns}), but Apptainer runs", **data)
    return failed("AP-1", f"none could be made: {report.userns}", **data)


def _apptainer(report: NodeReport) -> Result:
    if report.apptainer is None:
        return warned("AP-2", "there is none, neither in PATH nor in CVMFS: each pilot has to bring it")
    name = f"{report.apptainer} ({report.apptainer_version or 'it does not say its version'})"
    if report.container == OK:
        return passed("AP-2", f"{name} ran a container", path=report.apptainer)
    why = report.container or "its answer is missing"
    return failed("AP-2", f"{name} ran no container: {why}", path=report.apptainer)
