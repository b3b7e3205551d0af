"""The product behind a schedd of the lab: a CE whose pilots come from a factory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.ce import Ce
from tests.e2e.condor.instance import Condor
from tests.e2e.lab.site import Lab

PROTECTED = "PROTECTED_JOB_ATTRS = Managed ManagedManager JobFinishedHookDone HostedCEStatus HostedCEHolds"


def hosted_ce(
    lab: Lab, schedd: Condor, folder: Path, policy: dict[str, str] | None = None, **cluster: Any
) -> Ce:
    """A CE, not started yet, that manages the schedd's queue and sends its pilots to the lab."""
    host, port = schedd.identity.collector.split(":")
    door = {
        "host": host,
        "port": int(port),
        "certificate": "/nonexistent/cert.pem",
        "certificate_key": "/nonexistent/key.pem",
        "policy": policy or {},
    }
    environment = {"HOSTED_CE_CONDOR_CONFIG": str(schedd.config)}
    return Ce(lab, folder, site={"front_door": door}, environment=environment, **cluster)
