"""HTCondor, real: with the nodes' home and without, over sshd and as the CE's own child."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.bench import Ability, Bench
from tests.conformance.benches import htcondor, linked
from tests.conformance.benches.htcondor import HTCondorBench
from tests.conformance.cases import Conformance
from tests.e2e.condor.campus import Campus, running_campus
from tests.e2e.lab import requirements

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture(scope="module", params=[True, False], ids=["shared-home", "file-transfer"])
def campus(request: pytest.FixtureRequest) -> Iterator[Campus]:
    """A small pool that soon forgets."""
    if unmet := requirements.unmet():
        pytest.fail(unmet, pytrace=False)
    with running_campus(htcondor.options(shared_home=request.param)) as running:
        yield running


class TestHTCondor(Conformance):
    """Over SSH."""

    @pytest.fixture
    def bench(self, campus: Campus) -> Bench:
        """By a login."""
        return HTCondorBench(campus, linked.over_ssh(campus.sshd, campus.owner))


class TestHTCondorConfined(Conformance):
    """By a key that starts the agent installed there and nothing else."""

    @pytest.fixture
    def bench(self, campus: Campus) -> Bench:
        """By a login. What takes long was shown above."""
        dial = linked.over_ssh(campus.sshd, campus.owner, confined=True)
        return HTCondorBench(campus, dial, Ability.WALLTIME, Ability.MEMORY, Ability.OUTAGE, Ability.CROWD)


class TestHTCondorWithoutSsh(Conformance):
    """The agent is a child of the CE, in the site's account."""

    @pytest.fixture
    def bench(self, campus: Campus) -> Bench:
        """Its own child. What takes long was shown above."""
        dial = linked.as_child(campus.owner, campus.condor.environment)
        return HTCondorBench(campus, dial, Ability.WALLTIME, Ability.MEMORY, Ability.OUTAGE, Ability.CROWD)
