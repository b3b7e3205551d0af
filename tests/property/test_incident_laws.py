"""Laws of incidents: none for a blip, told in time, over when all is well, one at a time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.incidents.cause import ABOUT, Cause
from hosted_ce.incidents.detector import Place, places
from hosted_ce.incidents.incident import Incident
from hosted_ce.incidents.signs import Sign

AFTER_S = 120.0
CAUSES = [Cause.LOGIN_UNREACHABLE, Cause.KEY_REFUSED, Cause.BATCH_DOWN]
LONGEST = max(ABOUT[cause].patience for cause in CAUSES) * AFTER_S
Look = tuple[float, Cause | str | None]
UNKNOWN = "unknown"
looks = st.lists(
    st.tuples(
        st.floats(1, 60), st.sampled_from([*CAUSES, None, UNKNOWN]) | st.sampled_from([CAUSES[0], None])
    ),
    max_size=60,
)  # fmt: skip


@dataclass
class Watched:
    """One place, and what was written down of it."""

    place: Place = field(default_factory=lambda: Place(AFTER_S))
    now: float = 0.0
    written: dict[float, Incident] = field(default_factory=dict)
    """By when they began."""
    seen: list[tuple[float, Cause | str | None]] = field(default_factory=list)

    def look(self, seconds: float, what: Cause | str | None) -> None:
        self.now += seconds
        self.seen.append((self.now, what))
        sign = None if what == UNKNOWN else Sign("main", Cause(what) if what else None, "said")
        for incident in self.place.see(sign, self.now):
            before = self.written.get(incident.began_at)
            assert before is None or (before.ended_at is None and incident.ended_at is not None)
            self.written[incident.began_at] = incident

    @property
    def open(self) -> list[Incident]:
        return [one for one in self.written.values() if one.ended_at is None]

    def unbroken(self, begin: float, end: float) -> set[Cause | str | None]:
        return {what for at, what in self.seen if begin <= at <= end}


def watched(every: list[Look]) -> Watched:
    found = Watched()
    for look in every:
        found.look(*look)
    return found


@given(looks)
def test_an_incident_begins_only_after_the_same_sign_without_a_gap(every: list[Look]) -> None:
    for one in watched(every).written.values():
        assert one.told_at - one.began_at >= AFTER_S * ABOUT[one.cause].patience
        assert watched(every).unbroken(one.began_at, one.told_at) == {one.cause}


@given(looks, st.sampled_from(CAUSES), st.floats(1, 60))
def test_what_lasts_is_told_in_time_whatever_was_before(every: list[Look], cause: Cause, step: float) -> None:
    found = watched(every)
    began = found.now
    while found.now - began <= LONGEST + 2 * step:
        found.look(step, cause)
    [one] = found.open
    assert one.cause is cause


@given(looks, st.floats(1, 60))
def test_it_is_over_when_all_was_well_for_long_enough_and_not_before(every: list[Look], step: float) -> None:
    found = watched(every)
    began, before = found.now, found.open
    while found.now - began <= AFTER_S + 2 * step:
        found.look(step, None)
    assert not found.open
    assert found.place.open is None
    for one in before:
        ended = found.written[one.began_at].ended_at
        assert ended is not None
        assert found.unbroken(ended, ended + AFTER_S) <= {None}


@given(looks)
def test_there_is_one_at_a_time_and_none_ends_before_it_began(every: list[Look]) -> None:
    found = watched(every)
    ordered = sorted(found.written.values(), key=lambda one: one.began_at)
    assert len(found.open) <= 1
    assert (found.place.open is not None) == bool(found.open)
    for one, following in pairwise(ordered):
        assert one.ended_at is not None
        assert one.began_at <= one.ended_at <= following.began_at


@given(st.lists(st.tuples(st.floats(1, 20), st.sampled_from(CAUSES)), max_size=30))
def test_a_site_that_comes_and_goes_faster_than_that_has_no_incident(every: list[Look]) -> None:
    found = Watched()
    for seconds, what in every:
        found.look(seconds, what)
        found.look(seconds, None)
    assert not found.written


@given(looks, looks)
def test_a_restart_forgets_suspicions_and_no_incident(every: list[Look], after: list[Look]) -> None:
    found = watched(every)
    before = found.open
    stored = [replace(one, id=number) for number, one in enumerate(before, 1)]
    restarted = Watched(places(AFTER_S, stored).get("main", Place(AFTER_S)), found.now)
    restarted.written = {one.began_at: one for one in stored}
    assert restarted.place.open == (stored[0] if stored else None)
    for look in after:
        restarted.look(*look)
    for one in stored:
        last = restarted.written[one.began_at]
        assert (last.cause, last.id) == (one.cause, one.id)
        if last.ended_at is None:
            assert restarted.place.open == last
