"""Whether this machine can run a lab."""

from __future__ import annotations

import os
import shutil

from tests.e2e.lab.daemons import ENVIRONMENT

COMMANDS = (
    *(
        "slurmctld",
        "slurmd",
        "slurmdbd",
        "sbatch",
        "squeue",
        "scancel",
        "sacct",
        "sacctmgr",
        "scontrol",
        "sinfo",
    ),
    *("munged", "munge", "mariadbd", "mariadb-admin", "mariadb-install-db"),
    *("sshd", "ssh", "ssh-keygen", "useradd"),
)

INSTALL = "run tests/install-system-packages.sh (Debian 12 or later)"


def unmet(commands: tuple[str, ...] = COMMANDS, uid: int | None = None) -> str | None:
    """What to do before a lab can run, in one line; None when everything is there."""
    missing = [command for command in commands if shutil.which(command, path=ENVIRONMENT["PATH"]) is None]
    if missing:
        return f"the lab needs {', '.join(missing)}: {INSTALL}"
    if (os.geteuid() if uid is None else uid) != 0:
        return "the lab needs root (slurmd starts jobs in the account's name): run these tests as root"
    return None
