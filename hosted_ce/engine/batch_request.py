"""What a pilot asks the batch system for: its own files and command, with the request of its route."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bosco.batch.model import BatchRequest, InputFile
from hosted_ce.engine.judge import attempt_of
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.test_pilots.errand import AIM


def batch_request(pilot: Pilot, scratch: str | None) -> BatchRequest:
    """Of the attempt that the pilot has. Raises KeyError for one of before an update."""
    attempt, spec = attempt_of(pilot), pilot.spec
    ask: Mapping[str, Any] = attempt.request
    return BatchRequest(
        stamp=attempt.stamp,
        executable=spec["executable"],
        inputs=tuple(InputFile(f["name"], f["sha256"], f["executable"]) for f in spec["inputs"]),
        arguments=tuple(spec["arguments"]),
        environment=_environment(ask, spec),
        walltime_s=ask["walltime_s"],
        cpus=ask["cpus"],
        memory_mb=ask["memory_mb"],
        queue=ask["queue"],
        account=ask["account"],
        qos=ask["qos"],
        gpus=ask["gpus"],
        whole_node=ask["whole_node"],
        extra=tuple(ask["extra"]),
        credentials=tuple(spec.get("credentials", ())),
        proxy=spec.get("proxy"),
        prologue=ask.get("prologue"),
        scratch=scratch,
        gpu_type=ask.get("gpu_type"),
        constraint=ask.get("constraint"),
        reservation=ask.get("reservation"),
        left_out=tuple(ask.get("left_out", ())),
        node=ask.get("node"),
    )


def _environment(ask: Mapping[str, Any], spec: Mapping[str, Any]) -> Mapping[str, str]:
    """In HTCondor-CE's order. A request of before an update has not all keys.

    Tests are told what was asked for.
    """
    own = {} if ask.get("replaces") else spec["environment"]
    asked = {"HOSTED_CE_CPUS": ask["cpus"], "HOSTED_CE_MEMORY_MB": ask["memory_mb"]} if AIM in spec else {}
    told = {name: str(value) for name, value in asked.items()}
    return {**ask["base_environment"], **own, **ask["environment"], **told}
