"""What the pages load: our style sheet, icon and scripts, and the vendored ones."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from importlib import resources

from fastapi import APIRouter
from starlette.responses import Response

from hosted_ce.api.callers.access import OpenAccess
from hosted_ce.api.problems.kinds import NOT_FOUND
from hosted_ce.api.problems.problem import Problem

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
"""A page asks for each by its checksum, hence new content has another address."""
SCRIPT, STYLE = "text/javascript; charset=utf-8", "text/css; charset=utf-8"
TYPES = {
    "style.css": STYLE,
    "icon.svg": "image/svg+xml",
    "pages.js": SCRIPT,
    "charts.js": SCRIPT,
    "enter.js": SCRIPT,
    "vendor/htmx.min.js": SCRIPT,
    "vendor/hx-sse.min.js": SCRIPT,
    "vendor/uplot.min.js": SCRIPT,
    "vendor/uplot.min.css": STYLE,
}
"""All that is served; other files of the folder are not."""
router = APIRouter(include_in_schema=False, dependencies=[OpenAccess])


@dataclass(frozen=True, slots=True)
class Asset:
    """A file, and its address with the first digits of its checksum."""

    data: bytes
    address: str


def _read(name: str) -> Asset:
    data = resources.files("hosted_ce.api").joinpath("static", *name.split("/")).read_bytes()
    return Asset(data, f"/static/{name}?{hashlib.sha256(data).hexdigest()[:12]}")


_ASSETS = {name: _read(name) for name in TYPES}
"""As of when this was imported, 0.1 MB: what loads them is, however the package was upgraded meanwhile."""


def address(name: str) -> str:
    """Where pages load it from. Raises KeyError for what is not served."""
    return _ASSETS[name].address


@router.get("/static/{name:path}")
async def static(name: str) -> Response:
    """One of them. Raises Problem."""
    if name not in TYPES:
        raise Problem(NOT_FOUND, f"there is nothing at /static/{name}")
    return Response(_ASSETS[name].data, HTTPStatus.OK, FOR_EVER, TYPES[name])
