"""Faults of a real OpenPBS or Torque, and what the checks of a site say of them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hosted_ce.checks.judges.facts import Facts
from hosted_ce.checks.judges.judge import login_report
from hosted_ce.checks.result import Result
from hosted_ce.daemon.checks.examining import Examiner
from hosted_ce.daemon.site_file.routes import table_of
from hosted_ce.site import load_site
from tests.e2e.ce import Ce
from tests.e2e.lab.pbs_site import PbsSite

_LOAD = "OS-8"
"""It is of the machine that runs the tests."""


@dataclass(frozen=True)
class Fault:
    """What qmgr is told, how that is undone, what the site file asks for, and which checks must find it."""

    what: str
    checks: str
    done: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    request: Mapping[str, Any] = field(default_factory=dict)
    cluster: Mapping[str, Any] = field(default_factory=dict)


NONE = Fault("none", "")


def report(lab: PbsSite, folder: Path, fault: Fault = NONE) -> tuple[Result, ...]:
    """What the checks say now, of a new spool."""
    asked = {"walltime": "10m", "memory": "64 MB", **fault.request}
    routes = [{"name": "main", "request": asked}]
    ce = Ce(lab, folder, batch="pbs", limits={"pilots": 10}, site={"routes": routes}, **fault.cluster)
    site = load_site(ce.site_file)

    async def last() -> Facts:
        examiner = Examiner("lab", site.clusters["lab"], table_of(site, folder))
        return [facts async for facts in examiner.facts()][-1]

    results = login_report(asyncio.run(last()), local=False)
    shutil.rmtree(lab.home / "hosted-ce", ignore_errors=True)
    return results


def bad(lab: PbsSite, folder: Path, fault: Fault = NONE) -> dict[str, str]:
    """What is seen, by check, where something is wrong."""
    found = (each for each in report(lab, folder, fault) if each.verdict.badness and each.check != _LOAD)
    return {each.check: each.seen for each in found}


def found_by(lab: PbsSite, folder: Path, fault: Fault) -> set[str]:
    """The checks that find it while it is there."""
    lab.qmgr(*fault.done)
    try:
        return set(bad(lab, folder, fault))
    finally:
        lab.qmgr(*fault.undone)
