"""The batch systems that we can drive, by the name in the site file. A new one is one line here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from bosco.batch.protocol import BatchSystem
from bosco.on_disk import Installed


def _module(name: str) -> str:
    return f"bosco.batch.{name}.codec"


def _of(module: str, name: str) -> Callable[..., BatchSystem]:
    """Makes a codec of this class. A CE has one or two batch systems, so the others are not even read."""

    def make(**options: Any) -> BatchSystem:
        codec: BatchSystem = getattr(import_module(_module(module)), name)(**options)
        return codec

    return make


SYSTEMS: Mapping[str, Callable[..., BatchSystem]] = {
    "htcondor": _of("htcondor", "HTCondor"),
    "slurm": _of("slurm", "Slurm"),
    "pbs": _of("pbs", "Pbs"),
    "lsf": _of("lsf", "Lsf"),
    "sge": _of("sge", "GridEngine"),
}
"""Makes a codec; its keyword arguments are what the site file says under `batch_options`. Its folder has the
name that the site file has."""
_INSTALLED = Installed([Path(__file__).parent])


def batch_system(name: str, options: Mapping[str, Any] | None = None) -> BatchSystem:
    """The codec of that name. Raises KeyError for a name, TypeError for an option that it does not know."""
    return SYSTEMS[name](**(options or {}))


def is_replaced(name: str) -> bool:
    """Whether its codec would be read now, from files that are not those which this process began with.

    Then it must not be: it may be of another version than the rest that runs.
    """
    return _module(name) not in sys.modules and _INSTALLED.is_replaced()
