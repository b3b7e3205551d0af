"""Fixtures that start real HTCondors: a factory and what it meets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.condor.factory import Factory, start_factory
from tests.e2e.condor.lab import CondorLab, running_condor_lab
from tests.e2e.lab import requirements


@pytest.fixture(scope="session")
def condor_lab() -> Iterator[CondorLab]:
    """Where HTCondors are started; they end with the test session."""
    if unmet := requirements.unmet(("debootstrap", "useradd")):
        pytest.fail(unmet, pytrace=False)
    with running_condor_lab() as lab:
        yield lab


@pytest.fixture(scope="session")
def factory(condor_lab: CondorLab) -> Factory:
    """A factory that looks at its CEs every two seconds."""
    return start_factory(condor_lab)
