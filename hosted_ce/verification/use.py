"""How much of what was granted was used: cores, memory, walltime."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hosted_ce.verification.advice import Advice, AdviceWeight
from hosted_ce.verification.facts import Measure, RouteFacts
from hosted_ce.verification.spread import Spread, spread_of
from hosted_ce.verification.thresholds import ENOUGH_RUNS

HOUR_S = 3600
IDLE_CORES, MORE_THAN_ALL = 40, 115
"""Percent of the granted CPU time: below and above it something is said of the median run."""
IDLE_MEMORY, FULL_MEMORY = 50, 95
"""Percent of the granted memory, of the run at nine tenths."""
IDLE_WALLTIME = 25
"""Percent of the granted walltime, of the run at nine tenths."""


def spreads(facts: RouteFacts) -> Mapping[Measure, Spread]:
    """Of each measure of which anything is known."""
    found = {measure: spread_of(facts.shares.get(measure, {})) for measure in Measure}
    return {measure: spread for measure, spread in found.items() if spread}


def uses(facts: RouteFacts) -> Iterator[Advice]:
    """What follows, of measures that are known of enough runs."""
    known = {measure: one for measure, one in spreads(facts).items() if one.runs >= ENOUGH_RUNS}
    if cores := known.get(Measure.CORES):
        yield from _cores(facts, cores)
    if memory := known.get(Measure.MEMORY):
        yield from _memory(memory)
    if walltime := known.get(Measure.WALLTIME):
        yield from _walltime(walltime)


def _cores(facts: RouteFacts, used: Spread) -> Iterator[Advice]:
    if used.median < IDLE_CORES:
        yield Advice(
            "VF-8", AdviceWeight.WASTE,
            f"half of the runs used {used.median} % of their cores' time or less, a tenth {used.p10} % "
            f"or less",
            "a pilot without jobs uses nothing, and what its jobs do is not known here: ask the factory's "
            "operators how busy the pilots' slots are, and which projects ran; fewer pilots at a time "
            "(`limits.pilots`) lose less",
            "limits.pilots", used.runs, facts.core_s / HOUR_S, {"median": used.median},
        )  # fmt: skip
    elif used.median > MORE_THAN_ALL:
        yield Advice(
            "VF-9", AdviceWeight.NOTE,
            f"half of the runs used {used.median} % of the CPU time of their cores or more",
            "the batch system does not confine jobs to their cores: ask the site for "
            "TaskPlugin=task/cgroup with "
            "ConstrainCores=yes in Slurm, cgroups in others; or it counts hyper-threads, and the route "
            "may ask "
            "for more `cpus`",
            "request.cpus", used.runs, data={"median": used.median},
        )  # fmt: skip


def _memory(used: Spread) -> Iterator[Advice]:
    if used.p90 < IDLE_MEMORY:
        yield Advice(
            "VF-10", AdviceWeight.WASTE,
            f"nine of ten runs never used more than {used.p90} % of their memory",
            "ask for less memory, or for more cores with it: memory that is kept free keeps other jobs out. "
            "Leave the researchers' jobs 2 GB for each core. Where pilots say maxMemory themselves, it is "
            "the factory's entry that has to change",
            "request.memory", used.runs, data={"p90": used.p90},
        )  # fmt: skip
    elif used.p90 >= FULL_MEMORY:
        yield Advice(
            "VF-11", AdviceWeight.NOTE, f"a tenth of the runs came to {used.p90} % of their memory or more",
            "if runs are ended for memory as well, ask for more; file caches count in some batch systems, "
            "and then there is nothing to do",
            "request.memory", used.runs, data={"p90": used.p90},
        )  # fmt: skip


def _walltime(used: Spread) -> Iterator[Advice]:
    if used.p90 < IDLE_WALLTIME:
        yield Advice(
            "VF-12", AdviceWeight.WASTE,
            f"nine of ten runs were over after {used.p90} % of their walltime or less",
            "ask for less walltime: shorter jobs start sooner, since they fit into gaps. If pilots end "
            "because "
            "there are no jobs for them, leave it as it is",
            "request.walltime", used.runs, data={"p90": used.p90},
        )  # fmt: skip
