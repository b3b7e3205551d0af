"""Limits: how many pilots may be at the site, whose, and when."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, model_validator

from hosted_ce.site.errors import BadValue
from hosted_ce.site.fields import Clock, Day, SiteModel, TimeZone, VoName

_MOST = 1_000_000


class Caps(SiteModel):
    """The most pilots at the same time. A key that is left out limits nothing."""

    pilots: int | None = Field(
        default=None, ge=0, le=_MOST, description="Most pilots, waiting and running together; 0: none."
    )
    idle: int | None = Field(
        default=None, ge=1, le=_MOST, description="Most pilots that wait in the site's queue, at least 1."
    )
    running: int | None = Field(
        default=None,
        ge=0,
        le=_MOST,
        description="Most pilots that run. Those that wait in the site's queue count, too, since the site "
        "may start them at any moment: so it is never exceeded.",
    )
    cores: int | None = Field(
        default=None,
        ge=0,
        description="Most CPU cores that its pilots ask for, waiting and running together.",
    )


class Window(Caps):
    """Hours of the week in which other limits are in force. Pilots that are at the site already stay."""

    days: tuple[Day, ...] = Field(
        default=("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
        min_length=1,
        strict=False,
        description="Days of the week on which it begins: mon to sun. All, when it is left out.",
        examples=[["mon", "tue", "wed", "thu", "fri"]],
    )
    begin: Clock = Field(description='When it begins, as "HH:MM" in quotes.', examples=["08:00"])
    end: Clock = Field(
        description='When it ends, as "HH:MM" in quotes; the next day when it is not after begin.',
        examples=["18:00"],
    )
    timezone: TimeZone = Field(
        default="UTC", description="Time zone of these, by its IANA name.", examples=["America/Chicago"]
    )

    @model_validator(mode="after")
    def _check(self) -> Window:
        if all(getattr(self, name) is None for name in Caps.model_fields):
            raise BadValue("the window limits nothing", "add pilots:, idle:, running: or cores:")
        return self


class Limits(Caps):
    """How many pilots of a route may be at the site. The CE enforces them exactly."""

    pilots: int | None = Field(
        default=100,
        ge=0,
        le=_MOST,
        description="Most pilots, waiting and running together; 0 admits no new ones.",
    )
    idle: int | None = Field(
        default=10, ge=1, le=_MOST, description="Most pilots that wait in the site's queue, at least 1."
    )
    submits_per_minute: int | None = Field(
        default=None,
        ge=1,
        le=_MOST,
        description="Most pilots that are submitted within any 60 seconds.",
    )
    failures_per_minute: float | None = Field(
        default=None,
        gt=0,
        le=_MOST,
        strict=False,
        description="Above this, over ten minutes, the route is slowed down: the site refuses its pilots, "
        "ends them itself, loses them, or cannot start them.",
        examples=[1.8],
    )
    per_vo: Mapping[VoName, Caps] = Field(
        default_factory=dict,
        description="Further limits for the pilots of one VO on this route, by the VO's name; `*` is for "
        "each VO that is not named. A pilot's VO is that of its X.509 proxy, else the `vo` of its token's "
        "issuer, else its account.",
        examples=[{"OSPool": {"pilots": 50}, "*": {"pilots": 5}}],
    )
    windows: tuple[Window, ...] = Field(
        default=(),
        strict=False,
        description="Other limits at some hours. The first window that is open counts; what it does not say "
        "stays as it is.",
    )
