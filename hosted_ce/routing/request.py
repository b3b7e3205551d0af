"""What a site file's route asks for, and the steps that it becomes.

The steps go where a route of HTCondor-CE goes, between the same transforms, so that both languages have one
compiled form, and the precedences of HTCondor-CE.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hosted_ce.routing.htcondor.place import Place
from hosted_ce.routing.htcondor.steps import Assign, EvalSet, Step, Text
from hosted_ce.routing.pilot_ad import OWN


@dataclass(frozen=True, slots=True)
class Expr:
    """A ClassAd expression over the pilot's attributes. Where it is undefined the pilot's own word counts."""

    text: str


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for where the pilot does not say; an expression decides by itself.

    Memory in MB, walltime in seconds.
    """

    cpus: int | Expr = 1
    memory_mb: int | Expr = 2000
    walltime_s: int | Expr = 72 * 3600
    queue: str | Expr | None = None
    account: str | Expr | None = None
    qos: str | Expr | None = None
    gpus: int | Expr = 0
    gpu_type: str | Expr | None = None
    whole_node: bool | Expr = False
    constraint: str | Expr | None = None
    reservation: str | Expr | None = None


def steps_of(request: Request, place: Place) -> tuple[Step, ...]:
    """The steps of a route that asks for this."""
    return tuple(_steps(request, place))


def _steps(request: Request, place: Place) -> Iterator[Step]:
    for name, macro, value in (
        ("cpus", "default_xcount", request.cpus),
        ("memory", "default_maxMemory", request.memory_mb),
        ("queue", "default_queue", request.queue),
    ):
        yield from _decides(place, name, value)
        if value is not None and not isinstance(value, Expr):
            yield Assign(place, Text(macro, macros=False), str(value))
    yield from _walltime(request.walltime_s, place)
    # HTCondor-CE has no defaults for these.
    for name, attribute, default in (
        ("account", "BatchProject", request.account),
        ("gpus", "RequestGPUs", request.gpus),
        ("whole_node", "WholeNodes", request.whole_node),
    ):
        yield from _decides(place, name, default)
        pilots = "BatchProject ?: project" if name == "account" else attribute
        if not isinstance(default, Expr):
            yield EvalSet(place, attribute, Text(f"{pilots} ?: {_literal(default)}", macros=False))
    for name, value in (
        ("qos", request.qos),
        ("gpu_type", request.gpu_type),
        ("constraint", request.constraint),
        ("reservation", request.reservation),
    ):
        if value is not None:
            text = value.text if isinstance(value, Expr) else _literal(value)
            yield EvalSet(place, f"{OWN}{name}", Text(text, macros=False))


def _decides(place: Place, name: str, value: object) -> Iterator[Step]:
    if isinstance(value, Expr):
        yield EvalSet(place, f"{OWN}{name}", Text(value.text, macros=False))


def _walltime(value: int | Expr, place: Place) -> Iterator[Step]:
    yield from _decides(place, "walltime", value)
    if not isinstance(value, Expr):
        minutes = f"{value}/60.0" if value % 60 else str(value // 60)
        yield Assign(place, Text("default_maxWallTime", macros=False), minutes)


def _literal(value: str | int | bool | None) -> str:
    match value:
        case None:
            return "undefined"
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case _:
            quoted = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{quoted}"'
