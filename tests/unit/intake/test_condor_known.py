"""What the door remembers of its jobs."""

from __future__ import annotations

from dataclasses import replace

from hosted_ce.intake.condor.edits import Edit, Order
from hosted_ce.intake.condor.job import JobStatus
from hosted_ce.intake.condor.known import Jobs, Known, slim
from tests.unit.intake.makers import KEY, ad, job, pilot, running


def test_jobs_are_found_by_key_and_by_pilot_until_they_are_forgotten() -> None:
    jobs = Jobs()
    known = jobs.put(job(), pilot())
    assert jobs.of_key(KEY) is known is jobs.of_pilot(7)
    assert (list(jobs), len(jobs)) == ([known], 1)
    jobs.forget(known)
    jobs.forget(known)
    assert (jobs.of_key(KEY), jobs.of_pilot(7), len(jobs)) == (None, None, 0)


def test_a_job_that_is_put_again_is_the_same_with_newer_facts() -> None:
    jobs = Jobs()
    known = jobs.put(job(), pilot())
    known.told["ChirpHostedCENode"] = "node-7"
    assert jobs.put(job(JobStatus=5), running()) is known
    assert (known.job.status, known.pilot) == (JobStatus.HELD, running())
    assert known.told == {"ChirpHostedCENode": "node-7"}


def test_what_an_ad_says_was_told_it() -> None:
    known = Jobs().put(job(), pilot(), ad(ChirpHostedCENode="n", HostedCEStatus=2, ChirpOther=1))
    assert known.told == {"ChirpHostedCENode": "n", "HostedCEStatus": 2}


def test_only_news_is_told() -> None:
    known = Known(job(), pilot(), {"ChirpHostedCENode": "n"})
    same = Edit("14.0", "ChirpHostedCENode", "n")
    never = Edit("14.0", "ChirpHostedCEBatchId", "")
    other = replace(same, value="m")
    empty = replace(same, value="")
    status = Edit("14.0", "JobStatus", 2)
    assert list(known.news([same, never, other, empty, status])) == [other, empty, status]


def test_what_was_told_is_remembered() -> None:
    known = Known(job(HoldReason="x"), pilot())
    known.was_told(
        [
            Edit("14.0", "ChirpHostedCENode", "n"),
            Edit("14.0", "ExitCode", 7),
            Edit("14.0", "JobStatus", 5, Order.STATUS),
            Edit("14.0", "HoldReasonCode", 9619, Order.HOLD_CODE),
            Edit("14.0", "HostedCEStatus", 5, Order.DEALT_WITH),
            Edit("14.0", "HostedCEHolds", 2, Order.DEALT_WITH),
            Edit("14.0", "Managed", "ScheddDone", Order.GIVEN_BACK),
        ]
    )
    assert known.told == {"ChirpHostedCENode": "n", "HostedCEStatus": 5, "HostedCEHolds": 2}
    assert (known.job.status, known.job.managed, known.job.hold_code) == (JobStatus.HELD, "ScheddDone", 9619)
    assert known.job.dealt_with == (5, 2)


def test_the_request_is_not_kept() -> None:
    assert slim(pilot(spec={"executable": "x"})) == pilot()
