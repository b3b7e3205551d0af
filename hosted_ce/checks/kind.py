"""A kind of check: what is looked at, why it matters, what to do when it is not well."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Where(StrEnum):
    """From where it can be looked at."""

    LOGIN_NODE = "login node"
    """While we log in, and at the login node."""
    BATCH_SYSTEM = "batch system"
    """By the batch system's commands at the login node."""
    WORKER_NODE = "worker node"
    """By a job on it."""


class Family(StrEnum):
    """Checks that belong together; the first part of their ids."""

    SSH = "SSH"
    OS = "OS"
    AC = "AC"
    CL = "CL"
    BS = "BS"
    WN = "WN"
    FS = "FS"
    NET = "NET"
    CV = "CV"
    AP = "AP"
    GPU = "GPU"

    @property
    def words(self) -> str:
        """In words."""
        return _TITLES[self]


_TITLES = {
    Family.SSH: "Connection and login",
    Family.OS: "Operating system",
    Family.AC: "Account and its files",
    Family.CL: "Cluster",
    Family.BS: "Batch system and routes",
    Family.WN: "Worker nodes",
    Family.FS: "File systems of worker nodes",
    Family.NET: "Network of worker nodes",
    Family.CV: "CVMFS",
    Family.AP: "Containers",
    Family.GPU: "GPUs",
}


@dataclass(frozen=True, slots=True)
class CheckKind:
    """`id` and `name` are for good. Titles say what is so when all is well; `why` and `todo` are for a
    site's administrator.

    `needs`: ids of checks without which this one cannot be done. Where one of them failed, this one is
    skipped, since it would only say the same in worse words.
    """

    id: str
    name: str
    title: str
    why: str
    todo: str
    family: Family
    where: Where
    needs: tuple[str, ...] = ()
