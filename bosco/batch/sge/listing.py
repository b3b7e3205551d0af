"""qstat's XML: which of our jobs wait or run, and why they do not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

from bosco.batch.answers import failed
from bosco.batch.model import CommandResult, Granted, Listing, Observation, Phase
from bosco.batch.stamps import STAMP

_STATE = re.compile(r"[dERhqwtrsSTNP]+\Z")
_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)")
_WAITING = {Phase.PENDING, Phase.HELD}


def listed(result: CommandResult) -> Listing:
    """What `qstat -u USER -r -xml` says of our jobs."""
    root = _parsed(result)
    if root is None or root.tag != "job_info":
        return failed("qstat", result)
    jobs = [job for job in root.iter("job_list") if STAMP.match(_text(job, "JB_name"))]
    read = [observation for job in jobs if (observation := _job(job))]
    bad = len(jobs) - len(read)
    problem = f"qstat: {bad} of {len(jobs)} jobs cannot be read" if bad else None
    return Listing(tuple(read), complete=not bad, problem=problem)


def reasons(result: CommandResult) -> Mapping[str, str]:
    """What the scheduler says of each job, by batch id, in the answer to `qstat -j IDS -xml`.

    It is for people, so an answer that cannot be read is no trouble. The daemon's word for a job in an
    error counts more than the scheduler's.
    """
    root = _parsed(result)
    found: dict[str, str] = {}
    for element in root.iter("element") if root is not None else ():
        if message := _text(element, "MES_message"):
            for number in element.iter("ULNG_value"):
                found.setdefault((number.text or "").strip(), message)
    for element in root.iter("element") if root is not None else ():
        error = element.findtext(".//QIM_message")
        if error and (batch_id := _text(element, "JB_job_number")):
            found[batch_id] = _told(error)
    return found


def with_reasons(listing: Listing, why: Mapping[str, str]) -> Listing:
    """The listing, with these reasons for jobs that wait."""
    told = (
        replace(job, reason=why.get(job.batch_id, job.reason)) if job.phase in _WAITING else job
        for job in listing.observations
    )
    return replace(listing, observations=tuple(told))


def phase_of(state: str) -> Phase:
    """`Eqw` and `hqw` wait for a person; a suspended job has begun; a job in deletion is what it was."""
    if not _STATE.match(state):
        return Phase.UNKNOWN
    letters = set(state)
    if letters & {"q", "w"}:
        return Phase.HELD if letters & {"E", "h"} else Phase.PENDING
    if letters & {"r", "s", "S", "T", "N", "P"}:
        return Phase.RUNNING
    return Phase.PENDING if "t" in letters else Phase.UNKNOWN


def _job(job: ElementTree.Element) -> Observation | None:
    batch_id, state = _text(job, "JB_job_number"), _text(job, "state")
    if not batch_id.isdecimal() or not state:
        return None
    phase = phase_of(state)
    ran = phase is Phase.RUNNING
    node = _text(job, "queue_name").partition("@")[2] or None
    return Observation(
        stamp=_text(job, "JB_name"),
        batch_id=batch_id,
        phase=phase,
        site_state=state,
        reason={"E": "in an error state", "h": "held"}.get(state[0]) if phase is Phase.HELD else None,
        submitted_at=_time(_text(job, "JB_submission_time")),
        started_at=_time(_text(job, "JAT_start_time")) if ran else None,
        node=node if ran else None,
        granted=_granted(job) if ran else None,
    )


def _granted(job: ElementTree.Element) -> Granted:
    slots = _text(job, "slots")
    asked = {one.get("name"): (one.text or "").strip() for one in job.iter("hard_request")}
    walltime = asked.get("h_rt", "")
    return Granted(
        cpus=int(slots) if slots.isdecimal() else None,
        walltime_s=int(walltime) if walltime.isdecimal() else None,
        queue=_text(job, "queue_name").partition("@")[0] or None,
    )


def _parsed(result: CommandResult) -> ElementTree.Element | None:
    if not result.complete or result.exit_code != 0 or b"<!" in result.stdout:  # qstat declares no entities
        return None
    try:
        return ElementTree.fromstring(result.stdout)  # noqa: S314 - what is dangerous begins with <!
    except (ElementTree.ParseError, ValueError):
        return None


def _text(element: ElementTree.Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _told(message: str) -> str:
    """Without the time and process that it begins with, in one line."""
    line = " ".join(message.split())
    return re.sub(r"^\d\d/\d\d/\d{4} \d\d:\d\d:\d\d \[\d+:\d+\]: ", "", line)


def _time(text: str) -> float | None:
    found = _TIME.match(text)
    if not found:
        return None
    try:
        return datetime(*(int(part) for part in found.groups()), tzinfo=UTC).timestamp()  # type: ignore[arg-type, misc]
    except ValueError:
        return None
