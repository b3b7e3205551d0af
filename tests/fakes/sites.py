"""Site files of tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from hosted_ce.site import SiteFile

KEY_MODE = 0o600


def cluster(host: str = "login.example.edu", **more: Any) -> dict[str, Any]:
    """A cluster as a file spells it; its key and known_hosts are beside the file in `write_site`."""
    given = {
        "batch": "slurm",
        "login": [{"host": host}],
        "account": "osg01",
        "key": "/k",
        "known_hosts": "/h",
    }
    return {**given, **more}


def route(name: str, **more: Any) -> dict[str, Any]:
    """A route as a file spells it."""
    return {"name": name, **more}


def document(*routes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A site file with one cluster, main."""
    return {
        "site": "Example-University", "resource": "Example-CE1", "clusters": {"main": cluster()},
        "routes": list(routes) or [route("default")], **more,
    }  # fmt: skip


def site(*routes: dict[str, Any], **more: Any) -> SiteFile:
    """What it says."""
    return SiteFile.model_validate(document(*routes, **more))


def write_site(path: Path, *routes: dict[str, Any], **more: Any) -> Path:
    """Writes one whose files are there, beside it."""
    key, known_hosts = path.parent / "key", path.parent / "known_hosts"
    if not key.exists():
        key.write_text("a key")
        key.chmod(KEY_MODE)
        known_hosts.write_text("login.example.edu ssh-ed25519 AAAA\n")
    said = document(*routes, **more)
    for entry in said["clusters"].values():
        named = {"key": key, "known_hosts": known_hosts}
        entry |= {name: str(named[name]) if len(entry[name]) == len("/k") else entry[name] for name in named}
    path.write_text(yaml.safe_dump(said, sort_keys=False))
    return path
