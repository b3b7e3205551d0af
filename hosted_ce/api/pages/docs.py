"""The documentation of the API, made of its own schema and of the catalogue of problems."""

from __future__ import annotations

from asyncio import to_thread
from typing import Any

from fastapi import APIRouter
from starlette.responses import HTMLResponse, JSONResponse

from hosted_ce.api.callers.access import OpenAccess
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.openapi import written
from hosted_ce.api.pages.templates import page
from hosted_ce.api.problems.kinds import CATALOGUE

router = APIRouter(include_in_schema=False, dependencies=[OpenAccess])


@router.get("/openapi.json")
async def openapi(services: ServicesDep) -> JSONResponse:
    """The schema."""
    return JSONResponse(await to_thread(written, services.version))


@router.get("/docs")
async def docs(services: ServicesDep) -> HTMLResponse:
    """What can be asked, and how."""
    schema = await to_thread(written, services.version)
    operations = [
        {"path": path, "method": method.upper(), **operation}
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    return page("docs.html", version=services.version, schema=schema, groups=_by_tag(schema, operations))


@router.get("/docs/errors")
async def errors(services: ServicesDep) -> HTMLResponse:
    """Every kind of problem, and what to do about it."""
    return page("errors.html", version=services.version, kinds=CATALOGUE)


def _by_tag(schema: dict[str, Any], operations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**tag, "operations": [operation for operation in operations if tag["name"] in operation["tags"]]}
        for tag in schema["tags"]
    ]
