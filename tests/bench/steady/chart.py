"""Memory and CPU of runs, minute by minute, as an SVG for a page of documentation.

python -m tests.bench.steady.chart build/bench-steady.json >docs/developers/steady.svg
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.panels import stacked
from tests.bench.steady.summary import each_minute

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 220, 60, 110, 34, 34
COLOURS = ("#0b6e99", "#b5541c", "#4d7c0f", "#7c3aed")
Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """One run's points: minutes, and what is drawn."""

    name: str
    points: Sequence[Point]


def main(file: Path) -> int:
    """Prints it."""
    runs = json.loads(file.read_text())
    print(svg([("Memory (PSS), MB", list(map(memory, runs))), ("CPU, % of a core", list(map(cpu, runs)))]))
    return 0


def memory(found: Mapping[str, Any]) -> Line:
    """PSS at each look."""
    return Line(f"{found['pilots']:,}", [(_minute(found, each), each["pss_mb"]) for each in found["looks"]])


def cpu(found: Mapping[str, Any]) -> Line:
    """Between two looks, drawn at the second."""
    spent = each_minute(found["looks"])
    times = [_minute(found, each) for each in found["looks"][1:]]
    return Line(f"{found['pilots']:,}", list(zip(times, spent, strict=True)))


def svg(panels: Sequence[tuple[str, Sequence[Line]]]) -> str:
    """One panel below the other, each from 0 to its highest point."""
    return stacked(WIDTH, HEIGHT, [_panel(title, lines) for title, lines in panels])


def _panel(title: str, lines: Sequence[Line]) -> Iterator[str]:
    far = max((x for line in lines for x, _ in line.points), default=0) or 1
    high = _round(max((y for line in lines for _, y in line.points), default=0))
    yield f'<text x="{LEFT}" y="18" font-weight="bold">{title}</text>'
    for part in (0, 0.5, 1):
        _, y = _place((0, part * high), far, high)
        yield f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{part * high:g}</text>'
    yield f'<text x="{LEFT}" y="{HEIGHT - 12}">0</text>'
    yield f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 12}" text-anchor="end">{far:.0f} minutes</text>'
    for number, line in enumerate(lines):
        yield from _drawn(line, COLOURS[number % len(COLOURS)], far, high)


def _drawn(line: Line, colour: str, far: float, high: float) -> Iterable[str]:
    if not line.points:
        return
    places = [_place(point, far, high) for point in line.points]
    dots = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    yield f'<polyline points="{dots}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
    x, y = places[-1]
    yield f'<text x="{x + 5:.1f}" y="{y + 4:.1f}" fill="{colour}">{line.name} pilots</text>'


def _place(point: Point, far: float, high: float) -> Point:
    x, y = point
    across, up = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    return LEFT + across * x / far, HEIGHT - BOTTOM - up * y / high


def _round(top: float) -> float:
    """The next number that reads well: 2, 4, 6, 10, 20, 40, 60, 100, ..."""
    step = 1.0
    while True:
        for each in (2, 4, 6, 10):
            if top <= each * step:
                return each * step
        step *= 10


def _minute(found: Mapping[str, Any], each: Mapping[str, Any]) -> float:
    return float(each["at"] - found["looks"][0]["at"]) / 60


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
