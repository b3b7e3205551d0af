"""What `build/bench.json` holds; `docs/developers/benchmark.md` explains it. Pure."""

from __future__ import annotations

from statistics import median
from typing import Literal

from pydantic import BaseModel, Field, computed_field

SCHEMA_VERSION = 1


class Series(BaseModel):
    """Figures of one thing in the row's unit, as they were measured."""

    values: list[float] = Field(min_length=1)
    pilots: int | None = Field(default=None, description="How many pilots each figure is of; null: of one.")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def median(self) -> float:
        """The figure to quote."""
        return median(self.values)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def least(self) -> float:
        """The lower end of the spread."""
        return min(self.values)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def most(self) -> float:
        """The upper end of the spread."""
        return max(self.values)


class Target(BaseModel):
    """What is to be reached by the median."""

    kind: Literal["at least", "at most"]
    bound: float
    words: str = Field(description="Where the bound comes from.")

    def is_met(self, figure: float) -> bool:
        """Whether it is."""
        return figure >= self.bound if self.kind == "at least" else figure <= self.bound


class Row(BaseModel):
    """One thing measured on each way."""

    name: str
    title: str
    unit: str
    better: Literal["more", "less"]
    ours: Series | None = None
    incumbent: Series | None = Field(default=None, description="With every clock of it made short.")
    incumbent_default: Series | None = Field(default=None, description="As it is installed.")
    limit: Series | None = Field(default=None, description="What the machine or the protocol allows.")
    target: Target | None = None
    note: str = ""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def met(self) -> bool | None:
        """Whether our median reaches the target; null: nothing to compare."""
        return self.target.is_met(self.ours.median) if self.ours and self.target else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def times_better(self) -> float | None:
        """Our median against that of the incumbent with short clocks; 2.0: twice as good."""
        return _times(self.better, self.ours, self.incumbent)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def times_better_than_default(self) -> float | None:
        """The same against the incumbent as it is installed."""
        return _times(self.better, self.ours, self.incumbent_default)


class Bench(BaseModel):
    """One run."""

    schema_version: Literal[1] = SCHEMA_VERSION
    at: str = Field(description="When it began, RFC 3339.")
    seconds: float
    machine: dict[str, str | int | float]
    versions: dict[str, str]
    load_before: float = Field(description="Load average of the minute before the run.")
    load_after: float
    options: dict[str, str | int | float | bool | list[str] | None]
    rows: list[Row]
    problems: list[str] = Field(description="Phases that failed; their rows lack figures.")


def _times(better: str, ours: Series | None, theirs: Series | None) -> float | None:
    if ours is None or theirs is None:
        return None
    good, bad = (ours.median, theirs.median) if better == "more" else (theirs.median, ours.median)
    return good / bad if bad > 0 else None
