"""What a probe of a cluster found, as JSON."""

from __future__ import annotations

from dataclasses import asdict

from pydantic import BaseModel, Field

from hosted_ce.api.schemas.site import FindingOut
from hosted_ce.api.times import Timestamp, rfc3339
from hosted_ce.api.views import ProbedView

UNKNOWN = "Why a field is not known, by its name. A null without a reason: there is none, or any will do."


class QueueLimitsOut(BaseModel):
    """The most that one job on one node can be given. Null: no limit is told."""

    walltime_s: int | None = Field(description="Seconds.")
    memory_mb: int | None = Field(description="Of 1024 * 1024 bytes.")
    cpus: int | None
    gpus: int | None


class QueueOut(BaseModel):
    """A queue or partition."""

    name: str
    open: bool = Field(description="Whether it takes jobs and starts them.")
    usable: bool | None = Field(description="Whether our account may use it; null: that cannot be told.")
    why: str | None = Field(description="Why it is closed, not usable, or why that cannot be told.")
    limits: QueueLimitsOut


class NodeShapeOut(BaseModel):
    """Nodes that are alike. Null: it is not told."""

    queue: str | None = Field(description="Where they can be asked for; null: anywhere.")
    nodes: int
    cpus: int = Field(description="Of each of them.")
    memory_mb: int | None
    gpus: int | None
    idle_cpus: int | None = Field(description="Cores of all of them that nobody used then.")


class BatchFactsOut(BaseModel):
    """The batch system."""

    name: str = Field(examples=["Slurm"])
    version: str | None = Field(examples=["22.05.8"])
    queues: list[QueueOut] | None
    default_queue: str | None
    limits: QueueLimitsOut = Field(description="Of a job in any queue.")
    shapes: list[NodeShapeOut] | None = Field(description="Which nodes there are.")
    most_jobs: int | None = Field(description="Most jobs of our account, waiting and running.")
    accounts: list[str] | None = Field(description="Accounts that our jobs may be charged to.")
    qos: list[str] | None = Field(description="Qualities of service that our jobs may ask for.")
    records: str = Field(description="Of jobs that are listed no more: on, off, away or unknown.")
    rate_limited: bool = Field(
        description="Whether it says that it limits how many requests a user may send."
    )
    largest_array: int | None = Field(description="How many jobs may share an array; 0: none may.")
    remembers_s: int | None = Field(description="For how many seconds an ended job is listed.")
    problems: list[str] = Field(description="What it says that keeps jobs out.")
    failed: list[str] = Field(description="Commands that did not answer; it is probed again soon.")
    unknown: dict[str, str] = Field(description=UNKNOWN)


class FolderOut(BaseModel):
    """A folder at the login node, and the file system that it is on. Null: it does not tell."""

    path: str
    writable: bool | None
    read_only: bool | None = Field(description="Whether its file system is mounted so.")
    noexec: bool | None = Field(description="Whether programs in it cannot be run at the login node.")
    free_bytes: int | None
    free_inodes: int | None
    problem: str | None = Field(description="Why it tells nothing.")


class QuotaOut(BaseModel):
    """What our account may store on one file system. Null: no limit."""

    filesystem: str
    used_bytes: int
    most_bytes: int | None
    used_inodes: int | None
    most_inodes: int | None


class NoiseOut(BaseModel):
    """What the login shell prints before a command's own output."""

    size: int = Field(description="Bytes.")
    beginning: str


class InstalledAgentOut(BaseModel):
    """The agent that the site has installed as the only command of our key."""

    program: str = Field(description="By what it knows itself.")
    current: bool = Field(description="Whether it is the one of this CE's version.")


class LoginFactsOut(BaseModel):
    """The login node, as our account finds it."""

    host: str
    user: str
    python: str = Field(description="Path of the Python that our agent runs on.")
    python_version: str
    tools: dict[str, str | None] = Field(description="Absolute paths of the batch commands; null: not found.")
    home: FolderOut
    spool: FolderOut
    locale: dict[str, str] = Field(description="The variables that set it.")
    clock_offset_s: float = Field(description="By how many seconds its clock is ahead of ours.")
    clock_error_s: float = Field(description="By so much the offset may be wrong.")
    noise: NoiseOut
    sessions: bool | None = Field(
        description="Whether more than one session is allowed on our connection; we need one."
    )
    installed: InstalledAgentOut | None = Field(
        None, description="Null: our key can do there what the account can."
    )
    quotas: list[QuotaOut] | None
    unknown: dict[str, str] = Field(description=UNKNOWN)


class CapabilitiesOut(BaseModel):
    """What a cluster is, and what our account can do there: what the last probe of it found."""

    cluster: str
    taken_at: Timestamp
    findings: list[FindingOut] = Field(
        description="What is wrong with it, and what contradicts the site file as it is now; problems first."
    )
    batch: BatchFactsOut
    login: LoginFactsOut
    commands: int = Field(description="How many commands were run at the login node for it.")
    took_s: float = Field(description="How many seconds it took.")


def capabilities_out(cluster: str, probed: ProbedView) -> CapabilitiesOut:
    """A record as JSON."""
    return CapabilitiesOut.model_validate(
        {
            "cluster": cluster,
            "taken_at": rfc3339(probed.taken_at),
            "findings": [asdict(finding) for finding in probed.findings],
            **probed.found,
        }
    )
