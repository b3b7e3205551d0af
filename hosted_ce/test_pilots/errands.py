"""The errand of each test."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources

from hosted_ce.pilots.purpose import Purpose
from hosted_ce.routing.aim import Aim
from hosted_ce.test_pilots.errand import PATIENCE_S, Errand
from hosted_ce.test_pilots.kind import Kind

BURN_S = 20
"""How long a stress keeps all cores busy, in seconds."""
HELLO_MEMORY_MB = 500
WALLTIME_S = 300
_SCRIPTS = {
    kind: resources.files("hosted_ce.test_pilots").joinpath(f"{kind.value}.sh").read_bytes() for kind in Kind
}


def errand_of(kind: Kind, aim: Aim, *, patience_s: float = PATIENCE_S, burn_s: int = BURN_S) -> Errand:
    """The test. A hello asks for one core, if `aim` says nothing else; a stress for what the route asks."""
    if kind is Kind.HELLO:
        aim = replace(aim, cpus=aim.cpus or 1, memory_mb=aim.memory_mb or HELLO_MEMORY_MB)
    aim = replace(aim, walltime_s=aim.walltime_s or WALLTIME_S)
    arguments = (str(burn_s),) if kind is Kind.STRESS else ()
    return Errand(kind.value, Purpose.TEST, _SCRIPTS[kind], arguments, aim, patience_s)
