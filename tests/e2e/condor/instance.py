"""One HTCondor: a master and its daemons, run by an ordinary account, and its own tools to talk to it."""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.e2e.condor.config import FOLDERS, Identity, condor_config
from tests.e2e.lab import process
from tests.e2e.lab.account import Account
from tests.e2e.lab.daemons import ENVIRONMENT, Daemon, Supervisor
from tests.e2e.lab.process import LabError
from tests.witnesses import Statement

Ad = dict[str, Any]
"""One ClassAd as HTCondor's tools print it in JSON; an expression is a string `/Expr(...)/`."""

_COMM_LENGTH = 15
_STARTERS = 3
_UNTOLD = {"ProcLog", "SchedAuditLog", "SharedPortLog", "XferStatsLog"}


@dataclass(frozen=True)
class Condor:
    """An HTCondor of its own; every file of it is in `identity.folder`."""

    identity: Identity
    account: Account
    programs: Path
    master: Daemon

    @property
    def config(self) -> Path:
        """Its condor_config."""
        return self.identity.folder / "condor_config"

    @property
    def environment(self) -> Mapping[str, str]:
        """What a program needs to find this HTCondor and its tools."""
        return environment(self.programs, self.config)

    def start(self) -> None:
        """Start it, unless it runs, and wait until its collector knows its schedd.

        LabError with the end of its logs when that does not happen.
        """
        try:
            self.master.start()
        except LabError as error:
            raise LabError(f"{error}\n{self._last_words()}") from None

    def stop(self) -> None:
        """End all of it at once but in order (SIGQUIT), and wait for that."""
        self.master.stop(signal.SIGQUIT)

    def crash(self) -> None:
        """kill -9 for all of it: nothing is written any more."""
        process.wait_until(self._is_dead, "the end of every daemon", seconds=60)
        self.master.pid = None

    def kill(self, daemon: str) -> None:
        """kill -9 for the daemons of that name (`condor_schedd`); the master starts its own ones again."""
        for pid in self.pids(daemon):
            process.end(pid, with_signal=signal.SIGKILL)

    def pids(self, daemon: str = "condor_") -> list[int]:
        """Its living processes whose name begins like this, whichever process is their parent now."""
        return [
            pid
            for pid in process.descendants(self.master.supervisor.pid)
            if process.command_name(pid).startswith(daemon[:_COMM_LENGTH])
            and process.environment(pid).get("CONDOR_CONFIG") == str(self.config)
        ]

    def _is_dead(self) -> bool:
        alive = self.pids()
        for pid in alive:
            process.kill(pid)
        return not alive

    def tool(
        self,
        *argv: str,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> str:
        """What one of HTCondor's tools prints, run by the account; LabError with its words if it fails."""
        settings = {**self.environment, **(environment or {})}
        done = self.account.run(argv, settings, cwd=cwd, timeout=timeout)
        if done.returncode:
            said = (done.stdout + done.stderr).decode(errors="replace")
            raise LabError(f"{' '.join(argv)} ended with {done.returncode}:\n{said}")
        return done.stdout.decode()

    def queue(self, *attributes: str, constraint: str = "True") -> list[Ad]:
        """The jobs of its schedd, all attributes unless some are named."""
        return self._ads("condor_q", "-allusers", attributes, constraint)

    def history(self, *attributes: str, constraint: str = "True") -> list[Ad]:
        """The jobs that have left its schedd, the latest first."""
        return self._ads("condor_history", "-backwards", attributes, constraint)

    def status(self, kind: str, *attributes: str) -> list[Ad]:
        """Ads of its collector: `kind` is an option of condor_status, `-schedd` for instance."""
        return self._ads("condor_status", kind, attributes, "True")

    def idtoken(self, identity: str, *options: str) -> str:
        """A token signed by the key of this pool, for somebody who comes as `identity`."""
        return self.tool("condor_token_create", "-identity", identity, *options).strip()

    def give_token(self, name: str, token: str) -> None:
        """Put a token where the programs of the account look for theirs."""
        self.account.write(self.identity.folder / "tokens.d" / name, f"{token}\n".encode())

    def log(self, name: str) -> str:
        """A daemon's log: `SchedLog`, `MasterLog`, `CollectorLog`."""
        return (self.identity.folder / "log" / name).read_text(errors="replace")

    def testimony(self) -> Statement:
        """Its daemons' logs that tell of jobs, of those that each job has only the latest, and its queue."""
        folder = self.identity.folder / "log"
        told = (log for log in sorted(folder.glob("*Log")) if log.name not in _UNTOLD)
        of_jobs = sorted(folder.glob("StarterLog.*"), key=lambda log: log.stat().st_mtime)
        argv = ("condor_q", "-allusers", "-nobatch")
        queue = {f"{' '.join(argv)} of {self.identity.name}": partial(self.tool, *argv, timeout=20)}
        return Statement((*told, *of_jobs[-_STARTERS:]), queue)

    def _last_words(self) -> str:
        logs = sorted((self.identity.folder / "log").glob("*Log"))
        return "\n".join(line for log in logs for line in [f"-- {log.name}", *_tail(log)])

    def _ads(self, tool: str, option: str, attributes: Sequence[str], constraint: str) -> list[Ad]:
        projection = ["-attributes", ",".join(attributes)] if attributes else []
        printed = self.tool(tool, option, "-json", "-constraint", constraint, *projection)
        ads: list[Ad] = json.loads(printed) if printed.strip() else []
        return ads


def _tail(log: Path, lines: int = 8) -> list[str]:
    return log.read_text(errors="replace").splitlines()[-lines:]


def environment(programs: Path, config: Path) -> dict[str, str]:
    """What a program needs to find HTCondor's programs and one condor_config."""
    return {"PATH": f"{programs}:{ENVIRONMENT['PATH']}", "CONDOR_CONFIG": str(config)}


def prepare(
    supervisor: Supervisor,
    programs: Path,
    account: Account,
    identity: Identity,
    daemons: str,
    *lines: str,
    as_root: bool = False,
) -> Condor:
    """An HTCondor that is written down and not yet started.

    Its daemons run as the account, or as root, with the account for everything that is not root's to do.
    """
    for folder in (identity.folder, *(identity.folder / name for name in FOLDERS)):
        folder.mkdir(mode=0o700 if folder.name in FOLDERS else 0o755)
        account.own(folder)
    config = identity.folder / "condor_config"
    config.write_text(condor_config(identity, daemons, *lines))
    settings = {**environment(programs, config), **account.environment}
    serves = ["condor_status", "-schedd", "-af", "Name"]
    master = Daemon(
        supervisor,
        [str(programs / "condor_master"), "-f"],
        identity.folder / "master.out",
        lambda: bool(account.run(serves, settings).stdout),
        settings,
        None if as_root else account.name,
    )
    return Condor(identity, account, programs, master)
