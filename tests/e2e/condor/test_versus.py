"""The benchmark beside today's Hosted CE still runs: each row has its figures. Nothing is said of them."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.bench.versus.model import Bench
from tests.bench.versus.options import Options
from tests.bench.versus.pilots import EXACT
from tests.bench.versus.record import Record
from tests.bench.versus.rows import NAMES
from tests.bench.versus.run import Labs, run
from tests.bench.versus.table import text
from tests.e2e.condor.config import TUNED
from tests.e2e.condor.lab import CondorLab
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.site import running_lab

pytestmark = pytest.mark.e2e

WITHOUT_INCUMBENT = {"end_api"}
WITHOUT_FIGURES = {"submit_cold"}
"""It is measured as `submit_first` is, and takes longer."""


@pytest.mark.timeout(900)
def test_every_row_of_the_benchmark_is_measured_both_ways(condor_lab: CondorLab, tmp_path: Path) -> None:
    quick = Options(
        pilots=3,
        incumbent_pilots=2,
        rounds=1,
        singles=1,
        incumbent_singles=1,
        runs_s=1,
        idle_s=1,
        listing="1s",
        cold=False,
        pause_s=0,
        quiet_s=1,
        clear_s=0,
        side_by_side=True,
        skip_default=True,
        factory_lines=(*TUNED, *EXACT),
        incumbent_lines=("SCHEDD_INTERVAL = 2",),
        output=tmp_path / "bench.json",
    )
    record = Record(quick)

    run(record, Labs(lambda: running_lab(LabOptions(accounting=True)), lambda: nullcontext(condor_lab)))

    written = Bench.model_validate_json((tmp_path / "bench.json").read_text())
    assert written.problems == []
    assert [row.name for row in written.rows] == list(NAMES)
    measured = {row.name: row for row in written.rows if row.name not in WITHOUT_FIGURES}
    assert [name for name, row in measured.items() if row.ours is None] == []
    assert {name for name, row in measured.items() if row.incumbent is None} == WITHOUT_INCUMBENT
    [calls] = [row for row in written.rows if row.name == "sbatch_calls"]
    assert calls.ours
    assert calls.incumbent
    assert calls.ours.median == calls.incumbent.median == 1
    assert all(row.title in text(written) for row in written.rows)
    assert json.loads((tmp_path / "bench.json").read_text())["schema_version"] == 1
