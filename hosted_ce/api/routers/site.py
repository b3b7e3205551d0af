"""The site behind this CE."""

from __future__ import annotations

from fastapi import APIRouter

from hosted_ce.api.callers.access import Viewer
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.schemas.site import SiteOut, site_out

router = APIRouter(prefix="/api/v1", tags=["site"])


@router.get("/site", responses=guarded_problems())
async def get_site(services: ServicesDep, _: Viewer) -> SiteOut:
    """The site's clusters, whether we can talk to them, its routes, what is full, and what is pending."""
    pending, incidents = await services.entries.pending(), await services.incidents.open()
    return site_out(services.site(), pending, incidents, services.now())
