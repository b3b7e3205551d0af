"""A route: which pilots it takes, what it asks the batch system for, and how many it may have there."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from hosted_ce.site.fields import (
    BatchWord,
    Directive,
    Expression,
    Label,
    Memory,
    SiteModel,
    Variable,
    VariableValue,
    WallTime,
    duration_field,
    memory_field,
)


class Request(SiteModel):
    """What a batch job asks for where its pilot does not say.

    A pilot's own xcount, maxMemory, maxWallTime, queue and project win. Defaults are HTCondor-CE's.
    """

    cpus: int = Field(default=1, ge=1, le=100_000, description="CPU cores for each pilot.", examples=[8])
    memory: Memory = memory_field(
        "2000 MB", "Memory for each pilot, not for each core, as in 32 GB or 2048 MB; 1 GB is 1024 MB."
    )
    walltime: WallTime = duration_field(
        "72h", "How long a pilot may run, as in 72h, 90m, 1d 12h or Slurm's 3-00:00:00; at least 1m."
    )
    queue: BatchWord | None = Field(
        default=None,
        description="Slurm partition. When it is left out the cluster's default partition is used.",
        examples=["osg"],
    )
    account: BatchWord | None = Field(
        default=None,
        description="The account that the batch system charges (sbatch --account). Not the Unix account.",
        examples=["osgproject"],
    )
    qos: BatchWord | None = Field(
        default=None, description="Quality of service (sbatch --qos).", examples=["opportunistic"]
    )
    gpus: int = Field(default=0, ge=0, le=1_024, description="GPUs for each pilot.")
    whole_node: bool = Field(
        default=False, description="Whether each pilot gets a node of its own, with all that is in it."
    )
    extra: tuple[Directive, ...] = Field(
        default=(),
        strict=False,
        description="Further options of sbatch, one to an item, as --name=value or -x value. "
        "Options that the CE sets itself, such as --output or --time, are refused.",
        examples=[["--constraint=avx2", "--nice=100"]],
    )
    environment: Mapping[Variable, VariableValue] = Field(
        default_factory=dict,
        description="Environment variables for the pilot; they win over what it brings itself. Quote values "
        "that look like numbers.",
        examples=[{"OSG_SITE_NAME": "Example"}],
    )


class Limits(SiteModel):
    """How many pilots of a route may be at the site at the same time. The CE enforces them exactly."""

    pilots: int = Field(
        default=100,
        ge=0,
        le=1_000_000,
        description="Most pilots, waiting and running together; 0 admits no new ones.",
    )
    idle: int = Field(
        default=10, ge=1, le=1_000_000, description="Most pilots that wait in the site's queue, at least 1."
    )


class Route(SiteModel):
    """A rule that sends pilots to a cluster. Routes are tried in the order of the file."""

    name: Label = Field(
        description="Name of the route, unique in this file; metrics, logs and explanations use it.",
        examples=["default", "gpu"],
    )
    cluster: Label | None = Field(
        default=None,
        description="Name of the cluster that its pilots go to. May be left out when there is one cluster.",
        examples=["main"],
    )
    when: Expression | None = Field(
        default=None,
        description="ClassAd expression over the pilot's attributes: the route takes pilots for which it is "
        "true. When it is left out the route takes every pilot.",
        examples=["RequestGPUs =?= undefined || RequestGPUs == 0"],
    )
    request: Request = Field(
        default_factory=Request, description="What the batch job asks for where the pilot does not say."
    )
    limits: Limits = Field(
        default_factory=Limits, description="How many pilots the route may have at the site."
    )
