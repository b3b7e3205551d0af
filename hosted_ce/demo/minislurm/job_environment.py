"""What a job finds in its environment: what `--export` lets through, and what Slurm adds."""

from __future__ import annotations

import os

from .request import Request
from .site import Site

_LOGIN = ("HOME", "LOGNAME", "PATH", "SHELL", "USER")
_CLUSTER = "minislurm"


def job_environment(job: Request, job_id: int, *, owner: str, site: Site) -> dict[str, str]:
    """The environment of this job, taken from that of the command that submits it."""
    return _exported(job.export) | _slurm(job, job_id, owner, site)


def _exported(export: str) -> dict[str, str]:
    words = export.split(",")
    chosen: dict[str, str] = {}
    if "ALL" in words:
        chosen.update(os.environ)
    elif words != ["NIL"]:
        chosen.update({name: os.environ[name] for name in _LOGIN if name in os.environ})
    for word in words:
        name, equals, value = word.partition("=")
        if equals:
            chosen[name] = value
        elif name in os.environ:
            chosen[name] = os.environ[name]
    return chosen


def _slurm(job: Request, job_id: int, owner: str, site: Site) -> dict[str, str]:
    values = {
        "ENVIRONMENT": "BATCH",
        "SLURMD_NODENAME": site.node,
        "SLURM_CLUSTER_NAME": _CLUSTER,
        "SLURM_CPUS_ON_NODE": job.cpus,
        "SLURM_CPUS_PER_TASK": job.cpus_per_task,
        "SLURM_JOBID": job_id,
        "SLURM_JOB_ACCOUNT": job.account or None,
        "SLURM_JOB_CPUS_PER_NODE": job.cpus,
        "SLURM_JOB_ID": job_id,
        "SLURM_JOB_NAME": job.name,
        "SLURM_JOB_NODELIST": site.node,
        "SLURM_JOB_NUM_NODES": 1,
        "SLURM_JOB_PARTITION": job.partition,
        "SLURM_JOB_UID": os.getuid(),
        "SLURM_JOB_USER": owner,
        "SLURM_LOCALID": 0,
        "SLURM_MEM_PER_NODE": job.memory_mb,
        "SLURM_NNODES": 1,
        "SLURM_NODEID": 0,
        "SLURM_NODELIST": site.node,
        "SLURM_NTASKS": job.ntasks,
        "SLURM_PROCID": 0,
        "SLURM_SUBMIT_DIR": os.getcwd(),
        "SLURM_SUBMIT_HOST": site.node,
    }
    return {name: str(value) for name, value in values.items() if value is not None}
