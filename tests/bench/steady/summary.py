"""The figures of a run, from what build/bench-steady.json has of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from tests.bench.steady.slope import Slope, slope

HEAD = (
    "| pilots | minutes | CPU, % of a core | least and most in a minute | PSS, MB | growth, MB an hour "
    "| a listing, s | end to API, s: median, 99 % | threads, files, tasks | database, kB a pilot |",
    "|---:|---:|---:|---|---:|---|---:|---|---|---:|",
)


@dataclass(frozen=True)
class Summary:
    """Of one number of pilots."""

    pilots: int
    minutes: float
    cpu_percent: float
    each_minute: Sequence[float]
    """CPU between two looks, in per cent of a core."""
    pss_mb: float
    """The most."""
    growth: Slope | None
    """Of memory that is the process's own."""
    listing_s: float
    """From asking until the answer is read."""
    latency_s: tuple[float, float] | None
    """Median, and what 99 of 100 are below."""
    threads: int
    files: int
    tasks: int | None
    kb_a_pilot: float


def summary(found: Mapping[str, Any]) -> Summary:
    """Of what was written of one run, from its first look to its last."""
    looks: list[dict[str, Any]] = found["looks"]
    first, last = looks[0], looks[-1]
    took = last["at"] - first["at"] or 1.0
    counted, seconds = (last["timed"]["list"][i] - first["timed"]["list"][i] for i in (0, 1))
    ended = (last["at"] - first["at"]) / 60 * found["churn"]
    waits = sorted(found["latencies"])
    return Summary(
        pilots=found["pilots"],
        minutes=took / 60,
        cpu_percent=100 * (last["cpu_s"] - first["cpu_s"]) / took,
        each_minute=each_minute(looks),
        pss_mb=max(each["pss_mb"] for each in looks),
        growth=slope(
            [(each["at"] - first["at"]) / 3600 for each in looks], [each["anon_mb"] for each in looks]
        ),
        listing_s=seconds / counted if counted else 0.0,
        latency_s=(median(waits), waits[int(0.99 * len(waits))]) if waits else None,
        threads=max(each["threads"] for each in looks),
        files=max(each["files"] for each in looks),
        tasks=max((each["tasks"] for each in looks if each["tasks"] is not None), default=None),
        kb_a_pilot=1000 * (last["database_mb"] - first["database_mb"]) / ended if ended else 0.0,
    )


def each_minute(looks: Sequence[Mapping[str, Any]]) -> list[float]:
    """CPU from each look to the next, in per cent of a core."""
    return [100 * (b["cpu_s"] - a["cpu_s"]) / (b["at"] - a["at"]) for a, b in pairwise(looks)]


def row(found: Mapping[str, Any]) -> str:
    """A line of the table of docs/developers/performance.md."""
    it = summary(found)
    grown = f"{it.growth.an_hour:+.1f} ± {it.growth.error:.1f}" if it.growth else "not measured"
    waits = f"{it.latency_s[0]:.1f}, {it.latency_s[1]:.1f}" if it.latency_s else "none ended"
    spread = f"{min(it.each_minute):.1f} to {max(it.each_minute):.1f}" if it.each_minute else ""
    cells = (
        f"{it.pilots:,}", f"{it.minutes:.0f}", f"{it.cpu_percent:.1f}", spread, f"{it.pss_mb:.0f}", grown,
        f"{it.listing_s:.2f}", waits, f"{it.threads}, {it.files}, {it.tasks}", f"{it.kb_a_pilot:.1f}",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"
