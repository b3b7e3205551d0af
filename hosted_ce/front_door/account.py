"""The account that the front door runs as: an ordinary user with a name."""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path

from hosted_ce.front_door.errors import UnfitState
from hosted_ce.front_door.layout import Layout


def name_of(uid: int) -> str:
    """The user's name. Raises UnfitState for one without: HTCondor knows who we are by name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        raise UnfitState(
            f"user {uid} has no name on this machine, and HTCondor needs one: add it to /etc/passwd"
        ) from None


def owner_of(layout: Layout) -> str:
    """Who the front door's folder belongs to; ourselves while there is none."""
    try:
        return name_of(layout.folder.stat().st_uid)
    except FileNotFoundError:
        return name_of(os.geteuid())
    except PermissionError:
        raise UnfitState(f"{layout.folder} cannot be looked at; run this as the service's user") from None


def refuse_root() -> None:
    """Raises UnfitState for root: HTCondor would look for a user `condor`, and all files would be root's."""
    if os.geteuid() == 0:
        program = Path(sys.executable).with_name("hosted-ce")  # sudo has a PATH of its own
        raise UnfitState(
            "the front door does not run as root; run this as the service's user, as in "
            f"`sudo -u hosted-ce {program} front-door ...`"
        )
