"""The demo's batch system."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.bench import Bench
from tests.conformance.benches.minislurm import MinislurmBench
from tests.conformance.cases import Conformance


class TestMinislurm(Conformance):
    """Real processes, small times."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        """A new one for each test."""
        return MinislurmBench(tmp_path / "site")
