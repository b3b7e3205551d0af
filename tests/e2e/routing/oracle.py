"""What the real HTCondor makes of pilots: condor_job_router_info, without any daemon."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

BOOKKEEPING = frozenset({"Managed", "ManagedManager"})
"""Attributes by which HTCondor claims a job in its queue; they say nothing of routes."""

SETTINGS = """\
JOB_ROUTER_DEFAULT_MAX_JOBS_PER_ROUTE = 1000000
JOB_ROUTER_DEFAULT_MAX_IDLE_JOBS_PER_ROUTE = 1000000
"""
"""Read by both sides before anything else: no batch fills a route."""
_SUBMITTED = re.compile(r"^submit_job as .*?:\n(.*?)\n\n(?=\(src=)", re.MULTILINE | re.DOTALL)
_ATTRIBUTE = re.compile(r"^([A-Za-z_]\w*) = ", re.MULTILINE)
_ROUTE = re.compile(
    r'^Name +: "(.*)"\nSource.*\nUniverse +: (.*)\nMaxJobs +: (.*)\nMaxIdleJobs +: (.*)$', re.MULTILINE
)


class RouteInfo(NamedTuple):
    """A route as HTCondor took it."""

    name: str
    universe: int
    max_jobs: int
    max_idle: int


@dataclass(frozen=True)
class Verdict:
    """What HTCondor did: the routes that it took, the routed ads by job id, and what it printed."""

    routes: tuple[RouteInfo, ...]
    enabled: bool
    ads: dict[str, dict[str, str]]
    output: str


class OracleDied(Exception):
    """HTCondor's program did not end well; `signal` is whether a signal ended it."""

    def __init__(self, message: str, *, signal: bool) -> None:
        super().__init__(message)
        self.signal = signal


@dataclass(frozen=True)
class Oracle:
    """`program` is condor_job_router_info."""

    program: Path

    def judge(self, config: str, ads: Sequence[str], *, timeout: float = 20) -> Verdict:
        """Routes the ads (each with ClusterId and ProcId) by the configuration. Raises OracleDied."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            common = f"CONDOR_IDS = 0.0\nLOG = {folder}\nSPOOL = {folder}\n{SETTINGS}"
            (folder / "config").write_text(common + config, encoding="utf-8")
            (folder / "ads").write_text("\n".join(ads) + "\n", encoding="utf-8")
            argv = [str(self.program), "-config", "-match-jobs", "-route-jobs", "-", "-log-steps"]
            try:
                ended = subprocess.run(
                    [*argv, "-jobads", str(folder / "ads")],
                    env={**os.environ, "CONDOR_CONFIG": str(folder / "config")},
                    capture_output=True,
                    timeout=timeout,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise OracleDied(f"it did not end within {timeout} seconds", signal=False) from error
        output = (ended.stdout + ended.stderr).decode(errors="replace")
        if ended.returncode:
            raise OracleDied(f"{ended.returncode}: {output[-2000:]}", signal=ended.returncode < 0)
        return _read(ended.stdout.decode(), output)


def _read(printed: str, output: str) -> Verdict:
    ads = {}
    for found in _SUBMITTED.finditer(printed):
        attributes = read_printed_ad(found[1])
        ads[attributes["RoutedFromJobId"].strip('"')] = attributes
    routes = (RouteInfo(name, *map(int, numbers)) for name, *numbers in _ROUTE.findall(printed))
    return Verdict(tuple(routes), "JobRouter is disabled" not in output, ads, output)


def read_printed_ad(text: str) -> dict[str, str]:
    """The attributes of a printed ad; a text with line breaks goes on until the next attribute begins.

    A line within a text that looks like an attribute is taken for one, and what has the same name is put
    together: both sides' ads are read here, so that it is the same for both.
    """
    starts = list(_ATTRIBUTE.finditer(text))
    ends = [start.start() - 1 for start in starts[1:]] + [len(text)]
    found: dict[str, list[str]] = {}
    for start, end in zip(starts, ends, strict=True):
        if start[1] not in BOOKKEEPING:
            found.setdefault(start[1], []).append(text[start.end() : end])
    return {name: "\n".join(sorted(values)) for name, values in found.items()}
