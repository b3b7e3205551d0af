"""The page of contributions: what the site gave to pilots, as a table with bars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, Response

from hosted_ce.api.callers.access import StatusAccess
from hosted_ce.api.contributing import Wanted, contributed, csv_response
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.pages.templates import page
from hosted_ce.api.schemas.contributions import ContributionOut
from hosted_ce.store.contributions import By

SINCE = {"0s": "today", "7d": "7 days", "30d": "30 days", "90d": "90 days", "365d": "a year"}
"""Ranges to choose: how long ago the first day is."""
BY = {By.VO: "VO", By.ROUTE: "Route", By.ENTRY: "Entry", By.CLUSTER: "Cluster"}
BAR = 240
"""Units of the longest bar."""
router = APIRouter(include_in_schema=False, dependencies=[StatusAccess])


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a row's bar: what it is, and where it begins and how long it is in the bar's units."""

    kind: str
    hours: float
    begin: float
    length: float


def parts(row: ContributionOut, longest: float) -> list[Part]:
    """A row's bar; as long as the hours that it was granted, compared with the longest one's."""
    return list(_parts(row, longest)) if longest else []


def _parts(row: ContributionOut, longest: float) -> Iterator[Part]:
    lost = row.failed + row.early + row.unclassed + row.running_so_far
    begin = 0.0
    for kind, hours in (
        ("worked", max(0.0, row.granted - lost)), ("going", row.running_so_far), ("early", row.early),
        ("failed", row.failed), ("unclassed", row.unclassed),
    ):  # fmt: skip
        if hours:
            length = hours / longest * BAR
            yield Part(kind, hours, round(begin, 2), round(length, 2))
            begin += length


@router.get("/contributions")
async def contributions(services: ServicesDep, wanted: Annotated[Wanted, Query()]) -> HTMLResponse:
    """Core hours by VO, route, entry or cluster, over the days that a link chose."""
    found = await contributed(services, wanted)
    longest = max((row.granted for row in found.rows), default=0.0)
    return page(
        "contributions.html",
        version=services.version, site=services.site(), found=found, by=BY, since=SINCE, wanted=wanted,
        rows=[(row, parts(row, longest)) for row in found.rows],
        total=parts(found.total, found.total.granted), bar=BAR, to=_address,
    )  # fmt: skip


@router.get("/contributions.csv")
async def contributions_csv(services: ServicesDep, wanted: Annotated[Wanted, Query()]) -> Response:
    """The page's rows as a file for spreadsheets."""
    return csv_response(await contributed(services, wanted))


def _address(wanted: Wanted, path: str = "/contributions", **changes: str) -> str:
    """The address of the same page with other values."""
    given = wanted.model_dump(mode="json", exclude_none=True) | changes
    return f"{path}?{urlencode(given)}"
