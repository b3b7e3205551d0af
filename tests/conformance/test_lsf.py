"""The LSF codec with a stand-in of LSF."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.bench import Ability, Bench
from tests.conformance.benches.standin import StandInBench
from tests.conformance.cases import Conformance
from tests.standins.site import running


class TestLsf(Conformance):
    """Ended jobs are listed for two seconds."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        """A new one for each test."""
        with running(tmp_path / "site", "lsf", "10.1", keep_ended_s=2.0) as site:
            yield StandInBench(site, Ability.LEFT_OUT, Ability.PINNED, lists_ended_s=2.0)
