"""What a CE costs while there is nothing to do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.login_node import spent


@dataclass(frozen=True)
class Idle:
    """Of all its processes together."""

    cpu_percent: float
    pss_mb: float


def measure(processes: Callable[[], Sequence[int]], seconds: float) -> Idle:
    """Watches for so long; processes that begin or end meanwhile are not counted."""
    before = {pid: spent(pid) for pid in processes()}
    began = time.monotonic()
    time.sleep(seconds)
    pids = [pid for pid in processes() if pid in before]
    used = sum(spent(pid) - before[pid] for pid in pids)
    return Idle(100 * used / (time.monotonic() - began), sum(map(_pss_mb, pids)))


def _pss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    [kilobytes] = [line.split()[1] for line in lines if line.startswith("Pss:")]
    return int(kilobytes) / 1024
