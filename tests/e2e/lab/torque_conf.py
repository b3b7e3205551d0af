"""The configuration of the lab's Torque, without what its defaults say as well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LOGIN, NODE, AWAY = "torque1", "n01", "n02"
"""The server, which is the login node; its only node; a node that never comes up."""
HOSTS = (LOGIN, NODE, AWAY)
CPUS = 8
HOME = "/var/spool/torque"
_FOLDERS = (
    *(f"server_priv/{name}" for name in (
        "accounting", "acl_groups", "acl_hosts", "acl_svr", "acl_users", "arrays", "credentials",
        "disallowed_types", "hostlist", "jobs", "queues",
    )),
    "mom_priv/jobs", "sched_priv/accounting", "aux", "job_logs", "mom_logs", "sched_logs", "server_logs",
)  # fmt: skip
_FOLDERS_FOR_ALL = ("checkpoint", "spool", "undelivered")


@dataclass(frozen=True)
class TorqueOptions:
    """The differences between labs."""

    shared_home: bool = True
    """Whether the node sees the homes of the login node; if not, Torque copies by scp."""
    keep_completed_s: int = 2
    """How long ended jobs are listed."""


def make_home(folder: Path, options: TorqueOptions) -> Path:
    """What an installation makes of Torque's own folder, empty; returns it."""
    for name in (*_FOLDERS, *_FOLDERS_FOR_ALL):
        (folder / name).mkdir(parents=True)
    for name in _FOLDERS_FOR_ALL:
        (folder / name).chmod(0o1777)
    (folder / "server_name").write_text(f"{LOGIN}\n")
    (folder / "pbs_environment").write_text("PATH=/bin:/usr/bin\nLANG=C.UTF-8\n")
    (folder / "mom_priv" / "config").write_text(_mom(options))
    (folder / "sched_priv" / "sched_config").write_text(_SCHEDULER)
    return folder


_SCHEDULER = """\
round_robin: False all
by_queue: True all
strict_fifo: true all
fair_share: false all
help_starving_jobs true all
sort_queues true all
load_balancing: false all
log_filter: 256
dedicated_prefix: ded
max_starve: 24:00:00
half_life: 24:00:00
unknown_shares: 10
sync_time: 1:00:00
"""


def _mom(options: TorqueOptions) -> str:
    copies = ["$usecp *:/home /home"] if options.shared_home else []
    return "\n".join([f"$pbsserver {LOGIN}", "$status_update_time 5", "$check_poll_time 2", *copies, ""])


def directives(options: TorqueOptions) -> Iterator[str]:
    """What qmgr is told once the server is there."""
    for node in (NODE, AWAY):
        yield f"create node {node} np={CPUS}"
    yield "create queue batch queue_type=execution"
    yield "set queue batch enabled=true"
    yield "set queue batch started=true"
    yield "set server default_queue=batch"
    yield "set server scheduling=true"
    yield "set server scheduler_iteration=2"
    yield f"set server keep_completed={options.keep_completed_s}"
