"""A route: which pilots it takes, what it asks the batch system for, and how many it may have there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from hosted_ce.site.errors import BadValue
from hosted_ce.site.fields import (
    BatchWord,
    Constraint,
    Directive,
    Expression,
    Label,
    Memory,
    NearPath,
    Prologue,
    SiteModel,
    Variable,
    VariableValue,
    WallTime,
    duration_field,
    memory_field,
)
from hosted_ce.site.formula import Formula, OrFormula
from hosted_ce.site.limits import Limits
from hosted_ce.site.ramp import OrTruth, Ramp

Cores = Annotated[int | Formula, OrFormula(Annotated[int, Field(ge=1, le=100_000)])]
Gpus = Annotated[int | Formula, OrFormula(Annotated[int, Field(ge=0, le=1_024)])]
Truth = Annotated[bool | Formula, OrFormula(bool)]
MemoryOr = Annotated[int | Formula, OrFormula(Memory)]
WallTimeOr = Annotated[int | Formula, OrFormula(WallTime)]
Word = Annotated[str | Formula, OrFormula(BatchWord)]
ConstraintOr = Annotated[str | Formula, OrFormula(Constraint)]
Option = Annotated[str | Formula, OrFormula(Directive)]
ValueOr = Annotated[str | Formula, OrFormula(VariableValue)]


class Request(SiteModel):
    """What a batch job asks for where its pilot does not say.

    A pilot's own xcount, maxMemory, maxWallTime, queue and project win. Defaults are HTCondor-CE's. A value
    that is a ClassAd expression over the pilot's attributes, written `= expression`, decides by itself; where
    it is undefined the pilot's own word counts. In expressions memory is in MB and walltime in seconds.
    """

    cpus: Cores = Field(default=1, description="CPU cores for each pilot.", examples=[8, "= xcount * 2"])
    memory: MemoryOr = memory_field(
        "2000 MB", "Memory for each pilot, not for each core, as in 32 GB or 2048 MB; 1 GB is 1024 MB."
    )
    walltime: WallTimeOr = duration_field(
        "72h", "How long a pilot may run, as in 72h, 90m, 1d 12h or Slurm's 3-00:00:00; at least 1m."
    )
    queue: Word | None = Field(
        default=None,
        description="Slurm partition. When it is left out the cluster's default partition is used.",
        examples=["osg"],
    )
    account: Word | None = Field(
        default=None,
        description="The account that the batch system charges (sbatch --account). Not the Unix account.",
        examples=["osgproject"],
    )
    qos: Word | None = Field(
        default=None, description="Quality of service (sbatch --qos).", examples=["opportunistic"]
    )
    gpus: Gpus = Field(default=0, description="GPUs for each pilot.")
    gpu_type: Word | None = Field(
        default=None, description="Which GPUs, as the batch system calls them.", examples=["a100"]
    )
    whole_node: Truth = Field(
        default=False, description="Whether each pilot gets a node of its own, with all that is in it."
    )
    constraint: ConstraintOr | None = Field(
        default=None,
        description="Features that the node must have (sbatch --constraint).",
        examples=["avx2&infiniband"],
    )
    reservation: Word | None = Field(
        default=None, description="A reservation to run in (sbatch --reservation).", examples=["osg_friday"]
    )
    extra: tuple[Option, ...] = Field(
        default=(),
        strict=False,
        description="Further options of sbatch, one to an item, as --name=value or -x value. "
        "Options that the CE sets itself, such as --output or --time, are refused. An expression sees the "
        "routed job; where it is undefined there is no option.",
        examples=[["--constraint=avx2", "--nice=100", '= strcat("--licenses=", License)']],
    )
    environment: Mapping[Variable, ValueOr] = Field(
        default_factory=dict,
        description="Environment variables for the pilot; they win over what it brings itself. Quote values "
        "that look like numbers. An expression sees the routed job; where it is undefined the variable is "
        "not set here.",
        examples=[{"OSG_SITE_NAME": "Example", "PILOT_MEMORY_MB": "= RequestMemory"}],
    )
    prologue: Prologue | None = Field(
        default=None,
        description="Shell text that runs on the worker node before the pilot, in its directory and "
        "environment, by /bin/sh with `set -e`: when it fails, the pilot does not begin. Nothing is put into "
        "the text; what it is to know of a pilot comes by environment.",
        examples=["module load apptainer\nulimit -s unlimited\n"],
    )


class HtcondorRoutes(SiteModel):
    """Routes in HTCondor-CE's own language, from its configuration files, run as HTCondor-CE runs them."""

    files: tuple[NearPath, ...] = Field(
        min_length=1,
        strict=False,
        description="HTCondor-CE's configuration files, in the order in which it reads them. Paths that do "
        "not begin with / go from the site file's folder. HTCondor-CE's defaults are read before them.",
        examples=[["ce-config/10-routes.conf"]],
    )
    clusters: Mapping[BatchWord, Label] = Field(
        default_factory=dict,
        description="The clusters of single routes, by the routes' names, where it is not the entry's own.",
        examples=[{"GPU_Route": "gpu-cluster"}],
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
    ramp: Annotated[Ramp | None, OrTruth()] = Field(
        default=None,
        description="How the route grows: it admits few pilots at first, and more as they run. When it is "
        "left out, or false, it admits as many as its limits say.",
        examples=[True, {"target": 100}],
    )
    if_full: Literal["wait", "next"] = Field(
        default="wait",
        description="What a pilot does that the route takes while it is full: wait for it, or go on to the "
        "next route.",
    )
    htcondor: HtcondorRoutes | None = Field(
        default=None,
        description="Routes in HTCondor-CE's own language, in place of one of this file. They bring their "
        "own conditions, requests and limits; a full one leaves the pilot to the next, as in HTCondor-CE.",
    )

    @model_validator(mode="after")
    def _check_language(self) -> Route:
        doubled = sorted(self.model_fields_set & {"when", "request", "if_full"})
        if self.htcondor is not None and doubled:
            raise BadValue(
                f"{', '.join(doubled)} cannot be beside htcondor:, whose routes say that themselves",
                "write it into HTCondor-CE's files, or make another route",
            )
        if self.htcondor is not None and self.limits.model_fields_set - {"submits_per_minute"}:
            raise BadValue(
                "only submits_per_minute can be limited beside htcondor:, whose routes have MaxJobs and "
                "MaxIdleJobs",
                "use the limits of the cluster for all routes together",
            )
        return self
