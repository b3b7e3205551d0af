"""The LSF codec never raises on what it reads, and an answer that is cut is never a whole one."""

from __future__ import annotations

import contextlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from bosco.batch.lsf.codec import Lsf
from bosco.batch.lsf.jobs import FIELDS
from bosco.batch.model import CommandResult, Phase
from bosco.errors import Failed, Interrupted
from tests.fakes.dialogue import told

LSF = Lsf()
unhurried = settings(deadline=None)  # a busy machine is no failure
stamps = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=14, max_size=14).map("h".__add__)
texts = st.text(max_size=30) | st.sampled_from(
    [
        "Mar 13 17:32:05 2026",
        "Mar 99 17:32 2026",
        "-",
        "60.0/hostA",
        "2 Gbytes",
        "4*a:2*b",
        "9" * 30,
        "TERM_RUNLIMIT: x",
    ]
)
states = st.sampled_from(
    ["PEND", "PSUSP", "RUN", "USUSP", "SSUSP", "DONE", "EXIT", "UNKWN", "ZOMBI", "NEW", ""]
)
values = texts | st.none() | st.integers() | st.lists(st.integers(), max_size=2)
records = st.dictionaries(st.sampled_from([name.upper() for name in FIELDS]), values, max_size=8)
jobs = st.lists(
    st.tuples(records, stamps, states).map(
        lambda job: {**job[0], "JOBID": "1", "JOB_NAME": job[1], "STAT": job[2]}
    ),
    max_size=4,
)


@unhurried
@given(st.binary(max_size=300), st.binary(max_size=100), st.sampled_from([0, 255, -9]), st.booleans())
def test_any_answer_is_a_listing(stdout: bytes, stderr: bytes, code: int, whole: bool) -> None:
    result = CommandResult(code, stdout, stderr, whole)
    for dialogue in (LSF.listing("me"), LSF.accounting("me", 0, batch_ids=["1"])):
        listing = told(dialogue, result)
        assert listing.complete or listing.problem


@unhurried
@given(st.binary(max_size=80), st.binary(max_size=80), st.integers(-15, 255), st.booleans())
def test_any_answer_of_bsub_is_an_id_a_no_or_a_doubt(out: bytes, err: bytes, code: int, whole: bool) -> None:
    with contextlib.suppress(Failed, Interrupted):
        assert LSF.submitted(CommandResult(code, out, err, whole)).encode() in out


@unhurried
@given(jobs)
def test_each_record_of_ours_is_one_observation(found: list[dict[str, object]]) -> None:
    answer = json.dumps({"COMMAND": "bjobs", "JOBS": len(found), "RECORDS": found})
    listing = told(LSF.listing("me"), CommandResult(0, answer.encode()))
    assert listing.complete, listing.problem
    assert [(job.stamp, job.site_state) for job in listing.observations] == [
        (job["JOB_NAME"], job["STAT"]) for job in found
    ]
    for job in listing.observations:
        assert (job.cause is None) is (job.phase is not Phase.ENDED)


@unhurried
@given(jobs, st.integers(0, 500))
def test_an_answer_that_was_cut_is_not_complete(found: list[dict[str, object]], less: int) -> None:
    answer = json.dumps({"COMMAND": "bjobs", "JOBS": len(found), "RECORDS": found}).encode()
    assert not told(LSF.listing("me"), CommandResult(0, answer[: max(0, len(answer) - 1 - less)])).complete


@unhurried
@given(st.text(max_size=200), stamps)
def test_any_history_of_a_job_of_ours_is_an_observation(text: str, stamp: str) -> None:
    head = f"Job <1>, Job Name <{stamp}>, User <me>\n"
    listing = told(LSF.accounting("me", 0, batch_ids=["1"]), CommandResult(0, (head + text).encode()))
    assert listing.complete
    assert stamp in {job.stamp for job in listing.observations}
