"""A stand-in in a folder of its own: its commands for a PATH, its server, and the faults that it plays.

To look around: `python -m tests.standins.site FOLDER pbs torque`, until it is interrupted.
"""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # the programs know each other by these names
from machine import client, processes  # noqa: E402
from machine.state import Job, Place  # noqa: E402

COMMANDS = {
    "pbs": ("qsub", "qstat", "qselect", "qdel", "qsig", "qhold", "qrls", "pbsnodes"),
    "lsf": ("bsub", "bjobs", "bkill", "bhist", "bstop", "bresume", "lsid", "bparams", "bqueues"),
}
PATIENCE_S = 20.0


class StandIn:
    """One site. `words`: `pbs` or `lsf`; `flavour`: `openpbs`, `torque`, or the version of LSF."""

    def __init__(self, folder: Path, words: str, flavour: str, **settings: Any):
        self.folder, self.words, self.flavour = folder, words, flavour
        self.place = Place(str(folder / "state"))
        self.place.make(**settings)
        self.bin = folder / "bin"
        self.bin.mkdir()
        for name in COMMANDS[words]:
            self._command(name)
        self.server: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """For whoever runs the commands."""
        return {"PATH": f"{self.bin}:/usr/local/bin:/usr/bin:/bin", "HOME": str(self.folder), "TZ": "UTC"}

    def start(self) -> None:
        """The server is there, or back."""
        argv = [sys.executable, "-S", "-E", str(HERE / "machine" / "server.py"), self.place.folder]
        self.server = subprocess.Popen([str(word) for word in argv], start_new_session=True)
        deadline = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert self.server.poll() is None, "the server has ended"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.02)

    def stop(self) -> None:
        """The server ends; jobs go on."""
        if self.server:
            self.server.kill()
            self.server.wait()
            self.server = None

    def close(self) -> None:
        """Nothing is left running."""
        self.stop()
        for job in self.place.read_jobs().values():
            if run := self.place.noted(job["number"], "run"):
                processes.send(run["session"], signal.SIGKILL)

    def run(self, *argv: str, cwd: Path | None = None, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """What a user's command prints."""
        return subprocess.run(
            argv,
            env=self.environment,
            cwd=cwd or self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def jobs(self) -> list[Job]:
        """As the server has them."""
        return list(client.ask(str(self.place.folder), "jobs"))

    def until(self, number: int, *phases: str) -> Job:
        """The job as soon as it is in one of these phases."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            job = next(job for job in self.jobs() if job["number"] == number)
            if job["phase"] in phases and (job["phase"] != "running" or job["session"]):
                return job
            assert time.monotonic() < deadline, job
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            self.jobs()
        except client.Away:
            return False
        return True

    def _command(self, name: str) -> None:
        program = HERE / self.words / "__main__.py"
        argv: Sequence[str] = [
            sys.executable, "-S", "-E", str(program), str(self.place.folder), self.flavour, name,
        ]  # fmt: skip
        path = self.bin / name
        path.write_text(f'#!/bin/sh\nexec {shlex.join(argv)} "$@"\n')
        path.chmod(0o755)


@contextmanager
def running(folder: Path, words: str, flavour: str, **settings: Any) -> Iterator[StandIn]:
    """A site whose server runs; afterwards nothing of it does."""
    folder.mkdir(parents=True, exist_ok=True)
    site = StandIn(folder, words, flavour, **settings)
    site.start()
    try:
        yield site
    finally:
        site.close()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit())
    with running(Path(sys.argv[1]), sys.argv[2], sys.argv[3]) as here:
        print(f"PATH={here.bin}:$PATH", flush=True)
        signal.pause()
