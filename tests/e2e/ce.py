"""A real CE process for the end-to-end tests: started, killed and started again like an operator's."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import httpx
import yaml

from tests.e2e.lab.account import Account
from tests.e2e.lab.ordinary import as_account
from tests.e2e.lab.site import Lab
from tests.witnesses import Statement

START_S = 180
OVER = frozenset({"completed", "removed", "lost", "held"})


class LoginNode(Protocol):
    """How a CE gets to the site of a lab, whatever batch system is behind it."""

    @property
    def host(self) -> str:
        """Its address."""

    @property
    def port(self) -> int:
        """Its SSH port."""

    @property
    def account(self) -> str:
        """Whose jobs the pilots are."""

    @property
    def ce_key(self) -> Path:
        """The key that the CE logs in with."""

    @property
    def known_hosts(self) -> Path:
        """Its host keys."""


class Ce:
    """`hosted-ce serve` for a lab, with a state folder of its own."""

    def __init__(
        self, lab: LoginNode, folder: Path, *, site: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None, account: Account | None = None, **cluster: Any,
    ):  # fmt: skip
        """`cluster` are settings of its cluster (None: it has none), `site` further parts of the site file.

        It runs as the `account`, which must be able to write the folder; without one as we do.
        """
        self._account = account
        self.environment = {**os.environ, "HOSTED_CE_ROOT": "true", **(environment or {})}
        self.state = folder / "state"
        self.site_file = folder / "site.yaml"
        self.log = folder / "log"
        self.site_file.write_text(yaml.safe_dump({**_site(lab, cluster), **(site or {})}))
        self._process: subprocess.Popen[bytes] | None = None
        self.client = httpx.Client()

    def start(self) -> None:
        """Starts it and waits until its API answers."""
        command = [sys.executable, "-m", "hosted_ce.cli.main", "serve"]
        argv = [*command, "--site", str(self.site_file), "--state", str(self.state), "--port", "0"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                as_account(self._account, argv) if self._account else argv,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=self.environment,
            )
        self.wait_until((self.state / "endpoint").exists, START_S, "the CE did not start")
        token = (self.state / "token").read_text().strip()
        url = (self.state / "endpoint").read_text().strip()
        self.client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """kill -9: nothing is cleaned up."""
        self._end(signal.SIGKILL)
        (self.state / "endpoint").unlink(missing_ok=True)

    def stop(self) -> int:
        """SIGTERM; returns its exit code."""
        return self._end(signal.SIGTERM)

    def submit(
        self,
        script: str | bytes,
        *arguments: str,
        key: str | None = None,
        files: dict[str, bytes] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """Submits a pilot whose executable is this shell script."""
        content = script.encode() if isinstance(script, str) else script
        inputs = [{"name": "pilot.sh", "executable": True, "content": _base64(content)}]
        inputs += [{"name": name, "content": _base64(data)} for name, data in (files or {}).items()]
        body = {"executable": "pilot.sh", "arguments": list(arguments), "inputs": inputs, **more}
        answer = self.client.post(
            "/api/v1/pilots", json=body, headers={"Idempotency-Key": key} if key else {}
        )
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def show(self, pilot_id: int) -> dict[str, Any]:
        """One pilot, with its history."""
        answer = self.client.get(f"/api/v1/pilots/{pilot_id}").raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def pilots(self) -> list[dict[str, Any]]:
        """All pilots, oldest first."""
        page = self.client.get("/api/v1/pilots", params={"limit": 1000}).raise_for_status().json()
        return sorted(page["items"], key=lambda pilot: pilot["id"])

    def output(self, pilot_id: int, name: str = "stdout") -> bytes:
        """One output."""
        return self.client.get(f"/api/v1/pilots/{pilot_id}/{name}").raise_for_status().content

    def wait(
        self, pilot_ids: Iterable[int], states: Iterable[str] = OVER, seconds: float = 120
    ) -> list[dict[str, Any]]:
        """Waits until all of them are in one of `states`; returns them."""
        wanted, ids = set(states), set(pilot_ids)
        found: list[dict[str, Any]] = []

        def there() -> bool:
            found[:] = [pilot for pilot in self.pilots() if pilot["id"] in ids]
            return all(pilot["state"] in wanted for pilot in found)

        self.wait_until(there, seconds, f"not all pilots became {sorted(wanted)}")
        return found

    def _end(self, number: int) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(number)
        code = self._process.wait(60)
        self._process = None
        self.client.close()
        return code

    def cluster(self) -> dict[str, Any]:
        """The only cluster, as the API shows it."""
        [found] = self.client.get("/api/v1/site").raise_for_status().json()["clusters"]
        assert isinstance(found, dict)
        return found

    def wait_until(self, true: Callable[[], bool], seconds: float, problem: str) -> None:
        """Returns when `true` is; fails with the problem and the log's end after `seconds`."""
        deadline = time.monotonic() + seconds
        while not true():
            if self._process is not None and self._process.poll() is not None:
                raise AssertionError(f"the CE ended with {self._process.returncode}:\n{self.last_words()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"{problem} within {seconds} s:\n{self.last_words()}")
            time.sleep(0.1)

    def testimony(self) -> Statement:
        """Its log."""
        return Statement((self.log,))

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3000:]


def killed_in_the_middle(
    ce: Ce, script: str, arguments: Sequence[str], seconds: float
) -> list[dict[str, Any]]:
    """Submits a pilot for each argument, kills the CE while it submits them, and asks for the same again.

    Returns them when they are over.
    """
    asked = [(argument, f"pilot-{number}") for number, argument in enumerate(arguments)]
    for argument, key in asked:
        ce.submit(script, argument, key=key)
    ce.wait_until(lambda: any(pilot["batch_id"] for pilot in ce.pilots()), 60, "nothing was submitted")
    ce.kill()
    ce.start()
    again = [ce.submit(script, argument, key=key) for argument, key in asked]
    return ce.wait((pilot["id"] for pilot in again), seconds=seconds)


def names_at_site(lab: Lab) -> list[str]:
    """The names of all jobs that the site's Slurm has or had in its queue, for counting duplicates."""
    rows = lab.slurm.command("squeue", "-h", "-a", "-t", "all", "-o", "%j").stdout
    return rows.decode().split() if isinstance(rows, bytes) else rows.split()


def stamps_of(pilots: Sequence[dict[str, Any]]) -> set[str]:
    """The stamps of the pilots' latest attempts."""
    return {pilot["stamp"] for pilot in pilots}


def _site(lab: LoginNode, cluster: dict[str, Any]) -> dict[str, Any]:
    own = {
        "batch": "slurm",
        "login": [{"host": lab.host, "port": lab.port}],
        "account": lab.account,
        "key": str(lab.ce_key),
        "known_hosts": str(lab.known_hosts),
        "poll": "1s",
        "missing_grace": "5s",
        **cluster,
    }
    return {
        "site": "Lab-University",
        "resource": "Lab-CE1",
        "clusters": {"lab": {key: value for key, value in own.items() if value is not None}},
        "routes": [
            {
                "name": "short",
                "when": 'queue == "short"',
                "request": {"walltime": "5m", "memory": "10 MB"},
                "limits": {"pilots": 100, "idle": 100},
            },
            {
                "name": "default",
                "request": {"walltime": "10m", "memory": "10 MB"},
                "limits": {"pilots": 500, "idle": 500},
            },
        ],
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
