"""Torque, real, over sshd, where one is installed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.bench import Ability, Bench
from tests.conformance.benches import linked
from tests.conformance.benches.torque import TorqueBench
from tests.conformance.cases import Conformance
from tests.e2e.lab.torque import TorqueLab, running_torque, unmet
from tests.e2e.lab.torque_conf import TorqueOptions

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(600),
    pytest.mark.skipif(bool(unmet()), reason=unmet() or ""),
]


@pytest.fixture(scope="class")
def torque() -> Iterator[TorqueLab]:
    """With a shared home. One lab ends before the next begins: there can be only one on a machine."""
    with running_torque() as lab:
        yield lab


@pytest.fixture(scope="class")
def without_home() -> Iterator[TorqueLab]:
    """Its node has homes of its own, and copies by scp."""
    with running_torque(TorqueOptions(shared_home=False)) as lab:
        yield lab


class TestTorque(Conformance):
    """Ended jobs are listed for two seconds."""

    @pytest.fixture
    def bench(self, torque: TorqueLab) -> Bench:
        """By a login."""
        return TorqueBench(torque, linked.over_ssh(torque.sshd, torque.owner))


class TestTorqueWithoutSharedHome(Conformance):
    """Inputs come in the script, outputs by Torque. The agent is the one installed there."""

    @pytest.fixture
    def bench(self, without_home: TorqueLab) -> Bench:
        """By a login. What the home has nothing to do with was shown above."""
        shown = {
            Ability.WALLTIME, Ability.OUTAGE, Ability.HOLD, Ability.REFUSAL, Ability.CROWD,
        }  # fmt: skip
        dial = linked.over_ssh(without_home.sshd, without_home.owner, confined=True)
        return TorqueBench(without_home, dial, *shown)
