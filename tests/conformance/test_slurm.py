"""Slurm, real, over sshd and as the CE's own child."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.bench import Ability, Bench
from tests.conformance.benches import linked
from tests.conformance.benches.slurm import OPTIONS, WITHOUT_HOME, SlurmBench
from tests.conformance.cases import Conformance
from tests.e2e.lab import requirements
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.site import Lab, running_lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def own_lab() -> Iterator[Lab]:
    """A small cluster that soon forgets."""
    yield from _running(OPTIONS)


@pytest.fixture(scope="module")
def lab_without_home() -> Iterator[Lab]:
    """The same, and its node does not see the login node's home."""
    yield from _running(WITHOUT_HOME)


def _running(options: LabOptions) -> Iterator[Lab]:
    if unmet := requirements.unmet():
        pytest.fail(unmet, pytrace=False)
    with running_lab(options) as lab:
        yield lab


class TestSlurm(Conformance):
    """Over SSH."""

    @pytest.fixture
    def bench(self, own_lab: Lab) -> Bench:
        """By a login."""
        return SlurmBench(own_lab, linked.over_ssh(own_lab.sshd, own_lab.owner))


class TestSlurmConfined(Conformance):
    """By a key that starts the agent installed there and nothing else."""

    @pytest.fixture
    def bench(self, own_lab: Lab) -> Bench:
        """By a login. What takes a minute or more was shown above."""
        dial = linked.over_ssh(own_lab.sshd, own_lab.owner, confined=True)
        return SlurmBench(own_lab, dial, Ability.WALLTIME, Ability.OUTAGE, Ability.CROWD)


class TestSlurmWithoutSsh(Conformance):
    """The agent is a child of the CE, in the site's account."""

    @pytest.fixture
    def bench(self, own_lab: Lab) -> Bench:
        """Its own child. What takes a minute or more was shown above."""
        dial = linked.as_child(own_lab.owner, own_lab.slurm.environment)
        return SlurmBench(own_lab, dial, Ability.WALLTIME, Ability.OUTAGE)


class TestSlurmWithoutSharedHome(Conformance):
    """The node has neither the spool nor the account's home. The agent is the one installed there."""

    @pytest.fixture
    def bench(self, lab_without_home: Lab) -> Bench:
        """By a login. What the home has nothing to do with was shown above."""
        shown = {Ability.WALLTIME, Ability.OUTAGE, Ability.HOLD, Ability.REFUSAL, Ability.CROWD}
        dial = linked.over_ssh(lab_without_home.sshd, lab_without_home.owner, confined=True)
        return SlurmBench(lab_without_home, dial, *shown)
