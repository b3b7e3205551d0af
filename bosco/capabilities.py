"""What a probe of a site finds: facts of its login node, and of the batch system behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bosco.batch.facts import BatchFacts


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder at the login node, and the file system that it is on. None: it does not tell."""

    path: str
    writable: bool | None = None
    read_only: bool | None = None
    """Whether its file system is mounted so."""
    noexec: bool | None = None
    """Whether programs on it cannot be run, at the login node."""
    free_bytes: int | None = None
    """For us."""
    free_inodes: int | None = None
    problem: str | None = None
    """Why it tells nothing."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What our account may store on one file system. Sizes in bytes; None: no limit."""

    filesystem: str
    used_bytes: int
    most_bytes: int | None
    used_inodes: int | None
    most_inodes: int | None


@dataclass(frozen=True, slots=True)
class Noise:
    """What the login shell printed before our agent spoke: how much, and how it began."""

    size: int
    beginning: str


@dataclass(frozen=True, slots=True)
class InstalledAgent:
    """The agent that the site has installed as the only command of our key (`bosco.installed`)."""

    program: str
    """By what it knows itself."""
    current: bool
    """Whether it is this version's."""


@dataclass(frozen=True, slots=True)
class LoginFacts:
    """The login node, as our account finds it."""

    host: str
    user: str
    python: str
    """Path of the Python that the agent runs on."""
    python_version: str
    tools: Mapping[str, str | None]
    """Absolute paths of the batch commands; None: it is not found."""
    home: Folder
    spool: Folder
    locale: Mapping[str, str]
    """The variables that set it, as far as they are set."""
    clock_offset_s: float
    """How far its clock is ahead of ours."""
    clock_error_s: float
    """By so much the offset may be wrong: half of the time that the answer took."""
    noise: Noise
    sessions: bool | None = None
    """Whether it allows more than one session on our connection; None: it cannot be told."""
    installed: InstalledAgent | None = None
    """None: the agent is ours, and our key can do there what the account can."""
    quotas: tuple[Quota, ...] | None = None
    """Of all file systems that have one for us; None: it cannot be told."""
    unknown: Mapping[str, str] = field(default_factory=dict)
    """Why a field has no value, by its name."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """All of it. `commands`: how many were run at the login node for it; `took_s`: how long it took."""

    codec: str
    """As which batch system it was asked: the site file's word."""
    batch: BatchFacts
    login: LoginFacts
    commands: int
    took_s: float
