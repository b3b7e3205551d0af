"""The words that all batch systems share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bosco.batch.left_out import check_nodes


class Phase(StrEnum):
    """Where a batch job is in its life, as far as the batch system says."""

    PENDING = "pending"
    HELD = "held"
    """It waits and will not start before somebody at the site releases it."""
    RUNNING = "running"
    ENDED = "ended"
    UNKNOWN = "unknown"
    """It is listed in a state that we do not know: alive, and not to be judged."""


class Cause(StrEnum):
    """Why a batch job ended."""

    EXITED = "exited"
    WALLTIME = "walltime"
    MEMORY = "memory"
    CANCELLED = "cancelled"
    NODE_FAILURE = "node_failure"
    PREEMPTED = "preempted"
    NOT_STARTED = "not_started"
    """The batch system could not even begin it on the node, so that the pilot has not run."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that the job finds in its working directory."""

    name: str
    sha256: str
    executable: bool = False


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """One batch job to be: everything a codec needs to write it down. `stamp` names it for good."""

    stamp: str
    executable: str
    """Name of the input file that is run."""
    inputs: tuple[InputFile, ...]
    walltime_s: int
    cpus: int = 1
    memory_mb: int = 2000
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    queue: str | None = None
    account: str | None = None
    qos: str | None = None
    gpus: int = 0
    whole_node: bool = False
    gpu_type: str | None = None
    """Which GPUs, as the batch system calls them; nothing without `gpus`."""
    constraint: str | None = None
    """Features that the node must have, in the batch system's own words."""
    reservation: str | None = None
    extra: tuple[str, ...] = ()
    """Further directive texts, one line each, without the batch system's prefix."""
    prologue: str | None = None
    """Shell text that runs on the worker node before the pilot, in its directory and environment."""
    scratch: str | None = None
    """Folder on the worker node for the working directory; None: in the spool."""
    credentials: tuple[str, ...] = ()
    """Names of input files that may be replaced while the job waits or runs; none of them is executable."""
    refresh_s: float = 20.0
    """How often the job looks for new credentials while it runs, in seconds."""
    proxy: str | None = None
    """The input file that is an X.509 proxy: its path in the start directory becomes X509_USER_PROXY."""
    left_out: tuple[str, ...] = ()
    """Nodes that it must not run on, by their names in the batch system."""
    node: str | None = None
    """The node that it must run on, by its name in the batch system; None: any."""

    def __post_init__(self) -> None:
        """Raises ValueError when a credential is no input file, or one that is run, or a node has no name."""
        check_nodes([*self.left_out, *([self.node] if self.node is not None else [])])
        replaceable = {f.name for f in self.inputs if not f.executable and f.name != self.executable}
        if wrong := set(self.credentials) - replaceable:
            raise ValueError(f"{sorted(wrong)} cannot be credentials: they are no input files, or executable")


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a batch command printed. `complete` is false when it had to be ended or its output was cut."""

    exit_code: int
    stdout: bytes
    stderr: bytes = b""
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Granted:
    """What the batch system allocated to a job. None: it does not say, or there is no limit."""

    cpus: int | None = None
    memory_mb: int | None = None
    walltime_s: int | None = None
    gpus: int | None = None
    nodes: int | None = None
    queue: str | None = None
    account: str | None = None
    """Whom the job is charged to."""
    qos: str | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """What a job consumed until its end, as the batch system measured it. None: it does not say."""

    user_cpu_s: float | None = None
    """With the system's share, where the batch system does not tell them apart."""
    system_cpu_s: float | None = None
    peak_memory_mb: int | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What the batch system says of one job. Times are seconds since the epoch."""

    stamp: str
    batch_id: str
    phase: Phase
    site_state: str
    reason: str | None = None
    """Why it waits or is held, or what went wrong with it, in the batch system's own words."""
    submitted_at: float | None = None
    started_at: float | None = None
    ended_at: float | None = None
    node: str | None = None
    exit_code: int | None = None
    exit_signal: int | None = None
    cause: Cause | None = None
    assumed: bool = False
    """Of an end: the batch system may only assume it, and what the job itself wrote down decides."""
    granted: Granted | None = None
    """Of a job that runs or ran."""
    used: Used | None = None
    """Of a job that has ended."""


@dataclass(frozen=True, slots=True)
class Listing:
    """All our jobs that the batch system lists.

    Absence from it proves something only when it is `complete`. A job can be in it more than once
    (the same stamp twice is what must never be). What `problem` says of a complete one is a remark.
    """

    observations: tuple[Observation, ...]
    complete: bool
    problem: str | None = None
    arrays: frozenset[str] = frozenset()
    """Our job arrays of which anything is listed, by the ids that `bosco.batch.arrays.array_of` finds."""


@dataclass(frozen=True, slots=True)
class JobRecord:
    """What the job itself wrote down on the worker node: its start and, maybe, its end."""

    started_at: float | None = None
    node: str | None = None
    batch_id: str | None = None
    ended_at: float | None = None
    exit_code: int | None = None
    error: str | None = None
    """Why the wrapper could not even start the pilot."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Bytes of `stdout` and `stderr` at the end."""
    user_cpu_s: float | None = None
    """Of the pilot and all its children that were waited for."""
    system_cpu_s: float | None = None
    peak_memory_mb: int | None = None
    """The most that the job's control group was charged with, where the batch system made one."""

    @property
    def ended(self) -> bool:
        """Whether the job saw its own end."""
        return self.exit_code is not None
