"""From a factory's job ad to a pilot request. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from hosted_ce.intake.condor.command import Unreadable, arguments_of, environment_of
from hosted_ce.intake.condor.job import base_name
from hosted_ce.pilots.spec import (
    ATTRIBUTE_NAME,
    MAX_ATTRIBUTES,
    FileRef,
    PilotSpec,
    attribute_problem,
    canonical_name,
)

_OF_THE_QUEUE = frozenset(
    name.lower()
    for name in (
        "Arguments", "Args", "Env", "Environment", "EnvDelim", "Cmd", "Iwd", "In", "Out", "Err",
        "TransferInput", "TransferOutput", "TransferOutputRemaps", "EncryptInputFiles", "UserLog",
        "ServerTime", "JobStatus", "LastJobStatus", "EnteredCurrentStatus", "Managed", "ManagedManager",
        "StageInStart", "StageInFinish", "HoldReason", "HoldReasonCode", "HoldReasonSubCode",
        "LastHoldReason", "LastHoldReasonCode", "LastHoldReasonSubCode", "NumHolds", "NumSystemHolds",
        "ReleaseReason", "x509userproxy", "ScitokensFile", "LeaveJobInQueue", "PeriodicRemove",
        "InitialJobStatus", "JobNotification", "JobLeaseDuration", "JobPrio", "JobSubmitFile",
        "JobSubmitMethod", "KillSig", "MaxHosts", "MinHosts", "CurrentHosts", "MyType", "TargetType",
        "ProcId", "Rank", "Requirements", "StreamErr", "StreamOut", "TransferIn", "TransferInputSizeMB",
        "TransferExecutable", "TotalSubmitProcs", "WhenToTransferOutput", "ShouldTransferFiles",
        "ExitBySignal", "ExitStatus", "JobAdInformationAttrs", "SubmitVersion", "CondorPlatform",
    )
)  # fmt: skip
"""What is about the job's life or its files and not about what it asks for: no route looks at these."""
_COUNTERS = re.compile(r"(submit_|num|total|cumulative|committed|remote|last|.*_raw\Z)", re.IGNORECASE)
"""Copies of what the factory's own schedd had, and its counters."""
_FACTORY_DEFAULTS = {"requestmemory": 128, "requestcpus": 1}
"""What condor_submit writes where nobody asked for anything."""


class BadRequest(ValueError):
    """The ad asks for what cannot be understood or given; the text is for the factory's operators."""


@dataclass(frozen=True, slots=True)
class WantedFiles:
    """The files of a job that its schedd keeps, by their names in the job's folder."""

    executable: str
    inputs: tuple[str, ...]
    """The executable first, each once."""
    credentials: tuple[str, ...]
    """Those of them that may be renewed while the pilot runs."""


def wanted_files(ad: Mapping[str, Any]) -> WantedFiles:
    """Which files the job brings. Raises BadRequest."""
    executable = base_name(ad.get("Cmd"))
    if executable is None:
        raise BadRequest("the job has no executable (Cmd)")
    if ad.get("TransferExecutable") is False:
        raise BadRequest("transfer_executable = False: this CE runs only what the job brings")
    listed = str(ad.get("TransferInput") or "").split(",")
    names = [name for path in listed if (name := base_name(path.strip()))]
    proxy = base_name(ad.get("x509userproxy"))
    inputs = dict.fromkeys([executable, *names, *([proxy] if proxy else [])])
    return WantedFiles(executable, tuple(inputs), tuple(name for name in inputs if name != executable))


def pilot_spec(ad: Mapping[str, Any], wanted: WantedFiles, checksums: Mapping[str, str]) -> PilotSpec:
    """The request of a job whose files have these SHA-256 checksums. Raises BadRequest."""
    try:
        return PilotSpec(
            executable=wanted.executable,
            arguments=arguments_of(ad),
            environment=environment_of(ad),
            inputs=tuple(
                FileRef(name=name, sha256=checksums[name], executable=name == wanted.executable)
                for name in wanted.inputs
            ),
            attributes=routing_attributes(ad),
            credentials=wanted.credentials,
        )
    except Unreadable as error:
        raise BadRequest(str(error)) from error
    except ValidationError as error:
        raise BadRequest("; ".join(_words(fault) for fault in error.errors(include_url=False))) from error


def routing_attributes(ad: Mapping[str, Any]) -> dict[str, bool | int | float | str]:
    """What routes may look at.

    Attributes that the CE knows are kept whatever they say: a wrong one is the sender's to mend. Others that
    no pilot can have (too long, control characters) are left out: they were not written for us.
    """
    found: dict[str, bool | int | float | str] = {}
    for name, value in ad.items():
        lower = name.lower()
        known = canonical_name(name)
        if lower in _OF_THE_QUEUE or value == _FACTORY_DEFAULTS.get(lower) or not _is_scalar(value):
            continue
        if not known and _COUNTERS.match(name):
            continue
        fits = ATTRIBUTE_NAME.match(name) and attribute_problem(name, value) is None
        if known or (fits and len(found) < MAX_ATTRIBUTES):
            found[known or name] = value
    return found


def _is_scalar(value: object) -> bool:
    return isinstance(value, bool | int | float | str)


def _words(fault: Mapping[str, Any]) -> str:
    message = str(fault["msg"]).removeprefix("Value error, ")
    where = ".".join(str(part) for part in fault["loc"])
    return f"{where}: {message}" if where else message
