"""A GlideinWMS-like factory: an unmodified schedd and gridmanager that send pilots to a CE by HTCondor-C."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import htcondor2

from tests.e2e.condor.config import GLIDEINWMS, QUICK_RESTART, REMOTE, TUNED, Identity
from tests.e2e.condor.instance import Ad, Condor, prepare
from tests.e2e.condor.lab import CondorLab
from tests.e2e.condor.submit_file import CLIENT, Entry, arguments, submit_file
from tests.e2e.lab import process
from tests.e2e.lab.daemons import HOST
from tests.e2e.lab.process import LabError
from tests.witnesses import Statement

_IDLE_LIFETIME_S = 864000
_NOWHERE = Entry("nowhere.lab.test", f"{HOST}:1", "Nowhere")
_SUBMITTED = re.compile(r"(\d+) job\(s\) submitted to cluster (\d+)")


@dataclass(frozen=True)
class FactoryOptions:
    """The differences between factories."""

    tuned: bool = True
    """Look at the CE every two seconds. Without it: HTCondor's defaults and GlideinWMS's limits (60 s)."""
    busy: bool = True
    """One more pilot waits, unseen by this class, for a CE that is never there.

    So the gridmanager does not end whenever there is nothing else to do: the next pilot would wait twelve
    seconds for a new one. A real factory is always busy.
    """
    config_lines: tuple[str, ...] = ()
    """More lines for condor_config; they win."""


@dataclass(frozen=True)
class Factory:
    """A running factory. Jobs are named as at its own queue: `cluster.proc`."""

    condor: Condor

    @property
    def folder(self) -> Path:
        """Where condor_submit runs, and logs and outputs come home to."""
        return self.condor.identity.folder / "work"

    def submit(
        self,
        entry: Entry,
        executable: bytes,
        *own_arguments: str,
        count: int = 1,
        inputs: Mapping[str, bytes] | None = None,
        scitoken: Path | None = None,
        proxy: Path | None = None,
    ) -> list[str]:
        """Send `count` pilots as the factory does, and return their names.

        `inputs` are credentials that travel with each pilot, mode 0600; `scitoken` is the file of the token
        that opens the CE's door, which the gridmanager reads again whenever it needs one; `proxy` is the
        file of an X.509 proxy, whose renewals the gridmanager sends after the pilots.
        """
        self._write_entry(entry, executable, inputs or {})
        environment = {
            "GLIDEIN_ARGUMENTS": arguments(entry, own_arguments),
            "GLIDEIN_COUNT": str(count),
            "GLIDEIN_IDLE_LIFETIME": str(_IDLE_LIFETIME_S),
            "GLIDEIN_USER": "Lab_Frontend",
            "IDENTITY_CREDENTIALS": ",".join(f"credentials/{name}" for name in inputs or {}),
            "SCITOKENS_FILE": str(scitoken or ""),
            "X509_USER_PROXY": str(proxy or ""),
        }
        argv = ("condor_submit", "-name", self.condor.identity.name, f"entry_{entry.name}/job.condor")
        printed = self.condor.tool(*argv, cwd=self.folder, environment=environment)
        [(submitted, cluster)] = _SUBMITTED.findall(printed)
        return [f"{cluster}.{proc}" for proc in range(int(submitted))]

    def knock(self, entry: Entry, scitoken: Path) -> str:
        """Whom the CE takes the owner of this token for; LabError when it may not write there."""
        argv = ("condor_ping", "-type", "schedd", "-name", entry.schedd, "-pool", entry.collector)
        asked = {"_CONDOR_SEC_CLIENT_AUTHENTICATION_METHODS": "SCITOKENS", "BEARER_TOKEN_FILE": str(scitoken)}
        printed = self.condor.tool(*argv, "-table", "WRITE", environment=asked)
        *_, decision, identity = printed.split()
        if decision != "ALLOW":
            raise LabError(printed)
        return identity

    def testimony(self) -> Statement:
        """Its HTCondor's."""
        return self.condor.testimony()

    def queue(self, *attributes: str, constraint: str = "True") -> list[Ad]:
        """The pilots that the factory has, as condor_q shows them."""
        seen = f'({constraint}) && GlideinEntryName != "{_NOWHERE.name}"'
        return self.condor.queue(*attributes, constraint=seen)

    def history(self, *attributes: str, constraint: str = "True") -> list[Ad]:
        """The pilots that have left the factory's queue."""
        return self.condor.history(*attributes, constraint=constraint)

    def hold(self, jobs: Iterable[str]) -> None:
        """condor_hold."""
        self.condor.tool("condor_hold", *jobs)

    def release(self, jobs: Iterable[str]) -> None:
        """condor_release."""
        self.condor.tool("condor_release", *jobs)

    def remove(self, jobs: Iterable[str]) -> None:
        """condor_rm: the gridmanager removes the CE's job first."""
        self.condor.tool("condor_rm", *jobs)

    def forget(self, jobs: Sequence[str]) -> None:
        """condor_rm and at once `condor_rm -forcex`, as GlideinWMS does with pilots held too often.

        The CE is never told: the gridmanager is stopped between the two, where it has a look now and then.
        """
        managers = self.condor.pids("condor_gridmanager")
        for pid in managers:
            os.kill(pid, signal.SIGSTOP)
        try:
            self.condor.tool("condor_rm", *jobs)
            self.condor.tool("condor_rm", "-forcex", *jobs)
        finally:
            for pid in managers:
                os.kill(pid, signal.SIGCONT)

    def outputs(self, job: str, entry: Entry) -> tuple[bytes, bytes]:
        """What came home of stdout and stderr."""
        stem = self.folder / f"entry_{entry.name}" / f"job.{job}"
        return stem.with_name(f"{stem.name}.out").read_bytes(), stem.with_name(
            f"{stem.name}.err"
        ).read_bytes()

    def events(self, entry: Entry, job: str) -> list[str]:
        """The job's events, `JOB_HELD` and so on, in the user log that the factory's monitoring reads."""
        with htcondor2.JobEventLog(str(self.activity_log(entry))) as log:
            return [event.type.name for event in log.events(stop_after=0) if _job_of(event) == job]

    def activity_log(self, entry: Entry) -> Path:
        """The user log of the entry."""
        return self.folder / f"entry_{entry.name}" / f"condor_activity_{CLIENT}.log"

    def wait_for(self, jobs: Iterable[str], *statuses: int, seconds: float = 120) -> dict[str, Ad]:
        """Wait until each of the jobs has one of these JobStatus; 4 also when it has left the queue."""
        wanted = set(jobs)
        clusters = " || ".join(f"ClusterId == {cluster}" for cluster in {job.split(".")[0] for job in wanted})

        found: dict[str, Ad] = {}

        def there() -> dict[str, Ad] | None:
            ads = [*self.history(constraint=clusters), *self.queue(constraint=clusters)]
            found.update({name(ad): ad for ad in ads if name(ad) in wanted})
            reached = len(found) == len(wanted) and all(ad["JobStatus"] in statuses for ad in found.values())
            return found if reached else None

        try:
            return process.wait_until(
                there, f"{len(wanted)} pilots in JobStatus {statuses}", seconds, every=0.3
            )
        except process.LabError as error:
            late = sorted(j for j in wanted if j not in found or found[j]["JobStatus"] not in statuses)
            told = "\n".join(_told_of(job, found.get(job, {})) + self._did(job) for job in late)
            raise process.LabError(f"{error}:\n{told}") from None

    def _did(self, job: str, last: int = 12) -> str:
        """What the gridmanager did last for the job, by its own log."""
        logs = sorted((self.condor.identity.folder / "log").glob("GridmanagerLog.*"))
        lines = [line for log in logs for line in log.read_text(errors="replace").splitlines()]
        return "".join(f"\n    {line}" for line in [line for line in lines if f"({job})" in line][-last:])

    def _write_entry(self, entry: Entry, executable: bytes, inputs: Mapping[str, bytes]) -> None:
        account, of_entry = self.condor.account, self.folder / f"entry_{entry.name}"
        for folder in (self.folder, of_entry, self.folder / "credentials"):
            folder.mkdir(mode=0o755, exist_ok=True)
            account.own(folder)
        account.write(of_entry / "glidein_startup.sh", executable, 0o755)
        account.write(of_entry / "job.condor", submit_file(entry).encode(), 0o644)
        for file, content in inputs.items():
            account.write(self.folder / "credentials" / file, content)


def name(job: Ad) -> str:
    """`cluster.proc` of a job."""
    return f"{job['ClusterId']}.{job['ProcId']}"


def _told_of(job: str, ad: Ad) -> str:
    told = (
        "JobStatus", "GridJobStatus", "GridJobId", "HoldReason", "EnteredCurrentStatus",
        "GridResourceUnavailableTime",
    )  # fmt: skip
    return f"{job}: " + ", ".join(f"{key} = {ad[key]!r}" for key in told if key in ad)


def _job_of(event: htcondor2.JobEvent) -> str:
    return f"{event.cluster}.{event.proc}"


def start_factory(
    lab: CondorLab, options: FactoryOptions | None = None, host: str = "factory.lab.test"
) -> Factory:
    """A factory that runs, with a queue of its own; it needs a token before a CE lets it in."""
    asked = options or FactoryOptions()
    identity = Identity(host, lab.folder / host, next(lab.ports))
    trust = f"AUTH_SSL_CLIENT_CAFILE = {lab.authority.file}"
    lines = [
        *REMOTE,
        trust,
        *GLIDEINWMS,
        *QUICK_RESTART,
        *(TUNED if asked.tuned else ()),
        *asked.config_lines,
    ]
    condor = prepare(
        lab.supervisor, lab.programs, lab.accounts["factory"], identity, "MASTER COLLECTOR SCHEDD", *lines
    )
    condor.start()
    factory = Factory(condor)
    if asked.busy:
        factory.submit(_NOWHERE, b"#!/bin/sh\n")
    return factory
