"""The machine and the program: versions, the environment, the process that runs."""

from __future__ import annotations

import os
import platform
import re
import resource
import shutil
import sqlite3
import ssl
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from hosted_ce.settings import Settings

PACKAGE = "hosted-ce"
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_SHOWN = ("PATH", "LANG", "LC_ALL", "TZ", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "CONDOR_CONFIG")
_OF_PROCESS = ("Name", "State", "Threads", "VmRSS", "VmHWM", "FDSize", "voluntary_ctxt_switches")


def versions() -> dict[str, Any]:
    """Of this program, of what it needs, and of the machine."""
    return {
        PACKAGE: metadata.version(PACKAGE),
        "python": sys.version,
        "executable": sys.executable,
        "openssl": ssl.OPENSSL_VERSION,
        "sqlite": sqlite3.sqlite_version,
        "platform": platform.platform(),
        "os": platform.freedesktop_os_release().get("PRETTY_NAME"),
        "packages": {name: _version(name) for name in sorted(_needed())},
    }


def _needed() -> set[str]:
    """What the package asks for, extras left out."""
    wanted = (one for one in metadata.requires(PACKAGE) or () if "extra ==" not in one)
    return {found[0] for one in wanted if (found := _NAME.match(one))}


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def environment(settings: Settings) -> dict[str, Any]:
    """What the program finds around it: variables, limits, disk, memory, load, the time."""
    disk = shutil.disk_usage(_existing(settings.state))
    own = {name: value for name, value in os.environ.items() if name.startswith("HOSTED_CE_")}
    return {
        "now": datetime.now(UTC).isoformat(),
        "uptime_s": float(Path("/proc/uptime").read_text().split()[0]),
        "host": platform.node(),
        "user": os.getuid(),
        "folder": str(Path.cwd()),
        "variables": own | {name: os.environ[name] for name in _SHOWN if name in os.environ},
        "open_files": resource.getrlimit(resource.RLIMIT_NOFILE),
        "processors": os.cpu_count(),
        "load": os.getloadavg(),
        "memory": _memory(),
        "disk": {
            "total": disk.total,
            "free": disk.free,
            "inodes_free": os.statvfs(_existing(settings.state)).f_favail,
        },
    }


def _existing(folder: Path) -> Path:
    folder = folder.absolute()
    return next(each for each in (folder, *folder.parents) if each.exists())


def _memory() -> dict[str, str]:
    lines = (line.partition(":") for line in Path("/proc/meminfo").read_text().splitlines())
    return {
        name: value.strip() for name, _, value in lines if name in {"MemTotal", "MemAvailable", "SwapFree"}
    }


def process(settings: Settings) -> dict[str, Any]:
    """The CE's process, by the lock that it holds. Raises LookupError when none runs."""
    lock = settings.state / "lock"
    number = lock.read_text().strip() if lock.exists() else ""
    status = Path("/proc") / number / "status"
    if not number.isdecimal() or not status.exists():
        raise LookupError(f"no process holds {lock}: the CE does not run")
    lines = (line.partition(":") for line in status.read_text().splitlines())
    facts = {name: value.strip() for name, _, value in lines if name in _OF_PROCESS}
    return {"pid": int(number), "open_files": len(list((status.parent / "fd").iterdir())), **facts}
