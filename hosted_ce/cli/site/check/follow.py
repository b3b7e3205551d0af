"""Begins runs of checks, in a CE or in this process, and follows them to their ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from hosted_ce.api.schemas.checks import run_out
from hosted_ce.checks.run import RunState
from hosted_ce.cli.client import Client
from hosted_ce.cli.errors import CliError, Misuse, SiteFileRefused
from hosted_ce.cli.printing import note
from hosted_ce.cli.site.check.lines import Document
from hosted_ce.cli.site.check.progress import Progress
from hosted_ce.cli.words import cell

FIRST_LOOK_S, LOOK_S = 0.2, 1.0


def by_ce(client: Client, cluster: str, asked: Mapping[str, Any], told: Progress) -> Document:
    """A run in a CE. One that goes on there already is followed instead."""
    run = client.act("/site/checks", {"cluster": cluster, **asked})
    if run["asked"] != _asked(asked):
        note(f"run {run['id']} goes on there already, begun by {cell(run['actor'])}: it is followed")
    pause = FIRST_LOOK_S
    while run["state"] == RunState.RUNNING:
        told(run)
        time.sleep(pause)
        pause = min(LOOK_S, pause * 2)
        run = client.get(f"/site/checks/{run['id']}")
    return run


def by_file(file: Path, cluster: str | None, told: Progress) -> list[Document]:
    """Runs in this process, by a site file: of the login nodes and batch systems only."""
    from hosted_ce.daemon.checks.by_file import clusters_of
    from hosted_ce.daemon.site_file.routes import RoutesUnusable
    from hosted_ce.site import SiteFileError

    try:
        names = clusters_of(file)
        if cluster is not None and cluster not in names:
            raise Misuse(f"{file} has no cluster {cluster!r}; it has: {', '.join(names)}")
        return [asyncio.run(_by_file(file, name, told)) for name in ([cluster] if cluster else names)]
    except SiteFileError as error:
        raise SiteFileRefused([problem.describe(file) for problem in error.problems]) from error
    except RoutesUnusable as error:
        raise CliError(f"{file}: {error}") from error


async def _by_file(file: Path, cluster: str, told: Progress) -> Document:
    from hosted_ce.daemon.checks.by_file import check_by_file

    document: Document = {}
    async with aclosing(check_by_file(file, cluster)) as runs:
        async for run in runs:
            document = run_out(run).model_dump(mode="json")
            told(document)
    return document


def clusters(client: Client, cluster: str | None) -> Sequence[str]:
    """The clusters that are meant: this one, or all of the CE's."""
    return [cluster] if cluster else [each["name"] for each in client.get("/site")["clusters"]]


def _asked(asked: Mapping[str, Any]) -> Document:
    return {
        "login_only": bool(asked.get("login_only")), "nodes": list(asked.get("node", ())),
        "sample": asked.get("sample", 0),
    }  # fmt: skip
