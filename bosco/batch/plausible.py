"""What a site says of a job, without what cannot be: a time in the year 33658, an exit code of nine digits.

Jobs write their own records, and batch systems print what jobs and users have set. Whoever shows a time or
stores a number needs one that there can be; what cannot be is as if nobody had said it.
"""

from __future__ import annotations

from dataclasses import replace

from bosco.batch.model import Granted, JobRecord, Listing, Observation, Used

LATEST = 2.0**33
"""Seconds since the epoch: the year 2242."""
MOST = 2**31 - 1
MOST_BYTES = 2**53
LONGEST_NAME = 128
LONGEST_TEXT = 4096


def plausible_listing(listing: Listing) -> Listing:
    """Its jobs as they can be. One whose id is none is not ours to act on: then the list is not complete."""
    jobs = tuple(map(_plausible, listing.observations))
    kept = tuple(job for job in jobs if _name(job.batch_id))
    if len(kept) == len(jobs):
        return replace(listing, observations=jobs)
    return Listing(kept, complete=False, problem=f"{len(jobs) - len(kept)} jobs have an id that cannot be")


def plausible_record(record: JobRecord) -> JobRecord:
    """What the job itself wrote, as it can be."""
    return replace(
        record,
        started_at=_time(record.started_at),
        ended_at=_time(record.ended_at),
        node=_text(record.node),
        batch_id=_name(record.batch_id),
        exit_code=_number(record.exit_code),
        error=_text(record.error),
        sizes={name: size for name, size in record.sizes.items() if 0 <= size < MOST_BYTES},
        user_cpu_s=_time(record.user_cpu_s),
        system_cpu_s=_time(record.system_cpu_s),
        peak_memory_mb=_count(record.peak_memory_mb),
    )


def _plausible(job: Observation) -> Observation:
    return replace(
        job,
        site_state=job.site_state[:LONGEST_TEXT],
        reason=_text(job.reason),
        submitted_at=_time(job.submitted_at),
        started_at=_time(job.started_at),
        ended_at=_time(job.ended_at),
        node=_text(job.node),
        exit_code=_number(job.exit_code),
        exit_signal=_count(job.exit_signal),
        granted=job.granted and _granted(job.granted),
        used=job.used and _used(job.used),
    )


def _granted(granted: Granted) -> Granted:
    return replace(
        granted,
        cpus=_count(granted.cpus),
        memory_mb=_count(granted.memory_mb),
        walltime_s=_count(granted.walltime_s),
        gpus=_count(granted.gpus),
        nodes=_count(granted.nodes),
        queue=_text(granted.queue),
        account=_text(granted.account),
        qos=_text(granted.qos),
    )


def _used(used: Used) -> Used:
    return Used(_time(used.user_cpu_s), _time(used.system_cpu_s), _count(used.peak_memory_mb))


def _time(seconds: float | None) -> float | None:
    return seconds if seconds is not None and 0 <= seconds < LATEST else None


def _number(value: int | None) -> int | None:
    return value if value is not None and -MOST <= value <= MOST else None


def _count(value: int | None) -> int | None:
    return value if value is not None and 0 <= value <= MOST else None


def _text(text: str | None) -> str | None:
    return text[:LONGEST_TEXT] if text else text


def _name(text: str | None) -> str | None:
    """An id that can be told to anybody."""
    return text if text and len(text) <= LONGEST_NAME and text.isprintable() else None
