"""What the page about contributions says is what is counted."""

from __future__ import annotations

import re
from pathlib import Path

from hosted_ce.api.charting import ChartName, Range
from hosted_ce.api.schemas.contributions import ContributionOut
from hosted_ce.rollups.buckets import DAY_S, LEVELS
from hosted_ce.rollups.chart import PERIODS
from hosted_ce.rollups.runs import VERDICTS, Verdict
from hosted_ce.store.contributions import KEPT_DAYS, MOST_KINDS, OTHERS

PAGE = (Path(__file__).parents[2] / "docs" / "operators" / "contributions.md").read_text(encoding="utf-8")


CHARTS, CONTRIBUTIONS = PAGE.split("\n## ")[1:]


def rows_of(name: str, part: str) -> list[str]:
    rows = [line for line in part.splitlines() if line.startswith("| ")]
    return [row for row in rows if f"`{name}`" in row.split(" | ")[0]]


def test_every_column_and_every_series_is_explained() -> None:
    for name in (*ChartName, *Range):
        assert rows_of(name, CHARTS), name
    for name in set(ContributionOut.model_fields) - {"name"}:
        assert rows_of(name, CONTRIBUTIONS), name


def test_the_classes_of_what_ended_early_and_of_what_failed_are_named() -> None:
    for verdict in (Verdict.EARLY, Verdict.FAILED):
        [row] = rows_of(verdict.value, CONTRIBUTIONS)
        named = set(re.findall(r"`(\w+)`", row.split(" | ", 1)[1])) - {"granted"}
        assert named == {end.value for end, is_ in VERDICTS.items() if is_ is verdict}


def test_the_times_are_those_of_the_program() -> None:
    assert [level.kept_s // DAY_S for level in LEVELS] == [2, 14, 3 * 366]
    assert KEPT_DAYS == 3 * 366
    assert {name: period.level.width_s for name, period in PERIODS.items()} == {
        "24h": 300, "7d": 3600, "1y": 86400,
    }  # fmt: skip
    assert f"up to {MOST_KINDS:,} combinations" in PAGE
    assert f"`{OTHERS}`" in PAGE
