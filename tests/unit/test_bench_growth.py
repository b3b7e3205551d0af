"""What grows with the number of pilots: its benchmark, and the chart of it."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from tests.bench.growth import __main__ as benchmark
from tests.bench.growth.chart import HEIGHT, PANELS, WIDTH, Row, exponent, svg
from tests.fakes.postgresql import needs_postgresql

NAMES = [name for columns in PANELS.values() for name in columns.values()]


def rows(power: float) -> list[Row]:
    """As measured, when everything grows with this power of the number."""
    columns = [column for panel in PANELS.values() for column in panel]
    sizes = (100, 1000, 10_000, 50_000)
    return [{"pilots": size, **{name: 0.5 * size**power for name in columns}} for size in sizes]


def elements(found: list[Row], kind: str) -> list[ElementTree.Element]:
    return [each for each in ElementTree.fromstring(svg(found)).iter() if each.tag.endswith(kind)]


@pytest.mark.parametrize("power", [-0.5, 0, 0.5, 1, 1.5])
def test_the_power_is_the_one_with_which_it_grows(power: float) -> None:
    points = [(size, 3 * size**power) for size in (100.0, 700.0, 50_000.0)]
    assert exponent(points) == pytest.approx(power)


@pytest.mark.parametrize("power", [0, 0.5, 1, 1.5])
def test_each_column_is_a_line_within_its_frame_that_says_how_it_grows(power: float) -> None:
    lines = elements(rows(power), "polyline")
    pairs = [pair.split(",") for line in lines for pair in line.attrib["points"].split()]
    assert len(lines) == len(NAMES)
    assert len(pairs) == len(NAMES) * 4
    assert all(0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT for x, y in pairs)
    texts = {each.text for each in elements(rows(power), "text")}
    assert {f"{name}: power {power:.2f}" for name in NAMES} <= texts


def test_what_grows_as_the_pilots_do_is_as_steep_as_the_dashed_lines() -> None:
    [line, *_] = elements(rows(1), "polyline")
    places = [[float(each) for each in pair.split(",")] for pair in line.attrib["points"].split()]
    dashed = next(each for each in elements(rows(1), "line") if "stroke-dasharray" in each.attrib)
    x1, y1, x2, y2 = (float(dashed.attrib[name]) for name in ("x1", "y1", "x2", "y2"))
    (left, low), (right, high) = places[0], places[-1]
    assert (high - low) / (right - left) == pytest.approx((y2 - y1) / (x2 - x1), rel=0.01)


def test_what_was_not_measured_for_some_and_nothing_at_all_have_a_place() -> None:
    found = rows(1)
    gap: list[Row] = [{**found[0], "route ms": 0.0}, *found[1:-1], {**found[-1], "memory MB": None}]
    counts = [len(each.attrib["points"].split()) for each in elements(gap, "polyline")]
    assert counts == [3 if name == "more than with none" else 4 for name in NAMES]


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=needs_postgresql)])
def test_the_benchmark_still_has_a_figure_for_every_column(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a small form; nothing is said of the figures."""
    for name in ("ROUNDS", "HOUR"):
        monkeypatch.setattr(benchmark, name, 1)
    assert benchmark.main(["20", "--database", database]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["pilots"] == 20
    assert {column for panel in PANELS.values() for column in panel} <= row.keys()
    assert None not in row.values()
