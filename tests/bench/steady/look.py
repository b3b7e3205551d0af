"""One look at a running CE from outside: /proc, its files, its metrics."""

from __future__ import annotations

import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.bench.login_node import spent
from tests.bench.steady.inside import Inside
from tests.e2e.ce import Ce
from tests.e2e.lab import process

_AT_SITE = ("list", "submit", "evidence", "fetch")
_TIMED = {
    **{name: ("hosted_ce_site_operation_seconds", {"operation": name}) for name in _AT_SITE},
    "reads": ("hosted_ce_database_seconds", {"operation": "read"}),
    "writes": ("hosted_ce_database_seconds", {"operation": "write"}),
}


@dataclass(frozen=True)
class Look:
    """Counters since its start, and how it is now. Memory and files: MB. `timed`: number and seconds."""

    at: float
    cpu_s: float
    """User and system, of all its processes."""
    login_cpu_s: float
    """Of sshd and the agent, and of the commands that they ran."""
    pss_mb: float
    anon_mb: float
    """Memory that is its own: neither files nor shared."""
    rss_mb: float
    threads: int
    files: int
    tasks: int | None
    database_mb: float
    wal_mb: float
    timed: dict[str, tuple[float, float]]
    counts: dict[str, int]
    """Pilots by state."""
    load: float
    inside: dict[str, Any]

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def look(ce: Ce, sshd: int, inside: Inside, *, objects: bool = False) -> Look:
    """`sshd`: the process id of the login node's. Memory is looked at before `objects` are counted."""
    memory = {line.split(":")[0]: line.split()[1] for line in _lines(ce.pid, "smaps_rollup")[1:]}
    cpu = sum(map(spent, (ce.pid, *process.descendants(ce.pid))))
    login = sum(map(spent, (sshd, *process.descendants(sshd))))
    status = {
        line.split(":")[0]: line.split()[1] for line in _lines(ce.pid, "status") if len(line.split()) > 1
    }
    files = len(os.listdir(f"/proc/{ce.pid}/fd"))
    timed = _timed(ce.client.get("/metrics").raise_for_status().text)
    counts = ce.client.get("/api/v1/pilots", params={"limit": 1}).raise_for_status().json()["counts"]
    said = inside.ask(ce.pid, objects=objects)
    return Look(
        at=time.time(), cpu_s=cpu, login_cpu_s=login, pss_mb=int(memory["Pss"]) / 1024,
        anon_mb=int(memory["Pss_Anon"]) / 1024, rss_mb=int(memory["Rss"]) / 1024,
        threads=int(status["Threads"]), files=files, tasks=said.get("tasks"),
        database_mb=_mb(ce.state / "hosted-ce.sqlite"), wal_mb=_mb(ce.state / "hosted-ce.sqlite-wal"),
        timed=timed, counts=counts, load=os.getloadavg()[0], inside=said,
    )  # fmt: skip


def _timed(text: str) -> dict[str, tuple[float, float]]:
    found = {name: [0.0, 0.0] for name in _TIMED}
    for family in text_string_to_metric_families(text):
        for name, (metric, labels) in _TIMED.items():
            if family.name != metric:
                continue
            for sample in family.samples:
                if labels.items() <= sample.labels.items():
                    found[name][0] += sample.value * sample.name.endswith("_count")
                    found[name][1] += sample.value * sample.name.endswith("_sum")
    return {name: (number, seconds) for name, (number, seconds) in found.items()}


def _lines(pid: int, name: str) -> list[str]:
    return Path(f"/proc/{pid}/{name}").read_text().splitlines()


def _mb(path: Path) -> float:
    return path.stat().st_size / 1e6 if path.exists() else 0.0
