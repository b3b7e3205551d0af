"""The entries of factories: what condor_q would sum up."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from hosted_ce.api.callers.access import Viewer
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.parameters import Name
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.problem import Problem
from hosted_ce.api.schemas.entries import EntriesOut, EntryDetail, entries_out, entry_detail
from hosted_ce.store.entries import Which

router = APIRouter(prefix="/api/v1/entries", tags=["entries"])
OfFactory = Annotated[Name | None, Query(description="Only pilots of this factory, `GlideinFactory`.")]
OfRoute = Annotated[Name | None, Query(description="Only pilots of this route.")]


@router.get("", responses=guarded_problems(kinds.INVALID_REQUEST))
async def list_entries(
    services: ServicesDep, _: Viewer, factory: OfFactory = None, route: OfRoute = None
) -> EntriesOut:
    """Every entry with its pilots by state, why some are held, and how the last ones ended."""
    return entries_out(await services.entries.entries(Which(None, factory, route), services.now()))


@router.get("/{name}", responses=guarded_problems(kinds.NO_SUCH_ENTRY, kinds.INVALID_REQUEST))
async def get_entry(
    services: ServicesDep,
    _: Viewer,
    name: Annotated[Name, Path(description="`GlideinEntryName`.", examples=["OSG_US_Example-CE1"])],
    factory: OfFactory = None,
    route: OfRoute = None,
) -> EntryDetail:
    """One entry: the same, its routes, and why its idle pilots wait."""
    which = Which(name, factory, route)
    found = await services.entries.entries(which, services.now())
    if not found:
        raise Problem(kinds.NO_SUCH_ENTRY, f"no pilot of entry {name!r} ever came")
    waiting, pending = await services.entries.waiting(which), await services.entries.pending(which)
    return entry_detail(found[0], waiting, pending)
