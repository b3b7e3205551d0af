"""The product's own front door in a lab: `hosted-ce front-door`, run as an ordinary account."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hosted_ce.front_door.layout import Layout, layout_of
from tests.e2e.condor.config import Identity
from tests.e2e.condor.instance import Condor, environment
from tests.e2e.condor.issuer import Issuer
from tests.e2e.condor.lab import CondorLab
from tests.e2e.lab.account import Account
from tests.e2e.lab.daemons import ENVIRONMENT, HOST, Daemon
from tests.e2e.lab.ordinary import as_account
from tests.e2e.lab.process import LabError, wait_until
from tests.witnesses import Statement

QUICK = {"_CONDOR_PERIODIC_EXPR_INTERVAL": "2"}
"""Finished pilots leave the queue at once; the rest of the configuration is the product's."""


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it printed on both channels."""

    code: int
    printed: str


@dataclass(frozen=True)
class FrontDoorLab:
    """A site file, a state folder, and the command line to use them with."""

    lab: CondorLab
    account: Account
    folder: Path
    host: str
    port: int
    site: dict[str, Any]
    variables: dict[str, str] = field(default_factory=lambda: dict(QUICK))

    @property
    def state(self) -> Path:
        """The CE's state folder."""
        return self.folder / "state"

    @property
    def layout(self) -> Layout:
        """The front door's own folder."""
        return layout_of(self.state)

    @property
    def site_file(self) -> Path:
        """Where the site file is."""
        return self.folder / "site.yaml"

    def write_site(self, **parts: Any) -> None:
        """Write the site file, with these parts changed for good."""
        self.site.update(parts)
        self.site_file.write_text(json.dumps(self.site))  # JSON is YAML, without aliases

    def run(self, *argv: str, seconds: float = 90, **variables: str) -> Ran:
        """One `hosted-ce front-door ...`; what it leaves running ends with the lab."""
        log, code = self.folder / "command.log", self.folder / "command.code"
        log.unlink(missing_ok=True)
        code.unlink(missing_ok=True)
        command = [sys.executable, "-m", "hosted_ce.cli.main", "front-door", *argv]
        noting = ["sh", "-c", '"$@"; code=$?; echo $code > "$0.new"; mv "$0.new" "$0"', str(code)]
        settings = {**ENVIRONMENT, **self.environment, **self.variables, **variables}
        self.lab.supervisor.start([*noting, *as_account(self.account, command)], settings, log)
        wait_until(code.exists, f"the end of {' '.join(argv)}", seconds)
        return Ran(int(code.read_text()), log.read_text(errors="replace"))

    @property
    def environment(self) -> Mapping[str, str]:
        """What the CE's own programs run with here."""
        condor = environment(self.lab.programs, self.layout.config)
        places = {"HOSTED_CE_STATE": str(self.state), "HOSTED_CE_SITE": str(self.site_file)}
        trust = {"SCITOKEN_CONFIG_TLS_CA_FILE": str(self.lab.authority.file)}
        return {"PATH": condor["PATH"], **self.account.environment, **places, **trust}

    def foreground(self) -> Daemon:
        """`start --foreground`, as a supervisor of services has it; not started yet."""
        command = [sys.executable, "-m", "hosted_ce.cli.main", "front-door", "start", "--foreground"]
        settings = {**self.environment, **self.variables}
        log = self.folder / "foreground.log"
        return Daemon(self.lab.supervisor, as_account(self.account, command), log, self._is_open, settings)

    def _is_open(self) -> bool:
        settings = environment(self.lab.programs, self.layout.config)
        asked = ["condor_status", "-schedd", "-af", "Name"]
        return self.host in self.account.run(asked, settings).stdout.decode()

    def testimony(self) -> Statement:
        """What the last command said, and HTCondor's."""
        said = (self.folder / name for name in ("command.log", "foreground.log"))
        return Statement(tuple(log for log in said if log.exists())) | self.condor.testimony()

    def start(self) -> None:
        """`start`; LabError with what it said when that fails."""
        ran = self.run("start")
        if ran.code:
            raise LabError(ran.printed)

    def check(self, *options: str, **variables: str) -> dict[str, dict[str, str]]:
        """The findings of `check`, by name."""
        ran = self.run("check", "--json", *options, **variables)
        found: list[dict[str, str]] = json.loads(ran.printed)
        assert ran.code == int(any(each["verdict"] == "fail" for each in found)), ran.printed
        return {each["name"]: each for each in found}

    @property
    def condor(self) -> Condor:
        """HTCondor's own tools for it. It is started and stopped by the command line only."""
        identity = Identity(self.host, self.layout.folder, self.port)
        nothing = Daemon(self.lab.supervisor, [], self.folder / "none", lambda: True)
        return Condor(identity, self.account, self.lab.programs, nothing)


def front_door(lab: CondorLab, name: str, *issuers: Issuer, account: str = "osg01") -> FrontDoorLab:
    """A front door with its site file written and nothing started; its issuers' tokens come as `account`."""
    folder, port, owner = lab.folder / name, next(lab.ports), lab.accounts["ce"]
    folder.mkdir(mode=0o755)
    (folder / "state").mkdir(mode=0o700)
    owner.own(folder / "state")
    certificate = lab.authority.host_certificate(folder, name, HOST, owner=owner)
    login = {"host": "login.lab.test"}
    cluster = {"batch": "slurm", "login": [login], "account": account, "key": "/k", "known_hosts": "/h"}
    site = {
        "site": "Lab-University",
        "resource": "Lab-CE1",
        "clusters": {"main": cluster},
        "routes": [{"name": "default", "request": {"cpus": 8, "memory": "16 GB", "queue": "osg"}}],
        "issuers": [{"issuer": issuer.url, "account": account} for issuer in issuers],
        "front_door": {
            "host": name,
            "port": port,
            "bind": HOST,
            "certificate": str(certificate.certificate),
            "certificate_key": str(certificate.key),
            "trusted_ca": str(lab.authority.file),
        },
    }
    door = FrontDoorLab(lab, owner, folder, name, port, site)
    door.write_site()
    return door
