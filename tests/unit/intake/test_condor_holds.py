"""Holds: one line that begins with site and step, and edits that never take a hold from the factory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.intake.condor.edits import grouped
from hosted_ce.intake.condor.holds import HOLD_CODE, SubCode, code_of_hold, held, hold_reason, sub_code
from hosted_ce.pilots.holds import HoldCause
from tests.fakes.classads import evaluate
from tests.unit.intake.makers import NOW, job


@given(st.sampled_from(SubCode), st.none() | st.text(max_size=400), st.text(min_size=1, max_size=60))
def test_a_reason_is_one_short_line_that_names_site_and_step(
    code: SubCode, text: str | None, site: str
) -> None:
    line = hold_reason(site, code, text)
    assert line.startswith(f"HostedCE[{site}] ")
    assert len(line) <= 200
    assert text is None or "\n" not in line.removeprefix(f"HostedCE[{site}] ")


def test_a_long_reason_says_that_it_was_cut() -> None:
    line = hold_reason("LAB", SubCode.REFUSED, "sbatch: error: " + "x" * 300)
    assert line.startswith("HostedCE[LAB] submit: sbatch: error: xxx")
    assert (len(line), line[-1]) == (200, "…")


def test_a_hold_without_a_reason_says_so() -> None:
    for text in (None, "", "  \n"):
        assert hold_reason("LAB", SubCode.REQUESTED, text) == "HostedCE[LAB] hold: no reason was given"


def test_numbers_never_change() -> None:
    assert {code.name: code.value for code in SubCode} == {
        "REQUESTED": 1, "NO_ROUTE": 2, "REFUSED": 3, "BAD_REQUEST": 4, "INPUTS": 5, "LOST": 6, "REMOVED": 7,
    }  # fmt: skip
    assert HOLD_CODE == 9619


@pytest.mark.parametrize("cause", [None, *HoldCause])
def test_every_cause_has_its_number(cause: HoldCause | None) -> None:
    assert sub_code(cause).name == (cause or HoldCause.REQUESTED).name


def test_the_code_is_set_last_since_it_is_what_the_schedd_counts() -> None:
    calls = grouped(held(job(NumHolds=2), SubCode.NO_ROUTE, "why", NOW))
    assert [call.attribute for call in calls] == [
        "HoldReason", "HoldReasonSubCode", "EnteredCurrentStatus", "JobStatus", "HoldReasonCode",
    ]  # fmt: skip


@pytest.mark.parametrize("now", [{"JobStatus": 5, "NumHolds": 3}, {"JobStatus": 3}, {"NumHolds": 3}])
def test_nothing_of_a_hold_is_made_when_the_factory_was_faster(now: dict[str, int]) -> None:
    ad = {"ClusterId": 14, "ProcId": 0, "JobStatus": 1, "NumHolds": 2, "HoldReasonCode": 1, **now}
    for call in grouped(held(job(NumHolds=2), SubCode.NO_ROUTE, "why", NOW)):
        assert evaluate(call.constraint, ad) is not True, call


def test_only_a_hold_without_a_code_gets_one() -> None:
    [call] = grouped(code_of_hold(job(JobStatus=5)))
    ad = {"ClusterId": 14, "ProcId": 0, "JobStatus": 5}
    assert evaluate(call.constraint, ad) is True
    assert evaluate(call.constraint, {**ad, "HoldReasonCode": 1}) is False
    assert evaluate(call.constraint, {**ad, "JobStatus": 1}) is False
