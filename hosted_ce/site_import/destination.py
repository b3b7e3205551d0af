"""A batch system and how it is reached."""

from __future__ import annotations

from dataclasses import dataclass

BATCH_SYSTEMS = {
    "slurm": "slurm", "pbs": "pbs", "pbspro": "pbs", "openpbs": "pbs", "torque": "pbs", "condor": "htcondor",
    "htcondor": "htcondor", "sge": "sge", "gridengine": "sge", "uge": "sge", "lsf": "lsf",
}  # fmt: skip
"""How others call the batch systems, and how the site file does."""

UNKNOWN_LOGIN = "login.example.edu"
"""Stands where no source says the login node."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A batch system behind a login node; no host: on the CE's own machine; no account: the owner's."""

    batch: str
    host: str | None = None
    port: int | None = None
    account: str | None = None
