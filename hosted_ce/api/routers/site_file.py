"""The site file: put in force what it says now, and look at what another one would do."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import ValidationError

from hosted_ce.api.bodies import strict_json
from hosted_ce.api.bodies.reading import BodyTooLarge, read_body, size_words
from hosted_ce.api.bodies.validation import field_errors
from hosted_ce.api.callers.access import Admin
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.openapi import body_of
from hosted_ce.api.ports.site_files import ReloadRefused
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.problem import FieldError, Problem, invalid
from hosted_ce.api.schemas.site_files import CompareIn, CompareOut, ReloadOut, compare_out, reload_out
from hosted_ce.site import SiteFileError

router = APIRouter(prefix="/api/v1/site", tags=["site"])


@router.post("/reload", responses=guarded_problems(kinds.SITE_FILE_REFUSED, kinds.SHUTTING_DOWN))
async def reload_site(services: ServicesDep, _: Admin) -> ReloadOut:
    """Reads the site file again and puts in force what it says: all of it, or nothing.

    The CE does so by itself a few seconds after the file was changed. When it is refused, what was in force
    stays in force, and `errors` says why.
    """
    try:
        return reload_out(await services.site_files.reload())
    except ReloadRefused as error:
        errors = [FieldError(path="", message=problem.describe(error.file)) for problem in error.problems]
        detail = f"{error.file} is not put in force; what was in force stays"
        raise invalid(kinds.SITE_FILE_REFUSED, errors, detail) from error


@router.post(
    "/compare",
    openapi_extra=body_of(CompareIn),
    responses=guarded_problems(
        kinds.MALFORMED_JSON, kinds.REQUEST_TOO_LARGE, kinds.UNSUPPORTED_MEDIA_TYPE, kinds.INVALID_REQUEST
    ),
)
async def compare_sites(request: Request, services: ServicesDep, _: Admin) -> CompareOut:
    """Tells what differs between two site files, and what would change for the pilots that wait.

    Changes nothing. The files that the site files name are not looked at.
    """
    asked = _asked(await _body(request, services.max_request))
    try:
        return compare_out(await services.site_files.compare(asked.old, asked.new))
    except SiteFileError as error:
        errors = [
            FieldError(path=error.file.name, message=problem.describe(error.file.name))
            for problem in error.problems
        ]
        raise invalid(kinds.INVALID_REQUEST, errors) from error


async def _body(request: Request, limit: int) -> bytes:
    try:
        return await read_body(request, limit)
    except BodyTooLarge as error:
        raise Problem(
            kinds.REQUEST_TOO_LARGE, f"the body {size_words(error.size)} is above the limit of {limit}"
        ) from error


def _asked(body: bytes) -> CompareIn:
    try:
        return CompareIn.model_validate(strict_json.parse(body))
    except strict_json.BadJson as error:
        raise Problem(kinds.MALFORMED_JSON, str(error)) from error
    except ValidationError as error:
        raise invalid(kinds.INVALID_REQUEST, field_errors(error.errors(include_url=False))) from error
