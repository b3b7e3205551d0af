"""The product behind a schedd of the lab: a CE whose pilots come from a factory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

from tests.e2e.ce import Ce
from tests.e2e.condor.factory import Factory
from tests.e2e.condor.front_door import FrontDoorLab, front_door
from tests.e2e.condor.instance import Ad, Condor
from tests.e2e.condor.issuer import start_issuer
from tests.e2e.condor.lab import CondorLab
from tests.e2e.condor.pilot_script import glidein_startup
from tests.e2e.condor.submit_file import Entry, Literal
from tests.e2e.lab.process import LabError, wait_until
from tests.e2e.lab.site import Lab
from tests.witnesses import Statement

IDLE, RUNNING, REMOVED, COMPLETED, HELD = 1, 2, 3, 4, 5
QUICK_RESTART = {"_CONDOR_MASTER_BACKOFF_CONSTANT": "1", "_CONDOR_MASTER_BACKOFF_CEILING": "2"}
TOLD = (
    "ClusterId", "JobStatus", "HoldReason", "HoldReasonCode", "QDate", "StageInStart", "StageInFinish",
    "Managed", "RemoveReason",
)  # fmt: skip
SMALL: Mapping[str, Literal] = {"+maxMemory": 10, "+maxWallTime": 10, "+xcount": 1}


@dataclass
class Way:
    """The whole way of a pilot: factory, schedd, our daemon, sshd, Slurm."""

    lab: Lab
    factory: Factory
    door: FrontDoorLab
    ce: Ce
    scitoken: Path

    def testimony(self) -> Statement:
        """All of them."""
        parts = (self.ce, self.door, self.factory, self.lab)
        return reduce(or_, (part.testimony() for part in parts))

    @property
    def schedd(self) -> Condor:
        """The front door's schedd, as an operator on its machine sees it."""
        return self.door.condor

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
            entry or self.entry(),
            glidein_startup(main),
            *arguments,
            count=count,
            scitoken=self.scitoken,
            **more,
        )

    def pilot(self, job: str) -> dict[str, Any] | None:
        """Our record of the factory's job; None while there is none."""
        [ad] = self.factory.queue("GlobalJobId", constraint=_is(job)) or self.factory.history(
            "GlobalJobId", constraint=_is(job)
        )
        found = self.ce.client.get("/api/v1/pilots", params={"factory_job": ad["GlobalJobId"]})
        items: list[dict[str, Any]] = found.raise_for_status().json()["items"]
        return items[0] if items else None

    def wait_pilot(self, job: str, *states: str, seconds: float = 120) -> dict[str, Any]:
        """Our record as soon as it is in one of the states."""

        def there() -> dict[str, Any] | None:
            pilot = self.pilot(job)
            return pilot if pilot and pilot["state"] in states else None

        return wait_until(there, f"{job} is {' or '.join(states)}", seconds, every=0.3)

    def wait_job(self, job: str, *statuses: int, seconds: float = 120) -> Ad:
        """The factory's own ad as soon as it has one of the statuses."""
        return self.factory.wait_for([job], *statuses, seconds=seconds)[job]

    def at_ce(self, job: str) -> Ad | None:
        """The ad in the schedd's queue of the factory's job; None when it is not there."""
        ads = self.schedd.queue(constraint=f'regexp("#{re.escape(job)}#", SubmitterGlobalJobId)')
        return ads[0] if ads else None

    def wait_over(self, sent: Sequence[str], seconds: float) -> dict[str, Ad]:
        """The factory's ads of these pilots, once each is completed or held there."""
        try:
            return self.factory.wait_for(sent, COMPLETED, HELD, seconds=seconds)
        except LabError as error:
            jobs = "\n".join(str(dict(ad)) for ad in self.schedd.queue(*TOLD))
            raise LabError(
                f"{error}\nThe queue of the CE:\n{jobs}\nIts log:\n{self.ce.last_words()}"
            ) from None

    def wait_gone(self, job: str, seconds: float = 90) -> None:
        """Returns when the schedd has let go of the job."""
        wait_until(lambda: self.at_ce(job) is None, f"{job} leaves the CE's queue", seconds, every=0.3)

    def alive_at_site(self) -> list[str]:
        """Names of the batch jobs that live."""
        rows = self.lab.slurm.command("squeue", "-h", "-a", "-t", "PD,R,CG,S", "-o", "%j").stdout
        return rows.decode().split()


@contextmanager
def running_way(
    lab: Lab, condor_lab: CondorLab, factory: Factory, host: str, *, policy: Mapping[str, str] | None = None,
    routes: Sequence[Mapping[str, Any]] = (), environment: Mapping[str, str] | None = None, **cluster: Any,
) -> Iterator[Way]:  # fmt: skip
    """Everything between the factory and Slurm: the product's front door and daemon, run as one account.

    The factory comes with SciTokens of an issuer of its own; `environment` is the daemon's besides.
    """
    issuer = start_issuer(condor_lab, f"issuer.{host}")
    door = front_door(condor_lab, host, issuer, account=lab.account)
    door.variables.update(QUICK_RESTART)  # a schedd that died is back in two seconds
    door.write_site(front_door={**door.site["front_door"], "policy": dict(policy or {})})
    ce = _daemon(lab, door, routes, {**door.environment, **(environment or {})}, cluster)
    door.start()
    ce.start()
    try:
        token = issuer.token(f"{host}:{door.port}").encode()
        scitoken = factory.condor.account.write(factory.condor.identity.folder / f"scitoken.{host}", token)
        yield Way(lab, factory, door, ce, scitoken)
    finally:
        ce.kill()
        door.run("stop")


def _daemon(
    lab: Lab, door: FrontDoorLab, routes: Sequence[Mapping[str, Any]], environment: Mapping[str, str],
    cluster: Mapping[str, Any],
) -> Ce:  # fmt: skip
    folder, account = door.folder, door.account
    key = account.write(folder / "id_ed25519", lab.ce_key.read_bytes())
    known_hosts = account.write(folder / "known_hosts", lab.known_hosts.read_bytes())
    site = {name: door.site[name] for name in ("issuers", "front_door")}
    if routes:
        site["routes"] = list(routes)
    return Ce(
        lab, folder, site=site, environment=environment, account=account, key=str(key),
        known_hosts=str(known_hosts), **cluster,
    )  # fmt: skip


def _is(job: str) -> str:
    cluster, _, process = job.partition(".")
    return f"ClusterId == {cluster} && ProcId == {process}"
