"""How a route grows: from how many pilots to how many, and what has to be so before each step."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from hosted_ce.site.errors import BadValue, name_value
from hosted_ce.site.fields import RampRest, RampTime, SiteModel, duration_field

_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9])?) ?%\Z")

End = Literal[
    "never_claimed", "validation_failed", "no_cvmfs", "no_collector", "walltime", "memory", "preempted",
    "node_failure", "not_started", "prologue_failed", "vanished", "removed_by_factory", "removed_at_site",
    "unknown",
]  # fmt: skip
"""Ends that may count as failures: all classes but the good one."""
FAULTS: tuple[End, ...] = (
    "validation_failed", "no_cvmfs", "no_collector", "node_failure", "not_started", "prologue_failed",
    "vanished", "removed_at_site", "unknown",
)  # fmt: skip


def _share(least: int, most: int) -> Any:
    """A field's type for shares from `least` to `most` percent."""

    def read(value: object) -> float:
        found = _PERCENT.match(value) if isinstance(value, str) else None
        if found is None or not least <= float(found[1]) <= most:
            raise BadValue(
                f"{name_value(value)} is no share", f"write it as in 10%, from {least}% to {most}%"
            )
        return float(found[1]) / 100

    schema = {"type": "string", "pattern": r"^[0-9]{1,3}(?:\.[0-9])? ?%$", "examples": ["10%"]}
    return Annotated[
        float,
        BeforeValidator(read),
        PlainSerializer(lambda share: f"{share * 100:g}%", return_type=str, when_used="json"),
        WithJsonSchema(schema),
    ]


Most = _share(0, 50)
Enough = _share(1, 100)


def _share_field(default: int, description: str) -> Any:
    return Field(default=default / 100, description=description, json_schema_extra={"default": f"{default}%"})


class Gates(SiteModel):
    """What a level has to show before more pilots are admitted."""

    started: Enough = _share_field(  # type: ignore[valid-type]
        75, "Which part of the pilots that the level let in has to start, and to run for long enough."
    )
    ran_for: RampTime = duration_field(
        "25m",
        "How long a pilot has to run to speak for its site, unless it ends well before, 1s to 1d. A glidein "
        "whose validation fails takes 20 minutes to say so.",
    )
    failures: Most = _share_field(  # type: ignore[valid-type]
        10,
        "Which part of the pilots may fail. One is always forgiven; the ramp goes back when there are more "
        "than chance explains.",
    )
    classes: tuple[End, ...] = Field(
        default=FAULTS,
        strict=False,
        description="Which ends are failures, by their classes. `unknown` counts of pilots that ran for less "
        "than `ran_for`.",
    )
    queue_wait: RampTime = duration_field(
        "1h", "A pilot that waits in the site's queue for longer is late; as many may be as need not start."
    )


class Ramp(SiteModel):
    """How many pilots the route admits while it grows. `true` stands for the defaults."""

    start: int = Field(default=2, ge=1, le=1_000_000, description="How many are admitted at first.")
    target: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="How many are in the end. The route's own limit of pilots when it is left out.",
        examples=[100],
    )
    factor: float = Field(
        default=2.0, ge=1.1, le=10, strict=False, description="By which that grows with each level."
    )
    gates: Gates = Field(default_factory=Gates, description="What has to be so before each step.")
    rest: RampRest = duration_field(
        "30m",
        "How long nothing goes up after it went back, 1s to 1d; doubled by each time that follows, up to 16 "
        "times as long.",
    )


@dataclass(frozen=True, slots=True)
class OrTruth:
    """Annotation of a group of keys that may be left out: `true` is all defaults, `false` is none."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_read, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [{"type": "boolean"}, handler(schema)]}


def _read(value: object) -> object:
    if isinstance(value, bool):
        return {} if value else None
    return value
