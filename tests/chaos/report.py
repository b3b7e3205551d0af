"""What the campaign found, for people and for programs."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.chaos.campaign import Result

FILE = Path("build/chaos.json")
HEAD = (
    "fault",
    "injected",
    "pilots",
    "lost",
    "duplicated",
    "falsely finished",
    "left at the site",
    "recovery",
)


def write(file: Path, results: Sequence[Result], seed: int) -> None:
    """All of it as JSON."""
    file.parent.mkdir(exist_ok=True)
    document = {
        "seed": seed,
        "good": all(result.good for result in results),
        "load_average": os.getloadavg(),
        "faults": [asdict(result) | {"good": result.good} for result in results],
    }
    file.write_text(json.dumps(document, indent=2) + "\n")


def table(results: Sequence[Result]) -> str:
    """One line for each fault, and the sum."""
    rows = [HEAD, *(_row(result) for result in results), _sum(results)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    )


def details(results: Sequence[Result]) -> str:
    """What went wrong, line by line."""
    lines = []
    for result in results:
        for kind in ("lost", "duplicated", "falsely_finished", "strangers", "errors"):
            lines += [f"{result.name}: {kind}: {text}" for text in getattr(result, kind)]
        if not result.injected:
            lines.append(f"{result.name}: it was never injected")
    return "\n".join(lines)


def _row(result: Result) -> tuple[str, ...]:
    times = result.recovery_s
    recovery = f"{min(times):.1f} to {max(times):.1f} s" if times else "-"
    return (result.name, *_numbers([result]), recovery)


def _sum(results: Sequence[Result]) -> tuple[str, ...]:
    return ("all", *_numbers(results), "")


def _numbers(results: Sequence[Result]) -> list[str]:
    counts: list[Any] = [sum(r.injected for r in results), sum(r.pilots for r in results)]
    for kind in ("lost", "duplicated", "falsely_finished", "strangers"):
        counts.append(sum(len(getattr(r, kind)) for r in results))
    return [str(count) for count in counts]
