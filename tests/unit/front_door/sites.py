"""Site files for tests of the front door, as models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hosted_ce.front_door.config import Machine
from hosted_ce.front_door.layout import Layout
from hosted_ce.front_door.programs import Programs
from hosted_ce.site import SiteFile


def site_with(*, door: dict[str, Any] | None = None, **parts: Any) -> SiteFile:
    """A site with a front door; `door` are changes of its part, `parts` of the whole."""
    cluster = {"batch": "slurm", "login": [{"host": "login.example.edu"}], "account": "osg01"}
    front_door = {"host": "ce.example.edu", "certificate": "/c/cert.pem", "certificate_key": "/c/key.pem"}
    data = {
        "site": "Example University",
        "resource": "Example-CE1",
        "clusters": {"main": {**cluster, "key": "/k", "known_hosts": "/h"}},
        "routes": [{"name": "default"}],
        "front_door": {**front_door, **(door or {})},
        **parts,
    }
    return SiteFile.model_validate(data)


def machine(**changes: Any) -> Machine:
    """A machine with Debian's package of HTCondor."""
    programs = Programs(Path("/usr/sbin/condor_master"), Path("/usr/libexec/condor"))
    known = {
        "layout": Layout(Path("/var/lib/hosted-ce/front-door")),
        "programs": programs,
        "user": "hosted-ce",
    }
    return Machine(**{**known, **changes})
