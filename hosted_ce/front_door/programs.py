"""Where HTCondor's programs are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hosted_ce.front_door.errors import ProgramsMissing

NEEDED = ("condor_master", "condor_collector", "condor_schedd")
"""What a front door cannot do without, besides condor_shared_port."""

VERSION_TIMEOUT_S = 10.0

_LIBEXEC = ("libexec/condor", "libexec", "lib/condor/libexec")
"""Below the folder that bin and sbin are in: Debian and RPMs, the tarball, older Debian."""


@dataclass(frozen=True, slots=True)
class Programs:
    """HTCondor as it is installed here."""

    master: Path
    libexec: Path | None = None
    """None when it is not beside the programs: then HTCondor's own default, or its environment, counts."""

    @property
    def folder(self) -> Path:
        """Where the daemons are."""
        return self.master.parent

    def macros(self) -> Mapping[str, Path]:
        """Configuration macros that say where HTCondor is installed."""
        found = {"RELEASE_DIR": self.folder.parent, "SBIN": self.folder}
        return found if self.libexec is None else {**found, "LIBEXEC": self.libexec}


def find_programs(folder: Path | None) -> Programs:
    """HTCondor's programs in `folder`, or on PATH and in /usr/sbin. Raises ProgramsMissing."""
    path = str(folder) if folder else os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin"))
    if (master := shutil.which("condor_master", path=path)) is None:
        where = f"in {folder}" if folder else "on the PATH or in /usr/sbin"
        raise ProgramsMissing(
            f"there is no condor_master {where}: install HTCondor 25 or later (package `condor`), "
            "or say with HOSTED_CE_CONDOR_BIN in which folder its programs are"
        )
    return Programs(Path(master), _libexec(Path(master)))


def _libexec(master: Path) -> Path | None:
    release = master.resolve().parent.parent
    folders = (release / name for name in _LIBEXEC)
    return next((folder for folder in folders if (folder / "condor_shared_port").is_file()), None)


def condor_version(programs: Programs) -> tuple[int, ...] | None:
    """HTCondor's version as it says itself; None if it does not."""
    try:
        done = subprocess.run(
            [programs.master, "-version"],
            env={**os.environ, "CONDOR_CONFIG": "ONLY_ENV"},
            capture_output=True,
            timeout=VERSION_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(rb"CondorVersion: (\d+)\.(\d+)\.(\d+)", done.stdout)
    return tuple(map(int, found.groups())) if found else None
