"""The tests that there are."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from importlib import resources

from hosted_ce.pilots.purpose import Purpose
from hosted_ce.routing.aim import Aim
from hosted_ce.test_pilots.errand import PATIENCE_S, Errand

BURN_S = 20
"""How long a stress keeps all cores busy, in seconds."""
HELLO_MEMORY_MB = 500
WALLTIME_S = 300


class Kind(StrEnum):
    """What a test pilot does."""

    HELLO = "hello"
    """It says who it is, where, and with which environment: one core, a few seconds."""
    STRESS = "stress"
    """It uses what was asked for: all cores, most of the memory, scratch; and tells what it was given."""


def errand_of(kind: Kind, aim: Aim, *, patience_s: float = PATIENCE_S, burn_s: int = BURN_S) -> Errand:
    """The test. A hello asks for one core, if `aim` says nothing else; a stress for what the route asks."""
    if kind is Kind.HELLO:
        aim = replace(aim, cpus=aim.cpus or 1, memory_mb=aim.memory_mb or HELLO_MEMORY_MB)
    aim = replace(aim, walltime_s=aim.walltime_s or WALLTIME_S)
    arguments = (str(burn_s),) if kind is Kind.STRESS else ()
    return Errand(kind.value, Purpose.TEST, _script(kind), arguments, aim, patience_s)


def _script(kind: Kind) -> bytes:
    return resources.files("hosted_ce.test_pilots").joinpath(f"{kind.value}.sh").read_bytes()
