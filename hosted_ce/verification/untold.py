"""What the batch system does not say, so that it cannot be verified; and what the site can do."""

from __future__ import annotations

from collections.abc import Iterator

from hosted_ce.verification.advice import Advice, AdviceWeight
from hosted_ce.verification.facts import Measure, Resource, RouteFacts
from hosted_ce.verification.words import TITLES

MOSTLY = 0.5
"""A larger part of the runs without a word is worth telling."""
_GRANTS = {
    Resource.GPUS: "in Slurm, AccountingStorageTRES=gres/gpu records the GPUs of each job",
    Resource.MEMORY: "in Slurm, SelectTypeParameters=CR_Core_Memory hands out memory and records it",
    Resource.CORES: "ask the site's administrators to record what is allocated",
}
_USES = {
    Measure.CORES: "CPU time",
    Measure.MEMORY: "peak memory",
}


def untold(facts: RouteFacts) -> Iterator[Advice]:
    """One for all of it together; nothing where enough is known."""
    grants = [resource for resource in _GRANTS if _silent(facts, resource)]
    uses = [measure for measure in _USES if _unknown(facts, measure)]
    if not grants and not uses:
        return
    said = [f"granted {TITLES[one].lower() if one is not Resource.GPUS else 'GPUs'}" for one in grants]
    said += [_USES[one] for one in uses]
    todo = [_GRANTS[one] for one in grants]
    if uses:
        todo.append(
            "in Slurm, JobAcctGatherType=jobacct_gather/cgroup measures jobs; elsewhere pilots measure "
            "themselves where the nodes have control groups"
        )  # fmt: skip
    yield Advice(
        "VF-25", AdviceWeight.NOTE, f"of most runs it is not known: {', '.join(said)}", "; ".join(todo), None,
        facts.runs, facts.core_s / 3600, {"not_known": [one.value for one in (*grants, *uses)]},
    )  # fmt: skip


def _silent(facts: RouteFacts, resource: Resource) -> bool:
    """Whether it was asked for, and what was granted is not told."""
    asked = [pair for pair in facts.pairs.get(resource, ()) if pair.asked]
    return sum(pair.runs for pair in asked if pair.granted is None) > MOSTLY * facts.runs


def _unknown(facts: RouteFacts, measure: Measure) -> bool:
    return sum(facts.shares.get(measure, {}).values()) < (1 - MOSTLY) * facts.runs
