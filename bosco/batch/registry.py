"""The batch systems that we can drive, by the name in the site file. A new one is one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from bosco.batch.protocol import BatchSystem


def _of(module: str, name: str) -> Callable[..., BatchSystem]:
    """Makes a codec of this class. A CE has one or two batch systems, so the others are not even read."""

    def make(**options: Any) -> BatchSystem:
        codec: BatchSystem = getattr(import_module(f"bosco.batch.{module}"), name)(**options)
        return codec

    return make


SYSTEMS: Mapping[str, Callable[..., BatchSystem]] = {
    "htcondor": _of("htcondor", "HTCondor"),
    "slurm": _of("slurm", "Slurm"),
    "pbs": _of("pbs", "Pbs"),
    "lsf": _of("lsf", "Lsf"),
    "sge": _of("sge", "GridEngine"),
}
"""Makes a codec; its keyword arguments are what the site file says under `batch_options`."""


def batch_system(name: str, options: Mapping[str, Any] | None = None) -> BatchSystem:
    """The codec of that name. Raises KeyError for a name, TypeError for an option that it does not know."""
    return SYSTEMS[name](**(options or {}))
