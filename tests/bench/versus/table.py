"""The table that a person reads. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.versus.model import Bench, Row, Series

_HEAD = ("", "ours", "incumbent", "as installed", "limit", "better", "target", "met")
_MET = {True: "yes", False: "NO", None: ""}


def text(bench: Bench) -> str:
    """Rows with medians, spread in brackets, then what else one must know to read them."""
    lines = [_HEAD, *(_cells(row) for row in bench.rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    notes = [f"{row.title}: {row.note}" for row in bench.rows if row.note and row.ours]
    return "\n".join([*table, "", *notes, "", *_circumstances(bench), ""])


def _cells(row: Row) -> Sequence[str]:
    title = f"{row.title}, {row.unit}" if row.unit else row.title
    target = f"{row.target.kind} {_figure(row.target.bound)}" if row.target else ""
    ways = (row.ours, row.incumbent, row.incumbent_default, row.limit)
    return (title, *map(_series, ways), _times(row), target, _MET[row.met])


def _series(found: Series | None) -> str:
    if found is None:
        return "-"
    spread = "" if len(found.values) == 1 else f" [{_figure(found.least)}..{_figure(found.most)}]"
    return f"{_figure(found.median)}{spread}{f' ({found.pilots})' if found.pilots else ''}"


def _figure(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _times(row: Row) -> str:
    found = [each for each in (row.times_better, row.times_better_than_default) if each is not None]
    return " / ".join(f"{_figure(each)}x" for each in found)


def _circumstances(bench: Bench) -> list[str]:
    pairs = {**bench.machine, **bench.versions}
    return [
        "median [least..most] (pilots); better: against the incumbent with short clocks / as it is installed",
        ", ".join(f"{name} {value}" for name, value in pairs.items()),
        f"load average {bench.load_before:.1f} before, {bench.load_after:.1f} after; {bench.seconds:.0f} s",
        *(f"PROBLEM: {problem}" for problem in bench.problems),
    ]
