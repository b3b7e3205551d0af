"""A real OpenPBS that is installed on this machine, and a campus with it.

The project has none of it: where it is not installed, what needs it is skipped (`unmet`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.lab import host, process, requirements
from tests.e2e.lab import openpbs_conf as conf
from tests.e2e.lab.account import Account
from tests.e2e.lab.daemons import ENVIRONMENT, HOST, Daemon
from tests.e2e.lab.host import Host, start_host
from tests.e2e.lab.openpbs_conf import OpenPbsOptions
from tests.e2e.lab.pbs_copies import let_the_node_copy, made
from tests.e2e.lab.pbs_site import PbsSite, homes_of_the_node, sshd_of
from tests.e2e.lab.premises import Premises, premises
from tests.e2e.lab.process import LabError
from tests.e2e.lab.sshd import Sshd
from tests.witnesses import Statement

EXEC = Path(os.environ.get("PBS_EXEC", "/opt/pbs"))
AROUND: Mapping[str, str] = {"PATH": f"{EXEC}/bin:{EXEC}/sbin:{ENVIRONMENT['PATH']}"}
_COMMANDS = (*host.COMMANDS, "psql", "scp", "sshd", "ssh", "ssh-keygen", "useradd")
_OWN = {"/var/spool": 0o755, "/var/tmp": 0o1777, "/run/postgresql": 0o1777}
"""Folders of each host, for PBS_HOME and the sockets of qsub and the data service, and their modes."""


def unmet() -> str | None:
    """Why there can be no such lab here; None when there can."""
    if not (EXEC / "sbin" / "pbs_server.bin").exists():
        return f"there is no OpenPBS in {EXEC} (PBS_EXEC): see docs/developers/batch-pbs.md"
    return requirements.unmet(_COMMANDS)


@dataclass(frozen=True)
class OpenPbsLab(PbsSite):
    """A running site: a login node with one account, the PBS behind it, and one node that works."""

    AROUND = AROUND
    TELLING = (("qstat", "-x"), ("pbsnodes", "-a"))
    folder: Path
    owner: Account
    login: Host
    node: Host
    server: Daemon
    scheduler: Daemon
    mom: Daemon
    sshd: Sshd
    options: OpenPbsOptions
    host: str = HOST

    def testimony(self) -> Statement:
        """The daemons' logs, jobs and nodes."""
        logs = sorted(self.folder.glob("*-var-spool/pbs/*_logs/*"))
        return self.told(self.server.log, self.mom.log, *logs)

    def wait_for_the_node(self) -> None:
        """Until jobs can start on it; LabError when they cannot."""
        process.wait_until(self._is_free, "the node is not free", seconds=120)

    def _is_free(self) -> bool:
        return b"state = free" in self.command("pbsnodes", conf.NODE).stdout


@contextmanager
def running_openpbs(options: OpenPbsOptions | None = None) -> Iterator[OpenPbsLab]:
    """A lab for as long as the context lasts; needs root. LabError when something does not come up."""
    with premises("site") as place:
        yield _start(place, options or OpenPbsOptions())


def _start(place: Premises, options: OpenPbsOptions) -> OpenPbsLab:
    owner = place.accounts["site"]
    login = _host(place, conf.LOGIN, {})
    homes = {} if options.shared_home else {homes_of_the_node(place, owner): "/home"}
    node = _host(place, conf.NODE, homes, beside=login)
    (place.folder / f"{conf.NODE}-var-spool/pbs/mom_priv/config").write_text(conf.mom_config(options))
    server, scheduler = _daemon(place, login, "server"), _daemon(place, login, "sched")
    mom = _daemon(place, node, "mom")
    for daemon in (_daemon(place, login, "comm"), server, scheduler, mom):
        daemon.start()
    sshd = sshd_of(place, owner, login, AROUND)
    lab = OpenPbsLab(place.folder, owner, login, node, server, scheduler, mom, sshd, options)
    owner.own(made(lab.node_scratch))
    for inner in homes:
        let_the_node_copy(place.supervisor, owner, login, inner / owner.name)
    lab.qmgr(*conf.directives(options))
    lab.wait_for_the_node()
    return lab


def _host(place: Premises, name: str, places: Mapping[Path, str], beside: Host | None = None) -> Host:
    """With its PBS_HOME, as PBS itself makes it. PBS takes none that is below a folder like /tmp."""
    own = {made(place.folder / f"{name}{path.replace('/', '-')}"): path for path in _OWN}
    for inner, path in own.items():
        inner.chmod(_OWN[path])
    there = start_host(
        place.supervisor, place.folder / name, name, conf.HOSTS, places={**own, **places}, beside=beside
    )
    (there.etc / "pbs.conf").write_text(conf.pbs_conf(EXEC, server=beside is None))
    done = there.attempt([str(EXEC / "libexec" / "pbs_habitat")], timeout=120)
    if done.returncode:
        raise LabError(f"pbs_habitat: {(done.stdout + done.stderr).decode(errors='replace')}")
    return there


def _daemon(place: Premises, there: Host, name: str) -> Daemon:
    log = place.folder / f"pbs_{name}.log"
    ready: Mapping[str, Callable[[], bool]] = {
        "server": lambda: there.attempt(["qstat", "-B"], AROUND).returncode == 0,
        "comm": lambda: b"ready" in log.read_bytes(),
    }
    argv = [*there.enter, str(EXEC / "sbin" / f"pbs_{name}"), "-N"]
    return Daemon(place.supervisor, argv, log, ready.get(name, lambda: True), AROUND)
