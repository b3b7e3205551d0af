"""Slurm, real, over sshd and as the CE's own child."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.bench import Ability, Bench
from tests.conformance.benches import linked
from tests.conformance.benches.slurm import OPTIONS, SlurmBench
from tests.conformance.cases import Conformance
from tests.e2e.lab import requirements
from tests.e2e.lab.site import Lab, running_lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def own_lab() -> Iterator[Lab]:
    """A small cluster that soon forgets."""
    if unmet := requirements.unmet():
        pytest.fail(unmet, pytrace=False)
    with running_lab(OPTIONS) as lab:
        yield lab


class TestSlurm(Conformance):
    """Over SSH."""

    @pytest.fixture
    def bench(self, own_lab: Lab) -> Bench:
        """By a login."""
        return SlurmBench(own_lab, linked.over_ssh(own_lab.sshd, own_lab.owner))


class TestSlurmWithoutSsh(Conformance):
    """The agent is a child of the CE, in the site's account."""

    @pytest.fixture
    def bench(self, own_lab: Lab) -> Bench:
        """Its own child. What takes a minute or more was shown above."""
        dial = linked.as_child(own_lab.owner, own_lab.slurm.environment)
        return SlurmBench(own_lab, dial, Ability.WALLTIME, Ability.OUTAGE)
