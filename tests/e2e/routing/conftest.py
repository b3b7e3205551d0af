"""The real HTCondor's routing, without its daemons."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.condor.root import installed
from tests.e2e.lab import requirements
from tests.e2e.routing.oracle import Oracle


@pytest.fixture(scope="session")
def condor_programs() -> Path:
    """The folder of HTCondor's programs, which `tests/install-condor-root.sh` builds once for a machine."""
    if unmet := requirements.unmet(("debootstrap",)):
        pytest.fail(unmet, pytrace=False)
    return installed() / "usr/bin"


@pytest.fixture(scope="session")
def oracle(condor_programs: Path) -> Oracle:
    """condor_job_router_info: what HTCondor makes of a configuration and pilots."""
    return Oracle(condor_programs / "condor_job_router_info")
