"""Slurm whose nodes do not see the spool: what a job's script has more, and what is done after a listing.

Slurm carries the script to the node and nothing back. What comes back does so through job steps, which `srun`
at the login node runs beside the pilot: the job says in its comment where its outputs are and waits for
somebody to come for them (`slurm/courier.sh`); after each listing somebody does (`slurm/porter.sh`).
"""

from __future__ import annotations

from importlib import resources

from bosco.batch.answers import said
from bosco.batch.carried import carried_script
from bosco.batch.model import BatchRequest, CommandResult
from bosco.batch.protocol import Command

_COURIER = resources.files("bosco.batch").joinpath("slurm/courier.sh").read_text()
_PORTER = resources.files("bosco.batch").joinpath("slurm/porter.sh").read_text()
LARGEST = 4 * 1024 * 1024 - 1
"""Slurm's max_script_size, unless the site has changed it: sbatch then says so itself."""
NOTICE_S = 240
"""How long before its walltime a pilot gets SIGTERM: it may take two minutes, and its outputs one."""
PATIENCE_S = 300
"""How long an ended pilot's job waits for somebody to come for its outputs. Then they are lost."""
PORTER_S = 20
"""The porter begins nothing more after so long."""
STEP_S = 10
"""How long each of its steps may take: one that hangs leaves time for those behind it."""
GRACE_S = 2
"""How long a step has to end when it is told to; then it is killed."""


def script(request: BatchRequest, *, job_id: str, cgroup: str, patience_s: int) -> str:
    """The shell text that follows the directives."""
    return carried_script(
        request,
        delivery=_COURIER,
        job_id=job_id,
        cgroup=cgroup,
        settings={"HCE_PATIENCE_S": patience_s, "HCE_WALLTIME_S": request.walltime_s},
    )


def porter(user: str) -> Command:
    """Carries start records and outputs home, and new credentials to pilots; in the spool's folder."""
    times = map(str, (PORTER_S, STEP_S, GRACE_S))
    return Command(("sh", "-c", _PORTER, "hosted_ce", user, *times))


def trouble(result: CommandResult) -> str | None:
    """What the porter could not do. It is tried again after the next listing."""
    lines = result.stderr.decode("utf-8", "replace").splitlines()
    if lines:
        more = f" (and {len(lines) - 1} more such lines)" if len(lines) > 1 else ""
        return f"files are not carried between login node and worker nodes: {lines[0]}{more}"
    if result.complete and result.exit_code == 0:
        return None
    return f"files are not carried between login node and worker nodes: {said(result)}"
