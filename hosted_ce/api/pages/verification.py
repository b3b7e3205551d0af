"""The page of what was asked, granted and used: a table with bars for each route, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from hosted_ce.api.callers.access import StatusAccess
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.pages.templates import page
from hosted_ce.api.verifying import Wanted, reported
from hosted_ce.verification.catalogue import KINDS
from hosted_ce.verification.markdown import ONLY_PILOTS
from hosted_ce.verification.report import Row
from hosted_ce.verification.words import TITLES, amount

SINCE = {"24h": "24 hours", "7d": "7 days", "30d": "30 days"}
BAR = 240
"""Units of the longest bar of a row."""
PERCENT = 100
router = APIRouter(include_in_schema=False, dependencies=[StatusAccess])


@dataclass(frozen=True, slots=True)
class Bar:
    """One of a row's bars: what it is, and how long, in units."""

    kind: str
    length: float


def bars(row: Row) -> list[Bar]:
    """Asked and granted, means, and what the median run used; what is not known has no bar."""
    return list(_bars(row))


def _bars(row: Row) -> Iterator[Bar]:
    asked, granted = row.mean_asked, row.mean_granted
    base = asked if granted is None else granted
    used = None if row.used is None or base is None else base * row.used.median / PERCENT
    amounts = [("asked", asked), ("granted", granted), ("used", used)]
    longest = max((value for _, value in amounts if value), default=0.0)
    for kind, value in amounts:
        if value is not None and longest:
            yield Bar(kind, round(value / longest * BAR, 2))


@router.get("/verification")
async def verification(services: ServicesDep, wanted: Annotated[Wanted, Query()]) -> HTMLResponse:
    """Asked, granted and used by route, over the time that a link chose."""
    reports = await reported(services.verifier, wanted)
    return page(
        "verification.html",
        version=services.version, site=services.site(), wanted=wanted, since=SINCE, kinds=KINDS,
        routes=[(one, [(row, bars(row)) for row in one.rows]) for one in reports], bar=BAR, titles=TITLES,
        amount=amount, only_pilots=ONLY_PILOTS,
    )  # fmt: skip
