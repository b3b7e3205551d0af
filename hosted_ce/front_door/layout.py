"""Where the front door keeps what: one folder, for its own account only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("log", "spool", "lock", "run", "run/fs", "execute", "passwords.d", "tokens.d")
"""Below the front door's folder; all of mode 0700."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The names below one folder, which is absolute."""

    folder: Path

    @property
    def config(self) -> Path:
        """HTCondor's configuration: CONDOR_CONFIG names it."""
        return self.folder / "condor_config"

    @property
    def mapfile(self) -> Path:
        """Who comes as whom."""
        return self.folder / "mapfile"

    @property
    def signing_key(self) -> Path:
        """The key that signs IDTOKENs: whoever can read it can come as anybody."""
        return self.folder / "passwords.d" / "POOL"

    @property
    def spool(self) -> Path:
        """The queue and the pilots' files."""
        return self.folder / "spool"

    @property
    def logs(self) -> Path:
        """The daemons' logs."""
        return self.folder / "log"

    @property
    def pid_file(self) -> Path:
        """Which process is our condor_master."""
        return self.folder / "run" / "master.pid"

    def folders(self) -> list[Path]:
        """All folders, from the top."""
        return [self.folder, *(self.folder / name for name in FOLDERS)]


def layout_of(state: Path) -> Layout:
    """The front door's folder in a state folder."""
    return Layout(state.absolute() / "front-door")
