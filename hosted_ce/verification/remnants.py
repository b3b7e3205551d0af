"""What of a node no pilot can use: the shape does not fill it, or memory or GPUs run out before the cores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hosted_ce.verification.advice import Advice, AdviceWeight
from hosted_ce.verification.facts import NodeKind, Shape
from hosted_ce.verification.words import count, memory

TELLING = 0.05
"""A smaller part of all cores is not worth a word."""
STEP_MB = 100
"""Memory is advised in such steps."""
RARE = 0.05
"""Shapes with a smaller part of the core hours fill no remainder."""


class Short(StrEnum):
    """What there is too little of for one more pilot."""

    CORES = "cores"
    MEMORY = "memory"
    GPUS = "gpus"


@dataclass(frozen=True, slots=True)
class Remnant:
    """What pilots of one shape leave of each node of a kind."""

    nodes: NodeKind
    pilots: int
    """As many fit on a node; 0: none does."""
    cores: int
    """Cores that are left."""
    short: Short


def left_of(nodes: NodeKind, pilot: Shape) -> Remnant:
    """How many such pilots fit, what is left, and by what."""
    room = {Short.CORES: nodes.cpus // pilot.cpus}
    if pilot.memory_mb and nodes.memory_mb is not None:
        room[Short.MEMORY] = nodes.memory_mb // pilot.memory_mb
    if pilot.gpus:
        room[Short.GPUS] = (nodes.gpus or 0) // pilot.gpus
    short = min(room, key=lambda name: room[name])  # of equals the first: cores
    return Remnant(nodes, room[short], nodes.cpus - room[short] * pilot.cpus, short)


def usual(shapes: Sequence[Shape]) -> Shape | None:
    """The shape that most core hours were granted to; one without cores is none."""
    return max((shape for shape in shapes if shape.cpus), key=lambda shape: shape.core_s, default=None)


def remnants(nodes: Sequence[NodeKind], shapes: Sequence[Shape]) -> list[Remnant]:
    """Of each kind of node, for the usual shape; what a smaller one fills is not left."""
    pilot = usual(shapes)
    if pilot is None:
        return []
    found = [left_of(each, pilot) for each in nodes if each.nodes and each.cpus]
    small = _smallest(shapes, pilot)
    return [_filled(one, small) if one.short is Short.CORES and small else one for one in found]


def _smallest(shapes: Sequence[Shape], usual_one: Shape) -> int | None:
    whole = sum(shape.core_s for shape in shapes)
    often = [s for s in shapes if not s.gpus and s.core_s >= RARE * whole]
    sizes = [s.cpus for s in often if 0 < s.cpus < usual_one.cpus]
    return min(sizes, default=None)


def _filled(one: Remnant, small: int) -> Remnant:
    return Remnant(one.nodes, one.pilots, one.cores % small, one.short)


def advice_on(nodes: Sequence[NodeKind], shapes: Sequence[Shape]) -> Iterator[Advice]:
    """What is to be said of the remnants, and which shape would leave less."""
    pilot, found = usual(shapes), remnants(nodes, shapes)
    if pilot is None or not found:
        return
    if all(one.pilots == 0 for one in found):
        yield _fits_nowhere(pilot)
        return
    found = [one for one in found if one.pilots]  # nodes that are too small are not for this route
    whole = sum(one.nodes.nodes * one.nodes.cpus for one in found)
    for short in Short:
        some = [one for one in found if one.short is short and one.cores]
        if sum(one.nodes.nodes * one.cores for one in some) >= TELLING * whole:
            yield _advice(short, some, found, pilot)


def _fits_nowhere(pilot: Shape) -> Advice:
    return Advice(
        "VF-24", AdviceWeight.LOSS,
        f"a pilot of {_size(pilot)} fits on no node that the batch system tells of",
        "ask for less, or name a queue with larger nodes", "request.cpus", pilot.runs,
    )  # fmt: skip


def _advice(short: Short, some: Sequence[Remnant], every: Sequence[Remnant], pilot: Shape) -> Advice:
    cores, nodes = sum(one.nodes.nodes * one.cores for one in some), sum(one.nodes.nodes for one in some)
    example = max(some, key=lambda one: one.nodes.nodes * one.cores)
    said = (
        f"pilots of {_size(pilot)} leave {count(cores, 'core')} of {count(nodes, 'node')}: a node with "
        f"{_node(example.nodes)} takes {count(example.pilots, 'pilot')}, and {example.cores} cores are left"
    )
    data = {"cores": cores, "nodes": nodes, "short": short.value}
    match short:
        case Short.CORES:
            todo, better = _other_cores(every, pilot)
            return Advice(
                "VF-21", AdviceWeight.WASTE, said, todo, "request.cpus", pilot.runs, data=data | better
            )
        case Short.MEMORY:
            todo, better = _less_memory(some, pilot)
            return Advice(
                "VF-22", AdviceWeight.WASTE, said, todo, "request.memory", pilot.runs, data=data | better
            )
        case Short.GPUS:
            todo = (
                "jobs without GPUs of the site itself may use them; if there are none, ask for "
                f"{max(1, example.nodes.cpus // example.pilots)} `cpus` with the GPUs"
            )  # fmt: skip
            return Advice("VF-23", AdviceWeight.NOTE, said, todo, "request.cpus", pilot.runs, data=data)


def _other_cores(every: Sequence[Remnant], pilot: Shape) -> tuple[str, dict[str, int]]:
    """From half to twice the cores: what leaves least, with as much memory for each core."""
    now = _left(every, pilot)
    sizes = range(max(1, pilot.cpus // 2), 2 * pilot.cpus + 1)
    best = min(sizes, key=lambda cpus: (_left(every, scaled(pilot, cpus)), abs(cpus - pilot.cpus), cpus))
    left = _left(every, scaled(pilot, best))
    if left >= now:
        return "no other size fills these nodes better; small pilots beside the large ones would", {}
    size = scaled(pilot, best)
    return f"pilots of {_size(size)} would leave {count(left, 'core')}", {"cpus": best, "left": left}


def _left(every: Sequence[Remnant], pilot: Shape) -> int:
    return sum(one.nodes.nodes * left_of(one.nodes, pilot).cores for one in every)


def scaled(pilot: Shape, cpus: int) -> Shape:
    """The same pilot with other cores, and as much memory for each of them."""
    megabytes = None if pilot.memory_mb is None else round(pilot.memory_mb * cpus / pilot.cpus)
    return pilot._replace(cpus=cpus, memory_mb=megabytes)


def _less_memory(some: Sequence[Remnant], pilot: Shape) -> tuple[str, dict[str, int]]:
    """As much as lets the smallest memory of these nodes do for all of their cores."""
    each = min((one.nodes.memory_mb or 0) // (one.nodes.cpus // pilot.cpus) for one in some)
    megabytes = each // STEP_MB * STEP_MB
    return (
        f"with {memory(megabytes)} of `memory` for each pilot the cores could all be used; nodes keep some "
        "memory for themselves, so that a little less is better",
        {"memory_mb": megabytes},
    )  # fmt: skip


def _size(pilot: Shape) -> str:
    parts = [count(pilot.cpus, "core")]
    if pilot.memory_mb:
        parts.append(memory(pilot.memory_mb))
    if pilot.gpus:
        parts.append(count(pilot.gpus, "GPU"))
    return _listed(parts)


def _node(nodes: NodeKind) -> str:
    parts = [count(nodes.cpus, "core")]
    if nodes.memory_mb:
        parts.append(memory(nodes.memory_mb))
    if nodes.gpus:
        parts.append(count(nodes.gpus, "GPU"))
    return _listed(parts)


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
