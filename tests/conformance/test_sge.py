"""Grid Engine, real, over sshd."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.bench import Ability, Bench
from tests.conformance.benches import linked
from tests.conformance.benches.sge import GridEngineBench
from tests.conformance.cases import Conformance
from tests.e2e.lab.gridengine import GridEngineLab, running_gridengine

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def gridengine() -> Iterator[GridEngineLab]:
    """One for all."""
    with running_gridengine() as lab:
        yield lab


class TestGridEngine(Conformance):
    """Over SSH."""

    @pytest.fixture
    def bench(self, gridengine: GridEngineLab) -> Bench:
        """By a login."""
        return GridEngineBench(gridengine, linked.over_ssh(gridengine.sshd, gridengine.owner))


class TestGridEngineConfined(Conformance):
    """By a key that starts the agent installed there and nothing else."""

    @pytest.fixture
    def bench(self, gridengine: GridEngineLab) -> Bench:
        """By a login. What takes long was shown above."""
        dial = linked.over_ssh(gridengine.sshd, gridengine.owner, confined=True)
        return GridEngineBench(gridengine, dial, Ability.WALLTIME, Ability.OUTAGE, Ability.CROWD)
