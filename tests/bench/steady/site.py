"""A login node with a real sshd, whose Slurm is on paper: five thousand pilots "run" on a small machine.

No machine of ours has five thousand processes to spare, and slurmd begins one for each job. So what the
commands print is all that there is of the jobs, and the files that a job would write into its folder.
Commands are shell scripts that ask this process, whose CPU time nobody counts.
"""

from __future__ import annotations

import shutil
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.steady.paper import NODE, Job, Paper
from tests.e2e.lab.account import Account
from tests.e2e.lab.daemons import ENVIRONMENT
from tests.e2e.lab.login import Login
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.premises import premises
from tests.e2e.lab.sshd import Sshd, start_sshd

_RECORDED = Path(__file__).parents[2] / "corpora" / "slurm-22.05"
_PROBES = {
    "scontrol": {"show config": 1, "--all --oneliner show partition": 2},
    "sinfo": {"*": 3},
    "sacct": {"*": 4},
}
"""Which record of tests/corpora answers: those of a site that keeps no accounts."""
_ASK = """\
#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/{port}
printf '%s\\n' "$#" "$PWD" "${{0##*/}}" "$@" >&3
exec cat <&3
"""
_STDOUT = "".join(
    f"{number:06} a line as glidein_startup.sh prints them, of such a length\n" for number in range(300)
)
_TIMES = "0m0.01s 0m0.01s\n0m0.10s 0m0.05s\n"


@dataclass(frozen=True)
class PaperSite(Login):
    """The login node, and its jobs."""

    owner: Account
    sshd: Sshd
    jobs: Jobs
    host: str = "127.0.0.1"


class Jobs:
    """The batch system: what commands ask of it, and what it does by itself. Several threads may call."""

    def __init__(self, most: int):
        self.paper, self._lock = Paper(most), threading.Lock()

    def answer(self, command: str, folder: str, arguments: list[str]) -> str:
        """What the command prints. The scripts of those that are not here were recorded."""
        with self._lock:
            if command == "squeue":
                return self.paper.listing(time.time())
            if command == "sbatch":
                job = self.paper.submit(_name(Path(folder, arguments[-1])), folder, time.time())
                self._begin()
                return f"{job.id}\n"
        return ""

    @property
    def submitted(self) -> int:
        """How many sbatch has taken, in all."""
        return self.paper.submitted

    def end_one(self) -> Job | None:
        """The one that has run for longest is over, with its files; another begins."""
        with self._lock:
            job = self.paper.end(time.time())
            self._begin()
        if job is not None:
            _write_end(Path(job.folder))
        return job

    def _begin(self) -> None:
        for job in self.paper.begin(time.time()):
            text = f"time={int(time.time())}\nhost={NODE}\njob={job.id}\n"
            Path(job.folder, "start").write_text(text)


def _name(script: Path) -> str:
    words = "#SBATCH --job-name="
    return next(line for line in script.read_text().splitlines() if line.startswith(words)).removeprefix(
        words
    )


def _write_end(folder: Path) -> None:
    (folder / "stdout").write_text(_STDOUT)
    (folder / "stderr").write_text("")
    (folder / "exit.new").write_text(
        f"{_TIMES}code=0\ntime={int(time.time())}\nstdout={len(_STDOUT)}\nstderr=0\nmemory=1000000\n"
    )
    (folder / "exit.new").rename(folder / "exit")


@contextmanager
def paper_site(most: int) -> Iterator[PaperSite]:
    """The site, for as long as the context lasts; needs root. No more than `most` jobs run at a time."""
    with premises("site") as place, _Server(Jobs(most)) as server:
        commands = place.folder / "bin"
        _write_commands(commands, server.server_address[1])
        sshd = start_sshd(
            place.supervisor,
            place.folder / "sshd",
            account=place.accounts["site"].name,
            port=next(place.ports),
            batch="slurm",
            environment={"PATH": f"{commands}:{ENVIRONMENT['PATH']}"},
            options=LabOptions(),
        )
        yield PaperSite(place.accounts["site"], sshd, server.jobs)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, jobs: Jobs):
        super().__init__(("127.0.0.1", 0), _Request)
        self.jobs = jobs

    def __enter__(self) -> _Server:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Request(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        number = int(self.rfile.readline())
        folder, command, *arguments = (self.rfile.readline().decode()[:-1] for _ in range(number + 2))
        self.wfile.write(self.server.jobs.answer(command, folder, arguments).encode())


def _write_commands(folder: Path, port: int) -> None:
    folder.mkdir(mode=0o755)
    for name in ("sbatch", "squeue", "scancel"):
        _program(folder / name, _ASK.format(port=port))
    for name, records in _PROBES.items():
        cases = "".join(_case(folder, words, number) for words, number in records.items())
        _program(folder / name, f'#!/bin/sh\ncase "$*" in\n{cases}esac\n')


def _case(folder: Path, words: str, number: int) -> str:
    for kind in ("stdout", "stderr"):
        shutil.copy(_RECORDED / f"probe-no-accounting-{number}.{kind}", folder / f"{number}.{kind}")
    code = (_RECORDED / f"probe-no-accounting-{number}.rc").read_text().strip()
    pattern = words if words == "*" else f'"{words}"'
    return f"{pattern}) cat {folder}/{number}.stdout; cat {folder}/{number}.stderr >&2; exit {code} ;;\n"


def _program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
