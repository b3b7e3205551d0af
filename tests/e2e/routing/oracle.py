"""What the real HTCondor makes of pilots: condor_job_router_info, without any daemon."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

BOOKKEEPING = frozenset({"Managed", "ManagedManager"})
"""Attributes by which HTCondor claims a job in its queue; they say nothing of routes."""

_COMMON = """\
CONDOR_IDS = 0.0
LOG = {folder}
SPOOL = {folder}
JOB_ROUTER_DEFAULT_MAX_JOBS_PER_ROUTE = 1000000
JOB_ROUTER_DEFAULT_MAX_IDLE_JOBS_PER_ROUTE = 1000000
"""
_SUBMITTED = re.compile(r"^submit_job as .*?:\n(.*?)\n\n(?=\(src=)", re.MULTILINE | re.DOTALL)
_ATTRIBUTE = re.compile(r"^([A-Za-z_]\w*) = ", re.MULTILINE)
_ROUTE = re.compile(r'^Route \d+\nName +: "(.*)"$', re.MULTILINE)


@dataclass(frozen=True)
class Verdict:
    """What HTCondor did: the routes that it took, the routed ads by job id, and what it printed."""

    routes: tuple[str, ...]
    enabled: bool
    ads: dict[str, dict[str, str]]
    output: str


class OracleDied(Exception):
    """HTCondor's program did not end well."""


@dataclass(frozen=True)
class Oracle:
    """`program` is condor_job_router_info."""

    program: Path

    def judge(self, config: str, ads: Sequence[str], *, timeout: float = 60) -> Verdict:
        """Routes the ads (each with ClusterId and ProcId) by the configuration. Raises OracleDied."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "config").write_text(_COMMON.format(folder=folder) + config, encoding="utf-8")
            (folder / "ads").write_text("\n".join(ads) + "\n", encoding="utf-8")
            argv = [str(self.program), "-config", "-match-jobs", "-route-jobs", "-", "-log-steps"]
            ended = subprocess.run(
                [*argv, "-jobads", str(folder / "ads")],
                env={**os.environ, "CONDOR_CONFIG": str(folder / "config")},
                capture_output=True,
                timeout=timeout,
            )
        output = ended.stdout.decode() + ended.stderr.decode()
        if ended.returncode:
            raise OracleDied(f"it ended with {ended.returncode}: {output[-2000:]}")
        return _read(ended.stdout.decode(), output)


def _read(printed: str, output: str) -> Verdict:
    ads = {}
    for found in _SUBMITTED.finditer(printed):
        attributes = read_printed_ad(found[1])
        ads[attributes["RoutedFromJobId"].strip('"')] = attributes
    return Verdict(tuple(_ROUTE.findall(printed)), "JobRouter is disabled" not in output, ads, output)


def read_printed_ad(text: str) -> dict[str, str]:
    """The attributes of a printed ad; a text with line breaks goes on until the next attribute begins."""
    starts = list(_ATTRIBUTE.finditer(text))
    ends = [start.start() - 1 for start in starts[1:]] + [len(text)]
    return {
        start[1]: text[start.end() : end]
        for start, end in zip(starts, ends, strict=True)
        if start[1] not in BOOKKEEPING
    }
