"""Holds what the CE says against what the pilots themselves wrote."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.chaos import truth
from tests.chaos.truth import Asked, Seen
from tests.chaos.world import World

ENDED_BY_THE_SITE = {"cancelled", "preempted", "node_failure", "walltime"}


@dataclass(slots=True)
class Verdict:
    """What went wrong, one line each. All empty is what we want."""

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    falsely_finished: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    """Batch jobs of ours that live on and that no pilot of the CE's has."""


def judge(
    world: World, asked: Sequence[Asked], *, deadly: bool, outputs_lost: bool, finished: bool
) -> Verdict:
    """`deadly`: the site ended batch jobs on purpose. `outputs_lost`: their outputs are gone for good."""
    verdict, seen = Verdict(), truth.read(world.truth_file)
    reports = {pilot["id"]: pilot for pilot in world.ce.pilots()}
    for pilot in asked:
        report = reports.get(world.factory.ids.get(pilot.name, 0))
        _duplicates(verdict, pilot, seen.get(pilot.name, Seen()))
        if report is None:
            verdict.lost.append(f"{pilot.name}: the CE does not know it")
        else:
            ended = deadly and report["outcome"] in ENDED_BY_THE_SITE
            if not (ended and report["state"] in {"completed", "removed"}):
                whole = outputs_lost or _digest(world, report["id"]) == pilot.output
                _one(verdict, pilot, report, seen.get(pilot.name, Seen()), whole=whole)
    _same_stamp(verdict, world)
    if finished:
        _strangers(verdict, world)
    return verdict


def _one(verdict: Verdict, pilot: Asked, report: dict[str, Any], seen: Seen, *, whole: bool) -> None:
    said = f"{pilot.name} (pilot {report['id']}): {report['state']}, {report['outcome']}, {report['reason']}"
    if report["state"] != "completed":
        verdict.lost.append(said)
    elif not seen.ends or report["exit_code"] != seen.ends[-1] or report["outcome"] != "exited":
        verdict.falsely_finished.append(f"{said}; exit code {report['exit_code']}, in truth {seen.ends}")
    elif not whole:
        verdict.falsely_finished.append(f"{said}; its output is not whole")


def _digest(world: World, pilot_id: int) -> str:
    try:
        return hashlib.sha256(world.ce.output(pilot_id)).hexdigest()
    except httpx.HTTPStatusError:
        return "there is none"


def _duplicates(verdict: Verdict, pilot: Asked, seen: Seen) -> None:
    if len(seen.jobs) > 1:
        verdict.duplicated.append(f"{pilot.name} ran as {sorted(seen.jobs)}")


def _same_stamp(verdict: Verdict, world: World) -> None:
    """Also jobs that never started count."""
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for job in world.batch_jobs():
        ids[job["stamp"]].add(job["id"])
    verdict.duplicated += [f"stamp {stamp} has jobs {same}" for stamp, same in ids.items() if len(same) > 1]


def _strangers(verdict: Verdict, world: World) -> None:
    """When every pilot is over, no batch job of ours may live."""
    alive = [job for job in world.batch_jobs() if job["state"] in {"PENDING", "RUNNING", "SUSPENDED"}]
    verdict.strangers += [f"job {job['id']} ({job['stamp']}) is {job['state']}" for job in alive]
