"""What a run has found is written down whole, whoever else writes at that moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench.versus.model import Bench
from tests.bench.versus.options import Options
from tests.bench.versus.record import Record

SIDE_BY_SIDE = 8
PHASES = 25


def test_phases_that_end_at_once_all_write_it(tmp_path: Path) -> None:
    record = Record(Options(output=tmp_path / "bench.json"))

    def phases(number: int) -> None:
        for each in range(PHASES):
            with record.phase(f"phase {number}.{each}"):
                pass

    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        list(threads.map(phases, range(SIDE_BY_SIDE)))
    assert Bench.model_validate_json((tmp_path / "bench.json").read_text()).problems == []
    assert list(tmp_path.iterdir()) == [tmp_path / "bench.json"]
