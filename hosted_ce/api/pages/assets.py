"""The style sheet and the icon."""

from __future__ import annotations

from importlib import resources

from fastapi import APIRouter
from starlette.responses import Response

from hosted_ce.api.access import OpenAccess

FRESH = {"Cache-Control": "public, max-age=3600"}
router = APIRouter(include_in_schema=False, dependencies=[OpenAccess])


@router.get("/static/style.css")
async def style() -> Response:
    """How the pages look."""
    return Response(_asset("style.css"), media_type="text/css", headers=FRESH)


@router.get("/static/icon.svg")
async def icon() -> Response:
    """The icon in the browser's tab."""
    return Response(_asset("icon.svg"), media_type="image/svg+xml", headers=FRESH)


def _asset(name: str) -> bytes:
    return resources.files("hosted_ce.api").joinpath("static", name).read_bytes()
