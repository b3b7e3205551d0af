"""OpenPBS, real, over sshd, where one is installed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.bench import Ability, Bench
from tests.conformance.benches import linked
from tests.conformance.benches.openpbs import OpenPbsBench
from tests.conformance.cases import Conformance
from tests.e2e.lab.openpbs import OpenPbsLab, running_openpbs, unmet
from tests.e2e.lab.openpbs_conf import OpenPbsOptions

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(600),
    pytest.mark.skipif(bool(unmet()), reason=unmet() or ""),
]


@pytest.fixture(scope="module")
def openpbs() -> Iterator[OpenPbsLab]:
    """With job history and a shared home."""
    with running_openpbs() as lab:
        yield lab


@pytest.fixture(scope="module")
def without_home() -> Iterator[OpenPbsLab]:
    """Its node has homes of its own, and copies by scp."""
    with running_openpbs(OpenPbsOptions(shared_home=False)) as lab:
        yield lab


class TestOpenPbs(Conformance):
    """Over SSH."""

    @pytest.fixture
    def bench(self, openpbs: OpenPbsLab) -> Bench:
        """By a login."""
        return OpenPbsBench(openpbs, linked.over_ssh(openpbs.sshd, openpbs.owner))


class TestOpenPbsWithoutSharedHome(Conformance):
    """Inputs come in the script, outputs by PBS. The agent is the one installed there."""

    @pytest.fixture
    def bench(self, without_home: OpenPbsLab) -> Bench:
        """By a login. What the home has nothing to do with was shown above."""
        shown = {
            Ability.WALLTIME,
            Ability.MEMORY,
            Ability.OUTAGE,
            Ability.HOLD,
            Ability.REFUSAL,
            Ability.CROWD,
        }
        dial = linked.over_ssh(without_home.sshd, without_home.owner, confined=True)
        return OpenPbsBench(without_home, dial, *shown)
