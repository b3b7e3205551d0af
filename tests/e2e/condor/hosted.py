"""The product behind a schedd of the lab: a CE whose pilots come from a factory."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hosted_ce.intake.condor.attributes import PROTECTED
from tests.e2e.ce import Ce
from tests.e2e.condor.ce import PILOT_DOMAIN, start_minimal_ce
from tests.e2e.condor.factory import Factory
from tests.e2e.condor.instance import Ad, Condor
from tests.e2e.condor.lab import CondorLab
from tests.e2e.condor.pilot_script import glidein_startup
from tests.e2e.condor.submit_file import Entry, Literal
from tests.e2e.lab.process import wait_until
from tests.e2e.lab.site import Lab

IDLE, RUNNING, REMOVED, COMPLETED, HELD = 1, 2, 3, 4, 5
SMALL: Mapping[str, Literal] = {"+maxMemory": 10, "+maxWallTime": 10, "+xcount": 1}


@dataclass
class Way:
    """The whole way of a pilot: factory, schedd, our daemon, sshd, Slurm."""

    lab: Lab
    factory: Factory
    schedd: Condor
    ce: Ce

    def entry(self, name: str = "Lab_Entry", **attributes: Literal) -> Entry:
        """An entry of the factory that sends small pilots here; `queue="x"` becomes `+queue = "x"`."""
        own = {f"+{word}": value for word, value in attributes.items()}
        identity = self.schedd.identity
        return Entry(identity.name, identity.collector, name, {**SMALL, **own})

    def send(
        self, main: str, *arguments: str, count: int = 1, entry: Entry | None = None, **more: Any
    ) -> list[str]:
        """Pilots that run this shell text; their names at the factory."""
        return self.factory.submit(
            entry or self.entry(), glidein_startup(main), *arguments, count=count, **more
        )

    def pilot(self, job: str) -> dict[str, Any] | None:
        """Our record of the factory's job; None while there is none."""
        [ad] = self.factory.queue("GlobalJobId", constraint=_is(job)) or self.factory.history(
            "GlobalJobId", constraint=_is(job)
        )
        found = self.ce.client.get("/api/v1/pilots", params={"factory_job": ad["GlobalJobId"]})
        items: list[dict[str, Any]] = found.raise_for_status().json()["items"]
        return items[0] if items else None

    def wait_pilot(self, job: str, *states: str, seconds: float = 60) -> dict[str, Any]:
        """Our record as soon as it is in one of the states."""

        def there() -> dict[str, Any] | None:
            pilot = self.pilot(job)
            return pilot if pilot and pilot["state"] in states else None

        return wait_until(there, f"{job} is {' or '.join(states)}", seconds, every=0.3)

    def wait_job(self, job: str, *statuses: int, seconds: float = 60) -> Ad:
        """The factory's own ad as soon as it has one of the statuses."""
        return self.factory.wait_for([job], *statuses, seconds=seconds)[job]

    def at_ce(self, job: str) -> Ad | None:
        """The ad in the schedd's queue of the factory's job; None when it is not there."""
        ads = self.schedd.queue(constraint=f'regexp("#{re.escape(job)}#", SubmitterGlobalJobId)')
        return ads[0] if ads else None

    def wait_gone(self, job: str, seconds: float = 40) -> None:
        """Returns when the schedd has let go of the job."""
        wait_until(lambda: self.at_ce(job) is None, f"{job} leaves the CE's queue", seconds, every=0.3)

    def alive_at_site(self) -> list[str]:
        """Names of the batch jobs that live."""
        rows = self.lab.slurm.command("squeue", "-h", "-a", "-t", "PD,R,CG,S", "-o", "%j").stdout
        return rows.decode().split()


def door_section(schedd: Condor, policy: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The site file's `front_door` for a schedd of the lab."""
    host, port = schedd.identity.collector.split(":")
    return {
        "host": schedd.identity.name,
        "port": int(port),
        "bind": host,
        "certificate": "/nonexistent/cert.pem",
        "certificate_key": "/nonexistent/key.pem",
        "policy": dict(policy or {}),
    }


def hosted_ce(
    lab: Lab, schedd: Condor, folder: Path, policy: Mapping[str, str] | None = None,
    routes: Sequence[Mapping[str, Any]] = (), **cluster: Any,
) -> Ce:  # fmt: skip
    """A CE, not started yet, that manages the schedd's queue and sends its pilots to the lab."""
    environment = {"HOSTED_CE_CONDOR_CONFIG": str(schedd.config)}
    site: dict[str, Any] = {"front_door": door_section(schedd, policy)}
    if routes:
        site["routes"] = list(routes)
    return Ce(lab, folder, site=site, environment=environment, **cluster)


def start_schedd(condor_lab: CondorLab, factory: Factory, lab: Lab, host: str) -> Condor:
    """A schedd for one test module, which lets the factory in as the lab's account."""
    protected = f"PROTECTED_JOB_ATTRS = {' '.join(PROTECTED)}"
    schedd = start_minimal_ce(condor_lab, protected, host=host)
    factory.condor.give_token(host, schedd.idtoken(f"{lab.account}@{PILOT_DOMAIN}"))
    return schedd


def _is(job: str) -> str:
    cluster, _, process = job.partition(".")
    return f"ClusterId == {cluster} && ProcId == {process}"
