"""What is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hosted_ce.front_door.layout import Layout
from hosted_ce.site import FrontDoor, SiteFile


@dataclass(frozen=True, slots=True)
class Subject:
    """A front door, and how to reach it."""

    site: SiteFile
    wanted: FrontDoor
    layout: Layout
    config: Path
    """HTCondor's configuration that our daemon uses."""
    condor_bin: Path | None = None

    @property
    def elsewhere(self) -> bool:
        """Whether somebody else runs it, with files of their own."""
        return self.config != self.layout.config
