"""What `make bench-growth` has found, as an SVG for a page of documentation.

python -m tests.bench.growth.chart build/growth.json >docs/developers/growth.svg

Both axes are logarithmic: what grows as the number of pilots does is as steep as the dashed lines.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.panels import stacked

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 240, 60, 190, 34, 40
COLOURS = ("#0b6e99", "#b5541c", "#4d7c0f")
PANELS = {
    "CPU of a round, ms": {"observe ms": "observer", "route ms": "router", "count ms": "counts"},
    "CPU until there is an answer, ms": {
        "list ms": "a page of the list",
        "submit ms": "a pilot to the site",
    },
    "Memory, MB": {"memory MB": "more than with none"},
}
"""The columns of each panel, with what they are called in it."""
Row = Mapping[str, float | None]
Point = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """What a panel shows: numbers of pilots, and values, each from a power of ten to another one."""

    across: tuple[int, int]
    up: tuple[int, int]

    def place(self, point: Point) -> Point:
        """Where it is drawn."""
        x, y = (math.log10(each) for each in point)
        wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
        return (
            LEFT + wide * (x - self.across[0]) / (self.across[1] - self.across[0]),
            HEIGHT - BOTTOM - high * (y - self.up[0]) / (self.up[1] - self.up[0]),
        )


def main(file: Path) -> int:
    """Prints it."""
    print(svg(json.loads(file.read_text())))
    return 0


def exponent(points: Sequence[Point]) -> float:
    """The power of the number of pilots with which it grows from the first to the last: 1 is linear."""
    (x, y), (far, high) = points[0], points[-1]
    return math.log(high / y) / math.log(far / x)


def svg(rows: Sequence[Row]) -> str:
    """A panel below the other; behind each line's name the power with which it grows."""
    panels = []
    for title, columns in PANELS.items():
        lines = {name: _points(rows, column) for column, name in columns.items()}
        panels.append(_panel(title, lines))
    return stacked(WIDTH, HEIGHT, panels)


def _points(rows: Sequence[Row], column: str) -> list[Point]:
    """Of the rows that have it. A logarithm has no place for nothing: less than 0.01 is drawn as that."""
    found = [(row["pilots"], row[column]) for row in rows]
    return [(pilots, max(value, 0.01)) for pilots, value in found if pilots and value is not None]


def _panel(title: str, lines: Mapping[str, Sequence[Point]]) -> Iterator[str]:
    points = [point for line in lines.values() for point in line]
    frame = Frame(_powers(x for x, _ in points), _powers(y for _, y in points))
    yield f'<text x="{LEFT}" y="18" font-weight="bold">{title}</text>'
    yield from _grid(frame)
    for number, (name, line) in enumerate(lines.items()):
        yield from _drawn(name, line, COLOURS[number], frame)


def _powers(values: Iterator[float]) -> tuple[int, int]:
    found = [math.log10(value) for value in values]
    low, high = math.floor(min(found)), math.ceil(max(found))
    return low, max(high, low + 1)


def _grid(frame: Frame) -> Iterator[str]:
    left, right = frame.across
    for power in range(frame.up[0], frame.up[1] + 1):
        _, y = frame.place((10**left, 10.0**power))
        yield f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:,g}</text>'
    for power in range(left, right + 1):
        x, _ = frame.place((10**power, 10.0 ** frame.up[0]))
        yield f'<text x="{x:.1f}" y="{HEIGHT - 20}" text-anchor="middle">{10**power:,}</text>'
    for power in range(frame.up[0] - (right - left) + 1, frame.up[1]):
        yield from _linear(frame, power)
    yield f'<text x="{WIDTH - RIGHT + 30}" y="{HEIGHT - 20}">pilots</text>'


def _linear(frame: Frame, power: int) -> Iterator[str]:
    """What is so much with the fewest pilots and grows as they do, as far as it is within the panel."""
    begin = max(power, frame.up[0])
    end = min(power + frame.across[1] - frame.across[0], frame.up[1])
    (x1, y1), (x2, y2) = (
        frame.place((10.0 ** (frame.across[0] + each - power), 10.0**each)) for each in (begin, end)
    )
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    yield f'<line {ends} stroke="#bbb" stroke-dasharray="3 4"/>'


def _drawn(name: str, line: Sequence[Point], colour: str, frame: Frame) -> Iterator[str]:
    places = [frame.place(point) for point in line]
    dots = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    yield f'<polyline points="{dots}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
    yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>' for x, y in places)
    x, y = places[-1]
    yield f'<text x="{x + 8:.1f}" y="{y + 4:.1f}" fill="{colour}">{name}: power {exponent(line):.2f}</text>'


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
