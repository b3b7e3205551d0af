"""Laws of the rule that skips checks, for all results."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.checks.catalogue import CATALOGUE
from hosted_ce.checks.dependencies import BECAUSE, settled
from hosted_ce.checks.result import Result
from hosted_ce.checks.verdict import Verdict

RESULTS = st.lists(
    st.builds(
        Result, st.sampled_from(sorted(CATALOGUE)), st.sampled_from(Verdict), st.just("seen"),
        st.sampled_from([None, "a", "b"]),
    ),
    unique_by=lambda result: (result.check, result.where),
)  # fmt: skip
ASKED = st.sets(st.sampled_from(sorted(CATALOGUE)))


@given(RESULTS, ASKED)
def test_nothing_is_lost_and_what_is_asked_is_answered(results: list[Result], asked: set[str]) -> None:
    done = settled(results, asked)
    places = [(result.check, result.where) for result in done]
    assert len(places) == len(set(places))
    assert {(result.check, result.where) for result in results} <= set(places)
    assert asked <= {result.check for result in done}


@given(RESULTS, ASKED)
def test_who_is_blamed_has_failed_in_the_same_report(results: list[Result], asked: set[str]) -> None:
    done = settled(results, asked)
    failed = {result.check for result in done if result.verdict is Verdict.FAIL}
    assert {result.data[BECAUSE] for result in done if BECAUSE in result.data} <= failed


@given(RESULTS, ASKED)
def test_no_verdict_changes_but_to_skipped(results: list[Result], asked: set[str]) -> None:
    before = {(result.check, result.where): result.verdict for result in results}
    for result in settled(results, asked):
        assert result.verdict in (Verdict.SKIPPED, before.get((result.check, result.where)))


@given(RESULTS, ASKED)
def test_settling_twice_changes_nothing(results: list[Result], asked: set[str]) -> None:
    once = settled(results, asked)
    assert settled(once, asked) == once


@given(RESULTS)
def test_without_a_failure_nothing_is_skipped(results: list[Result]) -> None:
    well = [result for result in results if result.verdict is not Verdict.FAIL]
    assert sorted(settled(well), key=str) == sorted(well, key=str)
