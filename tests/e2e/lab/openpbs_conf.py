"""The configuration of the lab's OpenPBS, without what its defaults say as well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LOGIN, NODE, AWAY = "pbs1", "n01", "n02"
"""The server, which is the login node; its only node; a node that never comes up."""
HOSTS = (LOGIN, NODE, AWAY)
CPUS = 8
HOME = "/var/spool/pbs"


@dataclass(frozen=True)
class OpenPbsOptions:
    """The differences between labs."""

    shared_home: bool = True
    """Whether the node sees the homes of the login node; if not, PBS copies by scp."""
    history: bool = True
    """Whether PBS keeps records of ended jobs, which it does not by default."""


def pbs_conf(exec_: Path, *, server: bool) -> str:
    """/etc/pbs.conf of the login node, or of the node."""
    started = {"SERVER": server, "SCHED": server, "COMM": server, "MOM": not server}
    lines = {
        "PBS_EXEC": exec_, "PBS_HOME": HOME, "PBS_SERVER": LOGIN, "PBS_SCP": "/usr/bin/scp",
        **{f"PBS_START_{name}": int(yes) for name, yes in started.items()},
    }  # fmt: skip
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def mom_config(options: OpenPbsOptions) -> str:
    """mom_priv/config of the node."""
    copies = ["$usecp *:/home/ /home/"] if options.shared_home else []
    return "\n".join([f"$clienthost {LOGIN}", "$enforce mem", *copies, ""])


def directives(options: OpenPbsOptions) -> Iterator[str]:
    """What qmgr is told once the server is there."""
    for node in (NODE, AWAY):
        yield f"create node {node}"
        yield f"set node {node} resources_available.ncpus = {CPUS}"
    if options.history:
        yield "set server job_history_enable = True"
