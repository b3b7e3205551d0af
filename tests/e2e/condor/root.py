"""The HTCondor that the tests run: Debian sid's, in a tree of its own (`tests/install-condor-root.sh`)."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.lab.daemons import run

_INSTALL = Path(__file__).parents[2] / "install-condor-root.sh"
_FOLDERS = ("usr/bin", "usr/sbin")
_ELF = b"\x7fELF"


def installed(minutes: float = 15) -> Path:
    """The folder of the tree, built now unless this machine has it; LabError when that fails."""
    return Path(run([str(_INSTALL)], timeout=minutes * 60).decode().strip())


def write_programs(folder: Path, root: Path, environment: Mapping[str, str]) -> None:
    """Fill `folder`, which belongs on PATH, with HTCondor's programs: `condor_master`, `condor_q` and so on.

    Each is a script that becomes the program, so that its process id, signals and exit code are the
    program's. They run with `environment` besides their caller's, and know where the tree is whatever
    condor_config says.
    """
    settings = {
        "_CONDOR_RELEASE_DIR": str(root / "usr"),
        "_CONDOR_LIBEXEC": str(root / "usr/libexec/condor"),
        **environment,
    }
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items())
    folder.mkdir(mode=0o755)
    for program in _programs(root):
        script = folder / program.name
        script.write_text(f'#!/bin/sh\n{exports}exec {program} "$@"\n')
        script.chmod(0o755)


def _programs(root: Path) -> list[Path]:
    found = [path for folder in _FOLDERS for path in (root / folder).glob("condor_*")]
    return [path for path in found if path.is_file() and _is_elf(path)]


def _is_elf(path: Path) -> bool:
    with path.open("rb") as program:
        return program.read(len(_ELF)) == _ELF
