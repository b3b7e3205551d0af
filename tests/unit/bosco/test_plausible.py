"""What a job or a site says that cannot be is as if it had not been said; all else is as it was."""

from __future__ import annotations

from dataclasses import replace

from bosco.batch.model import Granted, JobRecord, Listing, Observation, Phase, Used
from bosco.batch.plausible import LONGEST_TEXT, plausible_listing, plausible_record
from bosco.batch.wrapper import job_record

JOB = Observation(
    "h" * 15, "17", Phase.ENDED, "COMPLETED", submitted_at=1.7e9, started_at=1.7e9, ended_at=1.7e9, node="n1",
    exit_code=0, granted=Granted(8, 16000, 3600, 1, 1, "q", "a", "s"), used=Used(1.0, 2.0, 300),
)  # fmt: skip


def only(job: Observation) -> Observation:
    [found] = plausible_listing(Listing((job,), complete=True)).observations
    return found


def test_what_can_be_stays() -> None:
    assert plausible_listing(Listing((JOB,), complete=True)) == Listing((JOB,), complete=True)
    record = job_record(
        "time=1700000000\nhost=n1\njob=17\n", "time=1700000009\ncode=3\nstdout=4\nmemory=2097152\n"
    )
    assert plausible_record(record) == record


def test_times_beyond_any_calendar_are_not_known() -> None:
    found = only(replace(JOB, submitted_at=-1.0, started_at=1e15, ended_at=float("nan")))
    assert (found.submitted_at, found.started_at, found.ended_at) == (None, None, None)
    record = plausible_record(job_record("time=999999999999999\n", "time=-5\ncode=0\n"))
    assert (record.started_at, record.ended_at) == (None, None)


def test_numbers_that_no_database_takes_are_not_known() -> None:
    found = only(replace(JOB, exit_code=10**14, granted=Granted(cpus=2**31), used=Used(peak_memory_mb=2**40)))
    assert (found.exit_code, found.granted, found.used) == (None, Granted(), Used())
    record = plausible_record(JobRecord(exit_code=999_999_999_999_999, sizes={"stdout": 2**60, "stderr": 1}))
    assert (record.exit_code, record.sizes) == (None, {"stderr": 1})


def test_a_text_without_end_is_cut() -> None:
    found = only(replace(JOB, reason="x" * 10**6, site_state="y" * 10**6))
    assert found.reason == "x" * LONGEST_TEXT
    assert len(found.site_state) == LONGEST_TEXT


def test_a_job_whose_id_cannot_be_proves_that_the_listing_is_not_what_it_seems() -> None:
    found = plausible_listing(Listing((JOB, replace(JOB, batch_id="9" * 200)), complete=True))
    assert found.observations == (JOB,)
    assert not found.complete
    assert found.problem == "1 jobs have an id that cannot be"
    assert plausible_record(JobRecord(batch_id="1\x1b[2J")).batch_id is None
