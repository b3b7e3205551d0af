"""The benchmark of a whole CE with thousands of pilots still runs, with a dozen. Figures do not matter."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from tests.bench.steady.__main__ import write
from tests.bench.steady.run import Plan, run
from tests.bench.steady.summary import row, summary

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def test_pilots_come_and_go_and_the_api_tells_of_every_end(tmp_path: Path) -> None:
    plan = Plan(pilots=12, minutes=0.15, churn=120, every_s=3, rest_s=2, poll="1s")
    told: list[str] = []

    found = run(plan, told.append, partial(write, tmp_path / "steady.json", ()))

    [written] = json.loads((tmp_path / "steady.json").read_text())
    assert told
    assert len(written["looks"]) == 4
    assert found.latencies
    assert max(found.latencies) < 60
    assert found.untold == 0
    last = written["looks"][-1]
    assert last["counts"]["running"] >= 1  # of six: ended ones are seen before those that follow
    assert last["tasks"] > 0
    assert last["inside"]["by_kind"]
    assert summary(written).listing_s > 0
    assert row(written).startswith("| 12 |")
