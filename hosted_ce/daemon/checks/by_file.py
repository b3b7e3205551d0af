"""Checks the login node and the batch system of a site file, without a CE."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from bosco.errors import BoscoError
from hosted_ce.checks.judges.judge import login_report, so_far
from hosted_ce.checks.run import Asked, Run, RunState, counted
from hosted_ce.daemon.checks.examining import Examiner
from hosted_ce.daemon.checks.steps import doing
from hosted_ce.daemon.site_file.routes import table_of
from hosted_ce.site import load_site

WITHOUT_CE = "no CE"


async def check_by_file(file: Path, cluster: str) -> AsyncGenerator[Run, None]:
    """The run after each step; the last one has ended. Its number is 0: nothing is written down.

    Raises hosted_ce.site.SiteFileError, hosted_ce.daemon.site_file.routes.RoutesUnusable.
    """
    site = load_site(file)
    table, entry = table_of(site, file.parent), site.clusters[cluster]
    local = entry.ssh is None
    run = Run(0, cluster, RunState.RUNNING, Asked(login_only=True), WITHOUT_CE, time.time(), results=())
    facts, state, problem = None, RunState.DONE, None
    try:
        async with aclosing(Examiner(cluster, entry, table).facts()) as steps:
            async for facts in steps:
                found = so_far(facts)
                yield replace(run, results=found, counts=counted(found), doing=doing(facts))
    except BoscoError as error:
        state, problem = RunState.INTERRUPTED, str(error)
    results = login_report(facts, local=local) if facts else ()
    yield replace(
        run, state=state, problem=problem, ended_at=time.time(), results=results, counts=counted(results)
    )


def clusters_of(file: Path) -> tuple[str, ...]:
    """The names of the clusters in the site file. Raises hosted_ce.site.SiteFileError."""
    return tuple(load_site(file).clusters)
