"""One front door, put together: the site file's wishes, and the folder, account and programs they meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hosted_ce import __version__
from hosted_ce.front_door.account import owner_of
from hosted_ce.front_door.config import Machine, condor_config
from hosted_ce.front_door.errors import NoFrontDoor
from hosted_ce.front_door.files import make_signing_key, prepare_folders, write_files
from hosted_ce.front_door.layout import Layout
from hosted_ce.front_door.mapfile import mapfile
from hosted_ce.front_door.programs import Programs
from hosted_ce.site import FrontDoor, SiteFile


@dataclass(frozen=True, slots=True)
class Door:
    """A front door of this machine."""

    site: SiteFile
    wanted: FrontDoor
    layout: Layout
    programs: Programs
    user: str

    def texts(self) -> Mapping[Path, str]:
        """What its files should say. Raises Unwritable."""
        authorities = self.wanted.trusted_ca
        machine = Machine(
            self.layout, self.programs, self.user, ca_is_folder=bool(authorities and authorities.is_dir())
        )
        return {
            self.layout.config: condor_config(self.site, self.wanted, machine, __version__),
            self.layout.mapfile: mapfile(self.site.issuers, self.site.bans, user=self.user),
        }

    def write(self) -> list[Path]:
        """Makes the folders, the signing key and the files; returns what was new or is another now."""
        texts = self.texts()
        prepare_folders(self.layout)
        new = [self.layout.signing_key] if make_signing_key(self.layout) else []
        return [*new, *write_files(texts)]


def door_of(site: SiteFile, layout: Layout, programs: Programs) -> Door:
    """The front door that the site file asks for. Raises NoFrontDoor, UnfitState."""
    if site.front_door is None:
        raise NoFrontDoor(
            "the site file has no front_door, so there is none; add one as in routes/example.yaml"
        )
    return Door(site, site.front_door, layout, programs, owner_of(layout))
