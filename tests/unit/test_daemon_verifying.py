"""Verification in the daemon: routes in the site file's order, each held against its cluster's nodes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bosco.batch.facts import BatchFacts, NodeShape
from hosted_ce.daemon.site_file.routes import table_of
from hosted_ce.daemon.verifying import NOT_PROBED, Verifier
from hosted_ce.site import load_site
from hosted_ce.verification.facts import RouteFacts, Shape
from hosted_ce.verification.report import RouteReport
from tests.api.world import SITE_FILE

NOW = 1_770_000_000.0


class Runs:
    """Runs of routes that are in the site file and of one that was."""

    asked: tuple[float, float] = (0.0, 0.0)

    async def between(self, since: float, until: float) -> list[RouteFacts]:
        self.asked = since, until
        shapes = [Shape(8, 16_000, 0, 30, 1.0)]
        return [RouteFacts(name, "hpc", 30, 3600.0, shapes=shapes) for name in ("gone", "large")]


async def reports(folder: Path, parts: Mapping[str, Any], runs: Runs | None = None) -> list[RouteReport]:
    (folder / "site.yaml").write_text(SITE_FILE)
    table = table_of(load_site(folder / "site.yaml"), folder)
    return await Verifier(runs or Runs(), lambda: table, parts, lambda: NOW).reports(3600.0)


def probed(batch: BatchFacts) -> Any:
    return SimpleNamespace(record=SimpleNamespace(found=SimpleNamespace(batch=batch)))


async def test_routes_come_in_the_order_of_the_site_file_and_those_of_before_last(tmp_path: Path) -> None:
    runs = Runs()
    found = await reports(tmp_path, {}, runs)
    assert [(one.route, one.runs, one.enough) for one in found] == [
        ("large", 30, True), ("any", 0, False), ("gone", 30, True),
    ]  # fmt: skip
    assert runs.asked == (NOW - 3600.0, NOW)


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({}, NOT_PROBED),
        ({"hpc": SimpleNamespace(record=None)}, NOT_PROBED),
        ({"hpc": probed(BatchFacts("LSF"))}, "of LSF no nodes are asked for"),
        ({"hpc": probed(BatchFacts("Slurm", unknown={"shapes": "sinfo: no"}))}, "sinfo: no"),
        ({"hpc": probed(BatchFacts("Slurm", shapes=(NodeShape("osg", 2, 36),), default_queue="osg"))}, None),
    ],
)
async def test_nodes_are_those_that_the_last_probe_told_of(
    tmp_path: Path, parts: Mapping[str, Any], why: str | None
) -> None:
    found = (await reports(tmp_path, parts))[0]
    assert found.nodes_unknown == why
    assert [one.cores for one in found.remnants] == ([4] if why is None else [])
