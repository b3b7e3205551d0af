"""Site files, their differences and what follows from them, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from hosted_ce.api.ports.site_files import Comparison, Reloaded, ReloadOutcome
from hosted_ce.routing.prospects import Fate, Prospect, Shift
from hosted_ce.site.change_words import as_record
from hosted_ce.site.changes import Difference, What


class DifferenceOut(BaseModel):
    """One difference between two site files."""

    path: str = Field(
        description="Where; routes and clusters stand under their names.",
        examples=["routes.gpu.limits.pilots"],
    )
    what: What
    words: str = Field(description="In words.", examples=["route gpu: limits.pilots was 100, becomes 200"])
    old: Any = Field(description="As the file spells it; null where there is nothing.")
    new: Any


class ReloadOut(BaseModel):
    """The site file was read, and is in force."""

    outcome: ReloadOutcome = Field(description="loaded, or unchanged when it says what was in force already.")
    sha256: str = Field(description="Of the text that is in force now.")
    changes: list[DifferenceOut]
    to_do: list[str] = Field(description="What is left for the operator to do.")


class CompareIn(BaseModel):
    """Two site files to compare, as YAML text."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"example": {"old": None, "new": "site: Example-University\n..."}},
    )

    old: str | None = Field(default=None, description="The earlier one; null: the one that is in force.")
    new: str = Field(description="The later one.")


class ProspectOut(BaseModel):
    """What becomes of a waiting pilot the next time that it is looked at."""

    fate: Fate = Field(
        description="begins: it gets an attempt on the route; waits: the route takes it when it has room; "
        "no_route: none takes it."
    )
    route: str | None


class ShiftOut(BaseModel):
    """Waiting pilots with the same prospects by both files."""

    before: ProspectOut
    after: ProspectOut
    pilots: int
    examples: list[int] = Field(description="The first of them.")


class CompareOut(BaseModel):
    """What differs, and what would change for the pilots that wait."""

    same: bool
    changes: list[DifferenceOut]
    waiting: int = Field(description="Pilots that wait here for a route, or for room in one.")
    shifts: list[ShiftOut] = Field(description="What changes for most of them comes first.")
    obstacles: list[str] = Field(description="Why the later file would be refused now; empty: it would not.")
    to_do: list[str] = Field(description="What would be left for the operator to do.")


def reload_out(reloaded: Reloaded) -> ReloadOut:
    """The reload as JSON."""
    return ReloadOut(
        outcome=reloaded.outcome,
        sha256=reloaded.sha256,
        changes=_changes(reloaded.differences),
        to_do=list(reloaded.chores),
    )


def compare_out(found: Comparison) -> CompareOut:
    """The comparison as JSON."""
    return CompareOut(
        same=not found.differences,
        changes=_changes(found.differences),
        waiting=found.looked_at,
        shifts=[_shift_out(shift) for shift in found.shifts],
        obstacles=list(found.obstacles),
        to_do=list(found.chores),
    )


def _changes(differences: tuple[Difference, ...]) -> list[DifferenceOut]:
    return [DifferenceOut.model_validate(as_record(each)) for each in differences]


def _shift_out(shift: Shift) -> ShiftOut:
    return ShiftOut(
        before=_prospect_out(shift.before),
        after=_prospect_out(shift.after),
        pilots=shift.pilots,
        examples=list(shift.examples),
    )


def _prospect_out(prospect: Prospect) -> ProspectOut:
    return ProspectOut.model_validate(asdict(prospect))
