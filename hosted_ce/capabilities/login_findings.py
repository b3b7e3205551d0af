"""What is wrong at a login node, from a probe's facts. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bosco.capabilities import Folder, LoginFacts, Quota
from hosted_ce.capabilities.finding import Finding, Weight

MIB, GIB = 2**20, 2**30
LITTLE_BYTES, HARDLY_BYTES = 5 * GIB, 200 * MIB
LITTLE_INODES, HARDLY_INODES = 20_000, 1_000
NEARLY_FULL = 0.9
CLOCK_OFF_S = 60.0
MAKE_ROOM = "make room, or ask the site for more"


def login_findings(login: LoginFacts) -> Iterator[Finding]:
    """All of them."""
    yield from _tools(login)
    yield from _spool(login.spool)
    for quota in login.quotas or ():
        yield from _quota(quota)
    yield from _home(login.home)
    yield from _clock(login)
    if login.noise.size:
        yield Finding(
            "shell-noise", Weight.WARNING,
            f"the login shell prints {login.noise.size} bytes before any command's output, beginning with "
            f"{login.noise.beginning!r}",
            "it is skipped and costs nothing but time; in the account's ~/.bashrc, print only if the shell "
            "is interactive",
        )  # fmt: skip


def _tools(login: LoginFacts) -> Iterator[Finding]:
    missing = [name for name, path in login.tools.items() if path is None]
    if missing:
        yield Finding(
            "tool-missing", Weight.PROBLEM,
            f"{', '.join(missing)}: not found at {login.host}",
            "find their folder at the login node (`bash -lc 'command -v NAME'`) and write it into the "
            "cluster's `path`",
        )  # fmt: skip


def _spool(spool: Folder) -> Iterator[Finding]:
    if spool.read_only:
        yield Finding(
            "spool-read-only", Weight.PROBLEM, f"the file system of the spool {spool.path} is read-only",
            "ask the site; a file system that had errors is often mounted so",
        )  # fmt: skip
    if spool.noexec:
        yield Finding(
            "spool-noexec", Weight.WARNING,
            f"programs cannot be run from the spool {spool.path} at the login node (noexec)",
            "if it is so on the worker nodes as well, pilots fail: set `scratch` to a folder of the worker "
            "nodes, or another `spool`",
        )  # fmt: skip
    space, files = spool.free_bytes, spool.free_inodes
    if space is not None and space < LITTLE_BYTES:
        said = f"the spool {spool.path} has room for {space / MIB:.0f} MiB only"
        yield Finding("spool-space", _scarce(space, HARDLY_BYTES), said, MAKE_ROOM)
    if files is not None and files < LITTLE_INODES:
        said = f"the spool {spool.path} has room for {files} files only"
        yield Finding("spool-inodes", _scarce(files, HARDLY_INODES), said, MAKE_ROOM)


def _scarce(free: int, hardly: int) -> Weight:
    return Weight.PROBLEM if free < hardly else Weight.WARNING


def _quota(quota: Quota) -> Iterator[Finding]:
    for what, used, most in (
        ("space", quota.used_bytes, quota.most_bytes), ("files", quota.used_inodes, quota.most_inodes)
    ):  # fmt: skip
        if not most or used is None or used < NEARLY_FULL * most:
            continue
        yield Finding(
            "quota", Weight.PROBLEM if used >= most else Weight.WARNING,
            f"{used / most:.0%} of the account's quota for {what} on {quota.filesystem} is used",
            "remove what is not needed, or ask the site for more",
        )  # fmt: skip


def _home(home: Folder) -> Iterator[Finding]:
    if home.problem or home.writable is False:
        yield Finding(
            "home-not-writable", Weight.WARNING,
            f"the home {home.path} cannot be written: {home.problem or 'no permission'}",
            "ask the site: batch systems keep files there, too",
        )  # fmt: skip


def _clock(login: LoginFacts) -> Iterator[Finding]:
    off = login.clock_offset_s
    if abs(off) - login.clock_error_s > CLOCK_OFF_S:
        yield Finding(
            "clock-off", Weight.WARNING,
            f"the clock of {login.host} is {abs(off):.0f} s {'ahead' if off > 0 else 'behind'}",
            "see which of the two is wrong (`chronyc tracking` here and there): by a wrong clock, valid "
            "credentials are refused",
        )  # fmt: skip
