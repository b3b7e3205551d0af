"""The PBS codec with stand-ins of OpenPBS and of Torque, as sites have them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.bench import Ability, Bench
from tests.conformance.benches.standin import StandInBench
from tests.conformance.cases import Conformance
from tests.standins.site import running


class TestOpenPbs(Conformance):
    """With job history."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        """A new one for each test."""
        with running(tmp_path / "site", "pbs", "openpbs") as site:
            yield StandInBench(site)


class TestOpenPbsWithoutHistory(Conformance):
    """PBS's default: a job is forgotten as soon as it has ended."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        """A new one for each test."""
        with running(tmp_path / "site", "pbs", "openpbs") as site:
            site.place.play(history=False)
            yield StandInBench(site, Ability.ACCOUNTING, Ability.WALLTIME, Ability.MEMORY)


class TestTorque(Conformance):
    """Ended jobs are listed for two seconds."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        """A new one for each test."""
        with running(tmp_path / "site", "pbs", "torque", server="torque1", keep_ended_s=2.0) as site:
            yield StandInBench(site, Ability.ACCOUNTING, lists_ended_s=2.0)
