"""Starting and stopping the daemons of one lab, through its supervisor."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.lab import process, supervisor
from tests.e2e.lab.process import LabError

HOST = "127.0.0.1"

ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
}
"""What every program of the lab runs with, whatever the tests' own environment is."""

_PROJECT = Path(__file__).parents[3]


class Supervisor:
    """Our end of `supervisor.py`. Closing it ends every process of the lab and removes its folders."""

    def __init__(self, folders: Sequence[Path], keep_open: Sequence[int] = ()) -> None:
        """`keep_open`: file descriptors that stay open until the last process of the lab has ended."""
        self._one_at_a_time = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", supervisor.__name__, *map(str, folders)],
            cwd=_PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=keep_open,
            start_new_session=True,  # Ctrl-C ends the tests; what they leave is the supervisor's to clear
            text=True,
        )

    @property
    def pid(self) -> int:
        """The ancestor of every process of the lab."""
        return self._process.pid

    def start(
        self, argv: Sequence[str], environment: Mapping[str, str], log: Path, user: str | None = None
    ) -> int:
        """Start a program whose output goes to `log` and return its pid; LabError if it cannot be started.

        It runs as root, or as the user of that name and the group of the same name.
        """
        request = {"argv": list(argv), "environment": dict(environment), "log": str(log), "user": user}
        answer = json.loads(self._ask(json.dumps(request)))
        if "error" in answer:
            raise LabError(f"{argv[0]} cannot be started: {answer['error']}")
        return int(answer["pid"])

    def close(self) -> None:
        """End everything and wait for that; LabError if something survived."""
        self._process.communicate(timeout=60)
        if self._process.returncode:
            raise LabError(f"the lab's supervisor ended with {self._process.returncode}: see its messages")

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._one_at_a_time:
            print(line, file=self._process.stdin, flush=True)
            answer = self._process.stdout.readline()
        if not answer:
            raise LabError("the lab's supervisor has ended: see its messages")
        return answer


@dataclass
class Daemon:
    """One daemon, in the foreground below the supervisor, as root unless `user` is set.

    It serves when `is_ready()`.
    """

    supervisor: Supervisor
    argv: Sequence[str]
    log: Path
    is_ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    pid: int | None = None

    def start(self, seconds: float = 90) -> None:
        """Start it, unless it runs, and wait until it serves.

        LabError with the end of its log when it ends instead, or does not serve within `seconds`.
        """
        if not self.is_running():
            settings = {**ENVIRONMENT, **self.environment}
            self.pid = self.supervisor.start(self.argv, settings, self.log, self.user)
        try:
            process.wait_until(self._is_ready_or_dead, f"{self.argv[0]} is not ready", seconds)
        except LabError as error:
            raise LabError(f"{error}\n{_last_lines(self.log)}") from None

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> None:
        """End it and wait until it is gone; nothing to do when it does not run."""
        if self.pid is not None:
            process.end(self.pid, with_signal=with_signal)
            self.pid = None

    def is_running(self) -> bool:
        """Whether the process exists."""
        return self.pid is not None and Path(f"/proc/{self.pid}").exists()

    def _is_ready_or_dead(self) -> bool:
        if not self.is_running():
            raise LabError(f"{self.argv[0]} ended at once")
        return self.is_ready()


def run(argv: Sequence[str], environment: Mapping[str, str] | None = None, *, timeout: float = 60) -> bytes:
    """Run a program of the system as root and return its output; LabError with what it said when it fails."""
    done = attempt(argv, environment, timeout=timeout)
    if done.returncode:
        said = (done.stdout + done.stderr).decode(errors="replace")
        raise LabError(f"{' '.join(argv)} ended with {done.returncode}:\n{said}")
    return done.stdout


def attempt(
    argv: Sequence[str], environment: Mapping[str, str] | None = None, *, timeout: float = 60
) -> subprocess.CompletedProcess[bytes]:
    """Run a program of the system as root, whatever it answers within `timeout` seconds."""
    settings = {**ENVIRONMENT, **(environment or {})}
    return subprocess.run(argv, env=settings, capture_output=True, timeout=timeout, check=False)


def is_listening(port: int) -> bool:
    """Whether somebody takes connections on a TCP port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _last_lines(log: Path, count: int = 15) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    except OSError as error:
        return f"(no log: {error})"
