"""Classes of ends: tails as GlideinWMS writes them, the batch system's words, and what is not known."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bosco.batch.wrapper import PROLOGUE_FAILED
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.ends import PROLOGUE, End, classified
from hosted_ce.pilots.pilot import Attempt, Outcome
from hosted_ce.pilots.states import Goal

ENDING = "=== Glidein ending Thu Feb  5 10:20:00 UTC 2026 (1770286800) with code {code} after {seconds} ===\n"
WORKED = """=== Last script starting Thu Feb  5 10:00:08 UTC 2026 (1770285608) after validating for 8 ===
=== Condor starting Thu Feb  5 10:00:10 UTC 2026 (1770285610) ===
=== Condor ended Thu Feb  5 10:04:42 UTC 2026 (1770285882) after 272 ===
=== Stats of main ===
Total jobs 1 utilization 61
=== End Stats of main ===
Total number of activations/claims: {claims}
"""
FAILED = """Executing {script}
=== Validation error in {script} ===
WARN Thu Feb  5 10:00:09 UTC 2026 Error running '{script}'
{detail}
"""


def attempt(**known: object) -> Attempt:
    facts = {"outcome": Outcome.EXITED, "exit_code": 0, "started_at": 1000.0, "ended_at": 1100.0} | known
    return Attempt(1, 1, 1, "h1", "osg", "main", {}, 0.0, **facts)  # type: ignore[arg-type]


def failed(script: str, detail: str = "") -> str:
    return FAILED.format(script=script, detail=detail)


@pytest.mark.parametrize(
    ("stdout", "stderr", "known", "what"),
    [
        (WORKED.format(claims=1) + ENDING.format(code=0, seconds=282), "", {}, EndClass.NORMAL),
        (WORKED.format(claims=0) + ENDING.format(code=0, seconds=1700), "", {}, EndClass.NEVER_CLAIMED),
        (WORKED.format(claims=0), "02/05/26 10:00:20 ERROR: SECMAN:2003:TCP connection to collector "
         "cm-1.ospool.osg-htc.org:9618 failed.", {}, EndClass.NO_COLLECTOR),
        (ENDING.format(code=1, seconds=1199), failed("/tmp/glide_x/client/disk.sh", "<detail>no</detail>"),
         {"exit_code": 1}, EndClass.VALIDATION_FAILED),
        ("", failed("/tmp/glide_x/client/cvmfs_setup.sh"), {"exit_code": 1}, EndClass.NO_CVMFS),
        ("", failed("/tmp/glide_x/client/node_check.sh", "/cvmfs/oasis.opensciencegrid.org is not available"),
         {"exit_code": 1}, EndClass.NO_CVMFS),
        ("", failed("/tmp/glide_x/x.sh", "\n" * 20 + "cvmfs is not there"), {"exit_code": 1},
         EndClass.VALIDATION_FAILED),
        ("", failed("/tmp/glide_x/x.sh", "PATH=/cvmfs/oasis/bin"), {"exit_code": 1},
         EndClass.VALIDATION_FAILED),
        ("", "", {"exit_code": 1, "ended_at": 2203.0}, EndClass.VALIDATION_FAILED),
        ("", "", {"exit_code": 1}, EndClass.UNKNOWN),
        ("", "", {"exit_code": 1, "ended_at": None}, EndClass.UNKNOWN),
        ("", "", {"exit_code": 7}, EndClass.UNKNOWN),
        ("", "", {"exit_code": None}, EndClass.UNKNOWN),
        ("", "", {"exit_code": None, "exit_signal": 9}, EndClass.UNKNOWN),
        ("hello\n", "", {}, EndClass.NORMAL),
        # a script that is run now and then may fail when the pilot has done its work
        (WORKED.format(claims=4) + ENDING.format(code=0, seconds=900), failed("/tmp/x/check.sh"), {},
         EndClass.NORMAL),
        # it worked: exit code 1 at the time of a failed validation is a coincidence
        (WORKED.format(claims=4) + ENDING.format(code=1, seconds=1199), "",
         {"exit_code": 1, "ended_at": 2203.0}, EndClass.UNKNOWN),
        ("=== Condor starting Thu ===\n", "", {"exit_code": 1, "ended_at": 2203.0}, EndClass.UNKNOWN),
    ],
)  # fmt: skip
def test_what_a_pilot_wrote(stdout: str, stderr: str, known: dict[str, object], what: EndClass) -> None:
    found = classified(attempt(**known), Goal.RUN, stdout.encode(), stderr.encode())
    assert found.what is what
    assert found.evidence


@pytest.mark.parametrize(
    ("outcome", "what"),
    [
        (Outcome.WALLTIME, EndClass.WALLTIME), (Outcome.MEMORY, EndClass.MEMORY),
        (Outcome.PREEMPTED, EndClass.PREEMPTED), (Outcome.NODE_FAILURE, EndClass.NODE_FAILURE),
        (Outcome.NOT_STARTED, EndClass.NOT_STARTED), (Outcome.VANISHED, EndClass.VANISHED),
        (Outcome.CANCELLED, EndClass.REMOVED_AT_SITE), (None, EndClass.UNKNOWN),
    ],
)  # fmt: skip
def test_what_the_batch_system_says_goes_before_what_the_pilot_wrote(
    outcome: Outcome | None, what: EndClass
) -> None:
    tried = attempt(outcome=outcome, site_state="NODE_FAIL", site_reason="n001")
    found = classified(tried, Goal.RUN, WORKED.format(claims=1).encode(), b"")
    assert found.what is what
    assert found.evidence == ("no outcome is on record" if outcome is None else "NODE_FAIL: n001")


@pytest.mark.parametrize("outcome", [Outcome.CANCELLED, Outcome.EXITED])
def test_what_was_asked_for_here_is_no_doing_of_the_site(outcome: Outcome) -> None:
    asked = attempt(outcome=outcome, cancel_asked_at=1050.0)
    assert classified(asked, Goal.REMOVE, b"", b"").what is EndClass.REMOVED_BY_FACTORY
    assert classified(asked, Goal.HOLD, b"", b"").what is EndClass.REMOVED_BY_FACTORY
    unasked = attempt(outcome=Outcome.CANCELLED)
    assert classified(unasked, Goal.REMOVE, b"", b"").what is EndClass.REMOVED_AT_SITE


def test_only_the_end_of_an_output_is_looked_at_and_any_bytes_are_taken() -> None:
    noise = random.Random(1).randbytes(200_000)
    assert classified(attempt(), Goal.RUN, noise + b"\n" + WORKED.format(claims=2).encode(), noise).what is (
        EndClass.NORMAL
    )


@given(
    st.none() | st.sampled_from(Outcome), st.sampled_from(Goal),
    st.tuples(st.binary(max_size=300), st.binary(max_size=300)),
    st.none() | st.integers(0, 255), st.none() | st.floats(0, 1e6),
)  # fmt: skip
def test_every_end_has_a_class_and_its_evidence(
    outcome: Outcome | None, goal: Goal, outputs: tuple[bytes, bytes], code: int | None, ended: float | None
) -> None:
    tried = attempt(outcome=outcome, exit_code=code, ended_at=ended)
    found = classified(tried, goal, *outputs)
    assert found.what in EndClass
    assert found.evidence


def test_a_prologue_that_failed_is_told_from_other_jobs_that_could_not_begin() -> None:
    word = "prologue: exit code 127 before the pilot began; what it printed is in stderr"
    tried = attempt(outcome=Outcome.NOT_STARTED, site_state="FAILED", site_reason=word)
    assert classified(tried, Goal.RUN, b"", b"") == End(EndClass.PROLOGUE_FAILED, word)
    other = attempt(outcome=Outcome.NOT_STARTED, site_state="FAILED", site_reason="no prologue: at all")
    assert classified(other, Goal.RUN, b"", b"").what is EndClass.NOT_STARTED
    ended = attempt(outcome=Outcome.EXITED, site_reason=word, exit_code=0)
    assert classified(ended, Goal.RUN, b"", b"").what is EndClass.NORMAL
    assert PROLOGUE == PROLOGUE_FAILED
