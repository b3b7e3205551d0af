"""What the queue's ads say of a pilot beyond its status. Pure.

The attributes that HTCondor's gridmanager copies into the factory's own ad: htcondor's condorjob.cpp,
`default_attrs_to_copy`, and all that begin with Chirp.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping

from hosted_ce.intake.condor.attributes import PREFIX, SHOWN
from hosted_ce.intake.condor.edits import Value
from hosted_ce.pilots.pilot import Attempt, Outcome, Pilot
from hosted_ce.pilots.states import FINAL, Stage

LONGEST = 200
_ASKED = (
    ("cpus", "cpus"), ("memory_mb", "memory"), ("walltime_s", "walltime"), ("gpus", "gpus"),
    ("queue", "queue"), ("account", "account"), ("qos", "qos"),
)  # fmt: skip
_UNITS = {"memory_mb": " MB", "walltime_s": " s"}


def shown(pilot: Pilot) -> dict[str, Value]:
    """What people at the factory see in their own condor_q, "" where there is nothing to see now."""
    attempt = pilot.attempt
    found: dict[str, Value] = {"Pilot": pilot.id, "State": pilot.state.value, "Reason": pilot.reason or ""}
    if attempt:
        over = pilot.state in FINAL
        found |= {
            "Attempt": attempt.number, "Route": attempt.route, "Requested": resources(attempt.request),
            "End": attempt.outcome.value if attempt.outcome and over else "",
            "EndClass": attempt.outcome_class.value if attempt.outcome_class and over else "",
        }  # fmt: skip
    if attempt and pilot.stage is not Stage.WAITING:  # else its batch job is over, and another one will come
        state = f"{pilot.state.value} ({attempt.site_state})" if attempt.site_state else pilot.state.value
        found |= {
            "State": state, "BatchId": attempt.batch_id or "", "Node": attempt.node or "",
            "Granted": resources(attempt.granted) if attempt.granted else "",
        }  # fmt: skip
    return {name: _short(found.get(name.removeprefix(PREFIX), "")) for name in SHOWN}


def resources(asked: Mapping[str, object]) -> str:
    """A batch request in one line."""
    found = ((name, word, asked.get(name)) for name, word in _ASKED)
    return ", ".join(f"{word} {value}{_UNITS.get(name, '')}" for name, word, value in found if value)


def starting(pilot: Pilot) -> dict[str, Value]:
    """For a job whose pilot runs."""
    if pilot.attempt is None or pilot.attempt.started_at is None:
        return {}
    began, number = int(pilot.attempt.started_at), pilot.attempt.number
    dates = ("JobCurrentStartDate", "JobCurrentStartExecutingDate", "JobLastStartDate")
    return {**dict.fromkeys(dates, began), "NumJobStarts": number, "JobRunCount": number}


def first_start(pilot: Pilot) -> int | None:
    """When it started, for a job that never did before: HTCondor keeps the first start of all."""
    began = pilot.attempt.started_at if pilot.attempt else None
    return int(began) if began else None


def ending(pilot: Pilot, now: float) -> dict[str, Value]:
    """For a job whose pilot has ended: how, when, and what it used."""
    attempt = pilot.attempt
    if attempt is None:
        return {}
    ended = attempt.ended_at or now
    wall = max(0.0, ended - (attempt.started_at or ended))
    return {**starting(pilot), **exit_of(attempt), **_used(attempt), "CompletionDate": int(ended),
            "RemoteWallClockTime": float(wall), "LastRemoteWallClockTime": float(wall)}  # fmt: skip


def exit_of(attempt: Attempt) -> dict[str, Value]:
    """How it ended. Ended by the site without a code on record: by a signal, never by exit code 0."""
    number = attempt.exit_signal
    if number is None and attempt.exit_code is None:
        number = signal.SIGKILL if attempt.outcome is not Outcome.CANCELLED else signal.SIGTERM
    if number is not None:
        return {"ExitBySignal": True, "ExitSignal": int(number)}
    code = attempt.exit_code or 0
    return {"ExitBySignal": False, "ExitCode": code, "ExitStatus": code}


def _used(attempt: Attempt) -> dict[str, Value]:
    found: dict[str, Value | None] = {
        "RemoteUserCpu": attempt.user_cpu_s,
        "RemoteSysCpu": attempt.system_cpu_s,
        "MemoryUsage": attempt.peak_memory_mb,
        "ResidentSetSize": attempt.peak_memory_mb and attempt.peak_memory_mb * 1024,
    }
    granted = attempt.granted or {}
    found |= {"CpusProvisioned": granted.get("cpus"), "MemoryProvisioned": granted.get("memory_mb")}
    return {name: value for name, value in found.items() if value is not None}


def _short(value: Value) -> Value:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if not text:
        return value
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
