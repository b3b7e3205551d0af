"""Calendar windows, and which caps are in force."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from hosted_ce.routing.limits import Admission, Caps, Limits, Usage, Window, ramped
from hosted_ce.routing.occupancy import vo_of

CHICAGO = ZoneInfo("America/Chicago")
WORKDAYS = frozenset(range(5))
HOURS = Window(WORKDAYS, time(8), time(18), CHICAGO, Caps(pilots=20))
NIGHTS = Window(WORKDAYS, time(18), time(8), CHICAGO, Caps(pilots=200, idle=50))


def at(text: str, zone: ZoneInfo = CHICAGO) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("when", "hours", "nights"),
    [
        ("2026-11-23T07:59:59", False, False),  # Monday: the night before began on a Sunday
        ("2026-11-23T08:00:00", True, False),
        ("2026-11-23T17:59:59", True, False),
        ("2026-11-23T18:00:00", False, True),
        ("2026-11-24T03:00:00", False, True),
        ("2026-11-28T03:00:00", False, True),  # Friday's night
        ("2026-11-28T08:00:00", False, False),
        ("2026-11-28T12:00:00", False, False),
        ("2026-11-29T23:00:00", False, False),
    ],
)
def test_windows_open_by_the_clock_of_their_zone(when: str, hours: bool, nights: bool) -> None:
    assert (HOURS.is_open(at(when)), NIGHTS.is_open(at(when))) == (hours, nights)


def test_the_zones_own_summer_time_counts() -> None:
    winter, summer = datetime(2026, 1, 5, 14, 30, tzinfo=UTC), datetime(2026, 7, 6, 13, 30, tzinfo=UTC)
    assert HOURS.is_open(winter.timestamp())
    assert HOURS.is_open(summer.timestamp())
    assert not HOURS.is_open(datetime(2026, 1, 5, 13, 30, tzinfo=UTC).timestamp())


def test_a_window_from_a_time_to_the_same_is_a_whole_day() -> None:
    window = Window(frozenset({0}), time(6), time(6), CHICAGO, Caps(pilots=0))
    assert window.is_open(at("2026-11-23T06:00:00"))
    assert window.is_open(at("2026-11-24T05:59:59"))
    assert not window.is_open(at("2026-11-24T06:00:00"))


def test_the_first_open_window_counts_and_what_it_does_not_say_stays() -> None:
    limits = Limits(Caps(pilots=100, idle=10, cores=800), windows=(HOURS, NIGHTS))
    assert limits.at(at("2026-11-23T12:00:00")) == Caps(pilots=20, idle=10, cores=800)
    assert limits.at(at("2026-11-23T20:00:00")) == Caps(pilots=200, idle=50, cores=800)
    assert limits.at(at("2026-11-28T12:00:00")) == limits.caps
    both = Limits(Caps(), windows=(HOURS, Window(WORKDAYS, time(0), time(0), CHICAGO, Caps(pilots=1))))
    assert both.at(at("2026-11-23T12:00:00")) == Caps(pilots=20)


@pytest.mark.parametrize(
    ("attributes", "account", "vo"),
    [
        ({"x509UserProxyVOName": "cms", "AuthTokenIssuer": "https://osp"}, "a", "cms"),
        ({"AuthTokenIssuer": "https://osp"}, "a", "OSPool"),
        ({"AuthTokenIssuer": "https://other"}, "a", "a"),
        ({"AuthTokenIssuer": 7, "x509UserProxyVOName": ""}, "a", "a"),
        ({}, None, "unknown"),
    ],
)
def test_the_vo_of_a_pilot(attributes: dict[str, object], account: str | None, vo: str) -> None:
    assert vo_of(attributes, {"https://osp": "OSPool"}, account) == vo


def test_why_a_ramp_has_no_room_stays_the_same_while_what_is_above_it_ends() -> None:
    said = {ramped(Admission(8, 100), Usage(pilots=there + 2, tests=2)) for there in range(8, 101)}
    assert said == {"the ramp admits 8 of 100 pilots now"}
    assert ramped(Admission(8, 100), Usage(pilots=9, tests=2)) is None
