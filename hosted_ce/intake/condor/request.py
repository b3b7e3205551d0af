"""From a factory's job ad to a pilot request. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from hosted_ce.intake.condor.job import base_name
from hosted_ce.pilots.spec import (
    ATTRIBUTE_NAME,
    MAX_ATTRIBUTES,
    MAX_FILES,
    FileRef,
    PilotSpec,
    Scalar,
    attribute_problem,
    canonical_name,
    file_name,
)
from hosted_ce.routing.htcondor.command import Unreadable, arguments_of, environment_of

_OF_THE_QUEUE = frozenset(
    name.lower()
    for name in (
        "Arguments", "Args", "Env", "Environment", "EnvDelim", "Cmd", "Iwd", "In", "Out", "Err",
        "TransferInput", "TransferOutput", "TransferOutputRemaps", "EncryptInputFiles", "UserLog",
        "ServerTime", "JobStatus", "LastJobStatus", "EnteredCurrentStatus", "Managed", "ManagedManager",
        "StageInStart", "StageInFinish", "HoldReason", "HoldReasonCode", "HoldReasonSubCode",
        "LastHoldReason", "LastHoldReasonCode", "LastHoldReasonSubCode", "NumHolds", "NumSystemHolds",
        "ReleaseReason", "x509userproxy", "x509UserProxyExpiration", "ScitokensFile", "LeaveJobInQueue",
        "PeriodicRemove",
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
    proxy: str | None
    """The one of them that is the job's X.509 proxy."""


def wanted_files(ad: Mapping[str, Any]) -> WantedFiles:
    """Which files the job brings. Raises BadRequest."""
    command = ad.get("Cmd")
    if not isinstance(command, str) or not command:
        raise BadRequest("the job has no executable (Cmd)")
    executable = _input_name(command)
    if ad.get("TransferExecutable") is False:
        raise BadRequest("transfer_executable = False: this CE runs only what the job brings")
    listed = [path.strip() for path in str(ad.get("TransferInput") or "").split(",") if path.strip()]
    proxy = ad.get("x509userproxy")
    proxy_name = _input_name(proxy) if isinstance(proxy, str) and proxy else None
    names = [executable, *(_input_name(path) for path in listed), *([proxy_name] if proxy_name else [])]
    inputs = tuple(dict.fromkeys(names))
    if len(inputs) > MAX_FILES:
        raise BadRequest(f"{len(inputs)} input files are too many; at most {MAX_FILES}")
    return WantedFiles(executable, inputs, tuple(name for name in inputs if name != executable), proxy_name)


def _input_name(path: str) -> str:
    """Raises BadRequest."""
    try:
        return file_name(base_name(path) or path)
    except ValueError as error:
        raise BadRequest(f"input file {path!r:.200}: {error}") from error


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
            proxy=wanted.proxy,
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
    asked = {name: value for name, value in ad.items() if _is_asked(name, value)}
    known = {usual: value for name, value in asked.items() if (usual := canonical_name(name))}
    others = [name for name, value in asked.items() if not canonical_name(name) and _fits(name, value)]
    return {**known, **{name: asked[name] for name in others[: MAX_ATTRIBUTES - len(known)]}}


def _is_asked(name: str, value: object) -> bool:
    lower = name.lower()
    if lower in _OF_THE_QUEUE or not isinstance(value, bool | int | float | str):
        return False
    return lower not in _FACTORY_DEFAULTS or value != _FACTORY_DEFAULTS[lower]


def _fits(name: str, value: Scalar) -> bool:
    usual = ATTRIBUTE_NAME.match(name) and not _COUNTERS.match(name)
    return bool(usual) and attribute_problem(name, value) is None


def _words(fault: Mapping[str, Any]) -> str:
    message = str(fault["msg"]).removeprefix("Value error, ")
    where = ".".join(str(part) for part in fault["loc"])
    return f"{where}: {message}" if where else message
