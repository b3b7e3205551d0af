"""One fault, one failure: what needs a failed check is skipped and names it."""

from __future__ import annotations

import pytest

from hosted_ce.checks.dependencies import BECAUSE, because, settled
from hosted_ce.checks.result import Result
from hosted_ce.checks.verdict import Verdict, worst

PASS, WARN, FAIL, SKIPPED = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.SKIPPED


def _verdicts(results: tuple[Result, ...]) -> dict[tuple[str, str | None], Verdict]:
    return {(result.check, result.where): result.verdict for result in results}


def test_what_needs_a_failed_check_is_skipped_and_names_the_first_one() -> None:
    refused = Result("SSH-2", FAIL, "connection refused")
    done = settled([refused], asked=["SSH-2", "SSH-3", "SSH-7", "AC-6", "BS-4"])
    assert done[0] == refused
    assert [result.data[BECAUSE] for result in done[1:]] == ["SSH-2"] * 4
    assert all("SSH-2 (login-reachable)" in result.seen for result in done[1:])


def test_a_judgement_that_needs_a_failed_check_does_not_count() -> None:
    done = settled([Result("BS-7", FAIL, "above", "osg"), Result("BS-4", FAIL, "refused", "osg")])
    assert _verdicts(done) == {("BS-7", "osg"): FAIL, ("BS-4", "osg"): SKIPPED}


def test_a_failure_at_one_place_leaves_the_others() -> None:
    done = settled([
        Result("BS-2", FAIL, "no such queue", "a"), Result("BS-2", PASS, "there", "b"),
        Result("BS-4", PASS, "taken", "a"), Result("BS-4", PASS, "taken", "b"),
    ])  # fmt: skip
    assert _verdicts(done)["BS-4", "a"] is SKIPPED
    assert _verdicts(done)["BS-4", "b"] is PASS


@pytest.mark.parametrize(("second", "verdict"), [(PASS, PASS), (FAIL, SKIPPED)])
def test_one_login_node_that_works_is_enough(second: Verdict, verdict: Verdict) -> None:
    done = settled([
        Result("SSH-10", FAIL, "no shell", "login1:22"), Result("SSH-10", second, "", "login2:22"),
        Result("OS-3", PASS, "3.11"),
    ])  # fmt: skip
    assert _verdicts(done)["OS-3", None] is verdict


def test_a_warning_and_something_that_cannot_be_told_keep_nothing_back() -> None:
    done = settled([
        Result("CL-1", WARN, "slowly"), Result("BS-1", SKIPPED, "it does not tell"),
        Result("BS-9", PASS, "none"),
    ])  # fmt: skip
    assert _verdicts(done)["BS-9", None] is PASS


def test_a_judge_may_name_the_guilty_one_itself_and_others_follow() -> None:
    done = settled([Result("AC-4", FAIL, "full"), because("AC-6", "AC-4")], asked=["OS-4"])
    assert [(result.check, result.data.get(BECAUSE)) for result in done] == [
        ("AC-6", "AC-4"), ("OS-4", "AC-4"), ("AC-4", None)
    ]  # fmt: skip


def test_what_was_asked_and_nobody_judged_is_skipped_without_blame() -> None:
    (done,) = settled([], asked=["SSH-6"])
    assert done.verdict is SKIPPED
    assert BECAUSE not in done.data


def test_the_worst_verdict() -> None:
    assert worst([PASS, FAIL, WARN]) is FAIL
    assert worst([SKIPPED, PASS]) is PASS
    assert worst([]) is worst([SKIPPED]) is SKIPPED
