"""The pages of checks: the last run of each cluster, those of before, and one with all its results."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import HTMLResponse

from hosted_ce.api.callers.access import ViewerInBrowser
from hosted_ce.api.cursor import MAX_ID
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.pages.templates import page
from hosted_ce.api.routers.checks import run_or_problem
from hosted_ce.api.schemas.checks import CheckResultOut, run_out
from hosted_ce.checks.run import RunState

MOST_RUNS = 50
router = APIRouter(include_in_schema=False, dependencies=[ViewerInBrowser])


@router.get("/site/checks")
async def checks(services: ServicesDep, refresh: Annotated[bool, Query()] = True) -> HTMLResponse:
    """The runs, the newest first, and what the last of each cluster says is wrong."""
    runs = await services.checks.latest(MOST_RUNS)
    newest = {run.cluster: run.id for run in reversed(runs)}
    last = [await services.checks.get(newest[name]) for name in sorted(newest)]
    return page(
        "checks.html",
        version=services.version, site=services.site(), now=services.now(), refresh=refresh, runs=runs,
        last=[(run, _wrong(run_out(run).results or [])) for run in last if run],
    )  # fmt: skip


@router.get("/site/checks/{run}")
async def one_run(
    services: ServicesDep,
    run: Annotated[int, Path(ge=1, le=MAX_ID)],
    refresh: Annotated[bool, Query()] = True,
) -> HTMLResponse:
    """One run with all its results; while it goes on, with those so far."""
    found = await run_or_problem(services, run)
    results = run_out(found).results or []
    return page(
        "check_run.html",
        version=services.version, site=services.site(), now=services.now(), run=found,
        refresh=refresh and found.state is RunState.RUNNING, wrong=_wrong(results),
        families=_families(results),
    )  # fmt: skip


def _wrong(results: list[CheckResultOut]) -> list[CheckResultOut]:
    """Failures, then warnings."""
    bad = [each for each in results if each.verdict.badness]
    return sorted(bad, key=lambda each: -each.verdict.badness)


def _families(results: list[CheckResultOut]) -> dict[str, list[CheckResultOut]]:
    found: dict[str, list[CheckResultOut]] = {}
    for each in results:
        found.setdefault(each.family, []).append(each)
    return found
