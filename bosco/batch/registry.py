"""The batch systems that we can drive, by the name in the site file. A new one is one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bosco.batch.htcondor import HTCondor
from bosco.batch.lsf import Lsf
from bosco.batch.pbs import Pbs
from bosco.batch.protocol import BatchSystem
from bosco.batch.sge import GridEngine
from bosco.batch.slurm import Slurm

SYSTEMS: Mapping[str, Callable[..., BatchSystem]] = {
    "htcondor": HTCondor,
    "slurm": Slurm,
    "pbs": Pbs,
    "lsf": Lsf,
    "sge": GridEngine,
}
"""Makes a codec; its keyword arguments are what the site file says under `batch_options`."""


def batch_system(name: str, options: Mapping[str, Any] | None = None) -> BatchSystem:
    """The codec of that name. Raises KeyError for a name, TypeError for an option that it does not know."""
    return SYSTEMS[name](**(options or {}))
