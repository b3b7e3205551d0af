"""qacct's records: how jobs ended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from bosco.batch.answers import failed
from bosco.batch.model import Cause, CommandResult, Granted, Listing, Observation, Phase, Used
from bosco.batch.stamps import STAMP

_RULE = re.compile(r"^={20,}$", re.MULTILINE)
_SUMMARY = ("OWNER", "Total System Usage")
"""How what qacct adds up at the end begins; alone, it found no job."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIME = re.compile(r"\w{3} (\w{3}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})\Z")
_UNIVA_TIME = re.compile(r"(\d\d)/(\d\d)/(\d{4}) (\d\d):(\d\d):(\d\d)(?:\.\d+)?\Z")
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)([KMGTP]?)B?s?\Z")
_MB = {"": 2**-20, "K": 2**-10, "M": 1.0, "G": 2.0**10, "T": 2.0**20, "P": 2.0**30}
_NO_ACCOUNT = "sge"
"""What the records have where nobody was named."""
_SIGNAL = 128
_RESCHEDULED = {25}
"""Records of runs after which the job waits again."""
_LIMIT = {37}
_KILLED = {100}


def records(result: CommandResult) -> Listing:
    """What `qacct -j` says of our jobs: of each job its last run that ended."""
    text = result.stdout.decode("utf-8", "replace")
    blocks = [block for part in _RULE.split(text) if "jobnumber" in (block := _block(part))]
    if not blocks and text.strip() and not text.startswith(_SUMMARY):
        return failed("qacct", result)
    ours = [block for block in blocks if STAMP.match(block.get("jobname", ""))]
    jobs = {(job.stamp, job.batch_id): job for block in ours if (job := _job(block))}
    return Listing(tuple(jobs.values()), complete=True)


def _block(text: str) -> dict[str, str]:
    lines = (line.split(None, 1) for line in text.splitlines())
    return {words[0]: words[1].strip() for words in lines if len(words) > 1}


def _job(block: Mapping[str, str]) -> Observation | None:
    failure, code = _int(block.get("failed", "")), _int(block.get("exit_status", ""))
    if failure in _RESCHEDULED or not block.get("jobnumber", "").isdecimal():
        return None
    started = _time(block.get("start_time", ""))
    cause = _cause(block, failure, started=started is not None)
    killed = failure in _KILLED and code is not None and code > _SIGNAL
    return Observation(
        stamp=block["jobname"],
        batch_id=block["jobnumber"],
        phase=Phase.ENDED,
        site_state="ended" if not failure else f"failed {block['failed']}",
        reason=None if not failure else " ".join(block["failed"].split()),
        submitted_at=_time(block.get("qsub_time", "")),
        started_at=started,
        ended_at=_time(block.get("end_time", "")),
        node=block.get("hostname") if started else None,
        exit_code=None if started is None else code,
        exit_signal=code - _SIGNAL if killed and code is not None else None,
        cause=cause,
        granted=_granted(block) if started else None,
        used=_used(block) if started else None,
    )


def _cause(block: Mapping[str, str], failure: int | None, *, started: bool) -> Cause:
    """That somebody deleted a job is not recorded; that it was killed is."""
    if not failure:
        return Cause.EXITED
    if failure in _LIMIT:
        return Cause.WALLTIME if _at_its_walltime(block) else Cause.MEMORY
    if failure in _KILLED:
        return Cause.CANCELLED
    return Cause.EXITED if started else Cause.NOT_STARTED


def _at_its_walltime(block: Mapping[str, str]) -> bool:
    """One failure code stands for both limits."""
    walltime, ran = _requested(block, "h_rt"), _number(block.get("ru_wallclock", ""))
    return walltime is None or ran is None or ran >= walltime


def _requested(block: Mapping[str, str], name: str) -> int | None:
    found = re.search(rf"\b{name}=(\d+)", block.get("category", ""))
    return int(found[1]) if found else None


def _granted(block: Mapping[str, str]) -> Granted:
    queue, account = block.get("qname"), block.get("account")
    return Granted(
        cpus=_int(block.get("slots", "")), walltime_s=_requested(block, "h_rt"), queue=queue or None,
        account=None if account in ("", _NO_ACCOUNT) else account,
    )  # fmt: skip


def _used(block: Mapping[str, str]) -> Used | None:
    """maxvmem is what the batch system measured of all processes; ru_maxrss is the largest one's alone."""
    peak = megabytes(block.get("maxvmem", ""))
    user, system = (_number(block.get(name, "")) for name in ("ru_utime", "ru_stime"))
    return Used(user, system, peak or None)


def _int(text: str) -> int | None:
    found = re.match(r"\d{1,9}\b", text)
    return int(found[0]) if found else None


def _number(text: str) -> float | None:
    found = _NUMBER.match(text)
    return float(found[1]) if found and not found[2] else None


def megabytes(text: str) -> int | None:
    """Memory in MB, as in `4.332KB` or `62.7G`."""
    found = _NUMBER.match(text)
    return round(float(found[1]) * _MB[found[2]]) if found else None


def _time(text: str) -> float | None:
    """Of `Thu Nov 26 11:46:49 2026`, or of Univa's `11/26/2026 11:46:49.123`; the agent asks in UTC."""
    plain, univa = _TIME.match(text), _UNIVA_TIME.match(text)
    if plain and plain[1] in _MONTHS:
        parts = (plain[6], _MONTHS.index(plain[1]) + 1, *plain.groups()[1:5])
    elif univa:
        parts = (univa[3], univa[1], univa[2], *univa.groups()[3:])
    else:
        return None
    year, month, day, hour, minute, second = (int(part) for part in parts)
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except ValueError:
        return None
