"""The list of pilots: a form that narrows it, and a page of what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from pydantic import ValidationError
from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse

from hosted_ce.api.bodies.validation import field_errors
from hosted_ce.api.callers.access import StatusAccess
from hosted_ce.api.cursor import cursor_after, keys_of
from hosted_ce.api.frozen import reason_of
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.pages.search import WORDS, meanings, pilot_number
from hosted_ce.api.pages.templates import page
from hosted_ce.api.parameters import Listing
from hosted_ce.api.problems.problem import FieldError
from hosted_ce.api.services import Services
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.states import State
from hosted_ce.store import queries

PER_PAGE = 50
MOST_OFFERED = 200
"""Names in one field's list of suggestions."""
MANY = frozenset({"state", "outcome_class"})
FIELDS = {
    "state": "State", "route": "Route", "cluster": "Cluster", "vo": "VO", "factory": "Factory",
    "entry": "Entry", "account": "Account", "purpose": "For", "outcome_class": "End", "batch_id": "Batch job",
    "stamp": "Name at the site", "factory_job": "Factory's GlobalJobId", "door_key": "Front door's name",
    "reason": "Words of the reason", "older_than": "Came longer ago than", "younger_than": "Came within",
    "finished_within": "Over within", "order": "Order",
}  # fmt: skip
"""What the form calls the listing's parameters."""
OURS = frozenset({"q", "refresh"})
"""Parameters of the page that are none of the listing."""
router = APIRouter(include_in_schema=False, dependencies=[StatusAccess])


@dataclass(frozen=True, slots=True)
class Found:
    """What a search has found."""

    listing: queries.Listing
    wanted: Mapping[str, Any]
    """The listing's parameters."""
    by: str | None = None
    """What the text in the search field was taken for."""


@router.get("/pilots")
async def pilots(
    request: Request, services: ServicesDep, refresh: Annotated[bool, Query()] = True
) -> HTMLResponse:
    """The pilots that are asked for, newest first. Every part of the form may be left empty."""
    newest = await services.event_log.newest()
    given, text = _given(request.query_params), request.query_params.get("q", "").strip()
    faults, found = list[str](), None
    try:
        found = await _found(services, given, text)
    except ValidationError as error:
        faults = [_said(each) for each in field_errors(error.errors(include_url=False))]
    first = _address({name: value for name, value in given.items() if name != "cursor"}, text)
    asked = request.headers.get("HX-Source") == "form#filters"  # else the page asked, and nobody waits
    answer = page(
        "pilots.html", HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        version=services.version, site=services.site(), now=services.now(), newest=newest,
        given=given, text=text, faults=faults, found=found, exact=await _numbered(services, text),
        rows=_rows(services, found), here=_address(given, text), first=first, older=_older(found),
        refresh=refresh and "cursor" not in given, offered=await services.queries.kinds(MOST_OFFERED),
        asked=asked, words=WORDS, fields=FIELDS, states=list(State), ends=[end.value for end in EndClass],
    )  # fmt: skip
    if asked:
        answer.headers["HX-Push-Url"] = _address(given, text)  # without the form's empty fields
    return answer


def _said(error: FieldError) -> str:
    """What is wrong, with the name that the form has for it."""
    name = error.path.partition("[")[0]
    return f"{FIELDS.get(name, error.path)}: {error.message}"


def _given(query: QueryParams) -> dict[str, Any]:
    """The listing's parameters; fields of the form that were left empty are not there."""
    names = dict.fromkeys(name for name in query if name not in OURS)
    values = {name: [value for value in query.getlist(name) if value.strip()] for name in names}
    return {name: found if name in MANY else found[-1].strip() for name, found in values.items() if found}


async def _found(services: Services, given: Mapping[str, Any], text: str) -> Found:
    """What is asked for; a text is taken for the first thing under which pilots are found.

    Raises ValidationError.
    """
    if not text:
        return Found(await _listed(services, given), given)
    Listing.model_validate(given)
    for name in meanings(text):
        try:
            listing = await _listed(services, {**given, name: text})
        except ValidationError:
            continue  # no such thing is spelled like this
        if listing.pilots:
            return Found(listing, {**given, name: text}, name)
    return Found(queries.NOTHING, given)


async def _listed(services: Services, given: Mapping[str, Any]) -> queries.Listing:
    wanted = Listing.model_validate(given)
    after = keys_of(wanted.cursor) if wanted.cursor else None
    return await services.queries.listing(
        wanted.filter(services.now()), order=wanted.order, after=after, limit=PER_PAGE
    )


async def _numbered(services: Services, text: str) -> Pilot | None:
    number = pilot_number(text)
    return await services.store.get(number) if number else None


def _rows(services: Services, found: Found | None) -> list[tuple[Pilot, str | None]]:
    site = cache(services.site)
    return [(pilot, reason_of(pilot, site)) for pilot in (found.listing.pilots if found else [])]


def _older(found: Found | None) -> str | None:
    """Where the next ones are, asked for by what was found, so that the text keeps its meaning."""
    if found is None or found.listing.after is None:
        return None
    return _address({**found.wanted, "cursor": cursor_after(found.listing.after)}, "")


def _address(given: Mapping[str, Any], text: str) -> str:
    query = urlencode({**({"q": text} if text else {}), **given}, doseq=True)
    return f"/pilots?{query}" if query else "/pilots"
