"""Runs that something else ended, or that ran nobody's job: how many, what they cost, and where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.verification.advice import Advice, AdviceWeight
from hosted_ce.verification.facts import CUT_S, Cut, Ended, RouteFacts
from hosted_ce.verification.thresholds import FEW, worth_telling
from hosted_ce.verification.words import about, count

HOUR_S = 3600
CONCENTRATED = 0.5
"""On one node or at one length: as large a part of the ends is no chance."""
MOST_NODES = 3


class _Rule(NamedTuple):
    id: str
    words: str
    todo: str
    key: str | None = None


_RULES = {
    EndClass.WALLTIME: _Rule(
        "VF-13", "were ended at their walltime",
        "ask for more `walltime` if the queue gives more; else tell the factory's operators the limit, "
        "so that "
        "pilots retire before it (GLIDEIN_Max_Walltime of the entry)", "request.walltime",
    ),
    EndClass.MEMORY: _Rule(
        "VF-14", "were ended for memory",
        "ask for more `memory`, and see that the pilot's own idea of its memory is not above that "
        "(GLIDEIN_MaxMemMBs of the entry)", "request.memory",
    ),
    EndClass.PREEMPTED: _Rule(
        "VF-15", "were preempted",
        "shorter pilots lose less: a `walltime` below the usual time between preemptions; or ask the "
        "site for a "
        "QOS that is not preempted, or for PreemptMode=REQUEUE to be off and a GraceTime", "request.walltime",
    ),
    EndClass.NODE_FAILURE: _Rule(
        "VF-16", "were ended by a failure of their node",
        "tell the site which nodes; keep pilots off them meanwhile (`hosted-ce nodes avoid`, or the "
        "cluster's "
        "`avoid_nodes`)", "avoid_nodes",
    ),
    EndClass.REMOVED_AT_SITE: _Rule(
        "VF-17", "were removed at the site, and nobody here had asked for it",
        "ask the site's administrators who or what removes them, and why: a policy can be followed, if it is "
        "known",
    ),
    EndClass.VANISHED: _Rule(
        "VF-19", "vanished without a record of their end",
        "ask the site to keep records of ended jobs, and for longer than our `poll`", "poll",
    ),
}  # fmt: skip
_FAILED = frozenset({
    EndClass.VALIDATION_FAILED, EndClass.NO_CVMFS, EndClass.NO_COLLECTOR, EndClass.NOT_STARTED,
    EndClass.PROLOGUE_FAILED, EndClass.NEVER_CLAIMED,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClassOfEnds:
    """All runs that ended in one way, and the nodes on which most of them did, with the number of each."""

    what: EndClass
    runs: int
    core_hours: float
    nodes: Sequence[tuple[str, int]] = ()


def by_class(facts: RouteFacts) -> list[ClassOfEnds]:
    """The most frequent first."""
    found: defaultdict[EndClass, list[Ended]] = defaultdict(list)
    for end in facts.ends:
        found[end.what].append(end)
    classes = [_summed(what, ends) for what, ends in found.items()]
    return sorted(classes, key=lambda one: (-one.runs, one.what))


def _summed(what: EndClass, ends: Sequence[Ended]) -> ClassOfEnds:
    nodes = sorted(((end.node, end.runs) for end in ends if end.node), key=lambda one: (-one[1], one[0]))
    hours = sum(end.core_s for end in ends) / HOUR_S
    return ClassOfEnds(what, sum(end.runs for end in ends), hours, nodes[:MOST_NODES])


def early_ends(facts: RouteFacts) -> Iterator[Advice]:
    """What is to be said of them."""
    classes = {one.what: one for one in by_class(facts)}
    for what, rule in _RULES.items():
        if (one := classes.get(what)) and worth_telling(one.runs, facts.runs):
            yield _told(rule, one, facts.runs)
    if failed := [one for what, one in classes.items() if what in _FAILED]:
        yield from _failed(failed, facts.runs)
    for cut in facts.cuts:
        if (one := classes.get(cut.what)) and worth_telling(cut.runs, facts.runs):
            yield from _own_limit(cut, one)


def _told(rule: _Rule, one: ClassOfEnds, of: int) -> Advice:
    said = f"{one.runs:,} of {count(of, 'run')} {rule.words}: {one.core_hours:,.0f} core hours"
    node = concentrated(one)
    where = f"; {node[1]:,} of them on {node[0]}" if node else ""
    return Advice(
        rule.id, AdviceWeight.LOSS, said + where, rule.todo, rule.key, one.runs, one.core_hours, _data(one)
    )  # fmt: skip


def concentrated(one: ClassOfEnds) -> tuple[str, int] | None:
    """The node on which most of them ended, and how many, if that is no chance."""
    node = one.nodes[0] if one.nodes else None
    return node if node and node[1] >= FEW and node[1] >= CONCENTRATED * one.runs else None


def _failed(classes: Sequence[ClassOfEnds], of: int) -> Iterator[Advice]:
    runs, hours = sum(one.runs for one in classes), sum(one.core_hours for one in classes)
    if not worth_telling(runs, of):
        return
    parts = ", ".join(f"{one.runs:,} {one.what.value.replace('_', ' ')}" for one in classes)
    yield Advice(
        "VF-20", AdviceWeight.LOSS,
        f"{runs:,} of {count(of, 'run')} ran nobody's job ({parts}): {hours:,.0f} core hours",
        "run `hosted-ce site check`: it tells what pilots find on the nodes; see `hosted-ce nodes` for "
        "nodes that "
        "do it again and again", None, runs, hours,
        {"classes": {one.what.value: one.runs for one in classes}},
    )  # fmt: skip


def _own_limit(cut: Cut, one: ClassOfEnds) -> Iterator[Advice]:
    """Most ends of a kind after the same time are a rule, though nobody told it."""
    if not cut.band or cut.runs < CONCENTRATED * one.runs:
        return
    after = (cut.band + 0.5) * CUT_S
    yield Advice(
        "VF-18", AdviceWeight.LOSS,
        f"{cut.runs:,} of the {one.runs:,} runs that ended as {cut.what.value.replace('_', ' ')} did so "
        f"after "
        f"about {about(after)}",
        f"that is a limit of the site's own: ask for a `walltime` below {about(cut.band * CUT_S)}, so "
        f"that pilots "
        "end by themselves before it, or ask the site to lift it",
        "request.walltime", cut.runs, cut.core_s / HOUR_S, {"seconds": cut.band * CUT_S},
    )  # fmt: skip


def _data(one: ClassOfEnds) -> dict[str, object]:
    return {"nodes": [{"node": node, "runs": runs} for node, runs in one.nodes]}
