"""Torque, real, over sshd, with and without a shared home. Skipped where there is none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.bench import Bench
from tests.conformance.benches import linked
from tests.conformance.benches.torque import TorqueBench
from tests.conformance.cases import Conformance
from tests.e2e.lab.torque import TorqueLab, running_torque, unmet

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def torque() -> Iterator[TorqueLab]:
    """One for all who share a home."""
    if why := unmet():
        pytest.skip(why)
    with running_torque() as lab:
        yield lab


class TestTorque(Conformance):
    """Ended jobs are listed for two seconds."""

    @pytest.fixture
    def bench(self, torque: TorqueLab) -> Bench:
        """By a login."""
        return TorqueBench(torque, linked.over_ssh(torque.sshd, torque.owner))
