"""The page of the routes, on which pilots that might come are tried."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from hosted_ce.api.bodies.hypothetical import checked, spec_of
from hosted_ce.api.callers.access import StatusAccess
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.pages.templates import page
from hosted_ce.api.ports.explaining import Explanation, NotAnAd
from hosted_ce.api.problems.problem import Problem
from hosted_ce.api.services import Services

LONGEST = 16_000
"""Characters of the attributes: they come in the address, which servers and browsers bound."""
router = APIRouter(include_in_schema=False, dependencies=[StatusAccess])


@router.get("/routes")
async def routes(
    services: ServicesDep,
    attributes: Annotated[str | None, Query()] = None,
    account: Annotated[str | None, Query()] = None,
) -> HTMLResponse:
    """The routes in order; and, if attributes are given, what becomes of a pilot that has them."""
    found, left_out, faults = None, tuple[str, ...](), list[str]()
    if attributes is not None:
        try:
            found, left_out = await _tried(services, attributes, account or None)
        except Problem as problem:
            faults = _faults(problem)
        except NotAnAd as error:
            faults = [str(error)]
    return page(
        "routes.html", HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        version=services.version, site=services.site(), attributes=attributes, account=account,
        found=found, left_out=left_out, faults=faults, longest=LONGEST,
    )  # fmt: skip


async def _tried(services: Services, text: str, account: str | None) -> tuple[Explanation, tuple[str, ...]]:
    """The explanation, and the attributes that routes cannot look at. Raises Problem, NotAnAd."""
    if len(text) > LONGEST:
        raise NotAnAd(f"{len(text)} characters are too many; at most {LONGEST}")
    ad = services.explainer.read_ad(text.replace("\r\n", "\n"))
    asked = checked({"attributes": ad.attributes, "account": account})
    return await services.explainer.of_spec(spec_of(asked), asked.account), ad.left_out


def _faults(problem: Problem) -> list[str]:
    return [": ".join(filter(None, (each["path"], each["message"]))) for each in problem.data["errors"]]
