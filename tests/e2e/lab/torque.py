"""A real Torque that is installed on this machine, and a campus with it.

The project has none of it: where it is not installed, what needs it is skipped (`unmet`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.lab import host, process, requirements
from tests.e2e.lab import torque_conf as conf
from tests.e2e.lab.account import Account
from tests.e2e.lab.daemons import HOST, run
from tests.e2e.lab.host import Host, start_host
from tests.e2e.lab.pbs_copies import let_the_node_copy, made
from tests.e2e.lab.pbs_site import PbsSite, homes_of_the_node, sshd_of
from tests.e2e.lab.premises import Premises, premises
from tests.e2e.lab.process import LabError
from tests.e2e.lab.slot import one_lab_at_a_time
from tests.e2e.lab.sshd import Sshd
from tests.e2e.lab.torque_conf import TorqueOptions
from tests.e2e.lab.torque_daemons import AROUND, INSTALLED, TorqueDaemons, torque_daemons
from tests.e2e.lab.torque_network import connect
from tests.witnesses import Statement

_COMMANDS = (*host.COMMANDS, "scp", "sshd", "ssh", "ssh-keygen", "useradd")
_NAME = re.compile(r"\bjobname=(\S+)")


def unmet() -> str | None:
    """Why there can be no such lab here; None when there can."""
    if not (INSTALLED / "sbin" / "pbs_mom").exists():
        return f"there is no Torque in {INSTALLED} (TORQUE_PREFIX): see docs/developers/batch-pbs.md"
    return requirements.unmet(_COMMANDS)


@dataclass(frozen=True)
class TorqueLab(PbsSite):
    """A running site: a login node with one account, and the Torque behind it with one node that works."""

    AROUND = AROUND
    TELLING = (("qstat", "-f", "-1"), ("pbsnodes", "-a"))
    folder: Path
    owner: Account
    login: Host
    node: Host
    daemons: TorqueDaemons
    sshd: Sshd
    options: TorqueOptions
    host: str = HOST

    def until_the_node_is(self, state: str, seconds: float = 90) -> None:
        """Waits for the server to say so of the only node that works."""
        wanted = f"state = {state}\n".encode()
        process.wait_until(
            lambda: wanted in self.command("pbsnodes", conf.NODE).stdout,
            f"the node is not {state}",
            seconds,
            every=0.5,
        )

    def start_server(self) -> None:
        """The server is back, and with it the scheduler, which does not outlive each end of a server."""
        self.daemons.server.start()
        self.daemons.scheduler.start()

    def kill_job(self, batch_id: str) -> None:
        """All its processes end at once, as when its node does."""
        told = self.command("qstat", "-f", batch_id).stdout.decode()
        found = re.search(r"session_id = (\d+)", told)
        if not found:
            raise LabError(f"{batch_id} does not run: {told}")
        run(["pkill", "-KILL", "--session", found[1]])

    def accounting(self) -> list[tuple[str, str]]:
        """The server's own records, oldest first: what happened (Q: queued, S: began, E: ended), job's name.

        A record of kind Q has no name.
        """
        files = sorted(self.folder.glob(f"{conf.LOGIN}-home/server_priv/accounting/*"))
        lines = (line.split(";", 3) for file in files for line in file.read_text().splitlines())
        return [(kind, "".join(_NAME.findall(told))) for _, kind, _, told in lines]

    def submissions(self) -> int:
        """How many jobs were ever submitted."""
        return sum(kind == "Q" for kind, _ in self.accounting())

    def testimony(self) -> Statement:
        """The daemons' logs, jobs and nodes."""
        logs = sorted(self.folder.glob("*-home/*_logs/*"))
        daemons = (daemon.log for daemon in self.daemons.all)
        return self.told(*daemons, *logs)


@contextmanager
def running_torque(options: TorqueOptions | None = None) -> Iterator[TorqueLab]:
    """A lab for as long as the context lasts; needs root. LabError when something does not come up.

    Another one of this machine is waited for: clients find trqauthd by one path that was compiled in.
    """
    with one_lab_at_a_time("torque"), premises("site") as place:
        yield _start(place, options or TorqueOptions())


def _start(place: Premises, options: TorqueOptions) -> TorqueLab:
    owner = place.accounts["site"]
    homes = [] if options.shared_home else [homes_of_the_node(place, owner)]
    login = _host(place, conf.LOGIN, options, {})
    node = _host(place, conf.NODE, options, {inner: "/home" for inner in homes})
    connect(login, node)
    daemons = torque_daemons(place.supervisor, place.folder, login, node)
    sshd = sshd_of(place, owner, login, AROUND)
    lab = TorqueLab(place.folder, owner, login, node, daemons, sshd, options)
    owner.own(made(lab.node_scratch))
    for inner in homes:
        let_the_node_copy(place.supervisor, owner, login, inner / owner.name)
    for daemon in daemons.all:
        daemon.start()
    lab.qmgr(*conf.directives(options))
    lab.until_the_node_is("free")
    return lab


def _host(place: Premises, name: str, options: TorqueOptions, places: Mapping[Path, str]) -> Host:
    home = conf.make_home(place.folder / f"{name}-home", options)
    return start_host(
        place.supervisor, place.folder / name, name, conf.HOSTS, places={home: conf.HOME, **places}
    )
