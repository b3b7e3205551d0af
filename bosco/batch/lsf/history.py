"""What bhist -l -UF tells of jobs: to observations. Pure.

A job begins with a line `Job <id>, Job Name <name>, ...`; then comes a line for each event, with its time.
"""

from __future__ import annotations

import re

from bosco.batch.answers import failed
from bosco.batch.lsf.errors import nothing_found
from bosco.batch.lsf.jobs import cause_of
from bosco.batch.lsf.units import hosts, moment
from bosco.batch.model import Cause, CommandResult, Listing, Observation, Phase, Used
from bosco.batch.stamps import STAMP

_HEAD = re.compile(r"Job <(\d{1,19})(?:\[\d+\])?>,")
_NAME = re.compile(r"Job Name <([^>]*)>")
_EVENT = re.compile(r"(\w{3} \w{3} {1,2}\d{1,2} \d\d:\d\d:\d\d(?: \d{4})?): (.*)")
_STARTED = re.compile(r"(?:Dispatched|Started|Starting|\[\d+\] started)\b[^<]{0,200}<([^>]*)>")
_SIGNAL = re.compile(r"Exited by (?:LSF )?signal (\d{1,3})|Termination by signal")
_CODE = re.compile(r"Exited with exit code (\d{1,3})|Exited by exit code (\d{1,3})")
_CPU = re.compile(r"The CPU time used is ([\d.]{1,15}) seconds")
_WISHED = re.compile(r"Signal <(?:KILL|TERM|INT)> requested by user or administrator|Termination request")


def histories(result: CommandResult) -> Listing:
    """All jobs of ours in the answer; those whose end it does not tell are not judged."""
    if not result.complete:
        return failed("bhist", result)
    if nothing_found(result):
        return Listing((), complete=True)
    lines = result.stdout.decode("utf-8", "surrogateescape").split("\n")
    heads = [number for number, line in enumerate(lines) if _HEAD.match(line)]
    if result.exit_code != 0 or not heads:
        return failed("bhist", result)
    blocks = [lines[start:end] for start, end in zip(heads, [*heads[1:], len(lines)], strict=True)]
    return Listing(tuple(job for block in blocks if (job := _job(block))), complete=True)


def _job(lines: list[str]) -> Observation | None:
    head, name = _HEAD.match(lines[0]), _NAME.search(lines[0])
    if not head or not name or not STAMP.match(name[1]):
        return None
    events = [(moment(found[1]), found[2]) for line in lines if (found := _EVENT.match(line))]
    submitted = next((at for at, text in events if text.startswith("Submitted")), None)
    starts = [(at, found[1]) for at, text in events if (found := _STARTED.match(text))]
    started, node = (starts[-1][0], hosts(starts[-1][1])) if starts else (None, None)
    end = next(((at, text) for at, text in reversed(events) if text.startswith(("Done", "Exited"))), None)
    if end is None:
        return Observation(
            name[1], head[1], Phase.UNKNOWN, "UNKWN", submitted_at=submitted, started_at=started, node=node
        )
    at, text = end
    code, signal, cause = _ended(
        text, " ".join(lines), wished=any(_WISHED.match(other) for _, other in events)
    )
    cpu = _CPU.search(text)
    return Observation(
        name[1], head[1], Phase.ENDED, "DONE" if text.startswith("Done") else "EXIT",
        reason=None if cause is Cause.EXITED else text,
        submitted_at=submitted, started_at=started, ended_at=at, node=node,
        exit_code=code if cause is Cause.EXITED or code else None, exit_signal=signal, cause=cause,
        used=Used(user_cpu_s=float(cpu[1])) if cpu and cpu[1].count(".") <= 1 and started else None,
    )  # fmt: skip


def _ended(text: str, whole: str, *, wished: bool) -> tuple[int | None, int | None, Cause]:
    if text.startswith("Done"):
        return 0, None, Cause.EXITED
    cause = cause_of(whole)
    code, signal = _CODE.search(text), _SIGNAL.search(text)
    if cause is Cause.EXITED and (wished or (not code and not signal)):
        cause = Cause.CANCELLED
    number = next((int(part) for part in code.groups() if part), None) if code else None
    return number, int(signal[1]) if signal and signal[1] else None, cause
