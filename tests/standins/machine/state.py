"""What a stand-in keeps on disk: its settings, faults that it is to play, and one file for each job."""

from __future__ import annotations

import json
import os
import pathlib
from typing import Any

Job = dict[str, Any]
""" number, name, owner, queue, phase (queued, held, running, ended), hold (who), cpus, memory_mb, walltime_s,
gpus, alone, script, argv (of the top process), stdin (what it reads), output, stageout (path, host, path),
folder, environment, submitted, started, ended, changed, session, wait_status, cause (walltime, memory,
deleted), used (cpu_s, memory_kb), comment, and `words`: whatever the commands in front want to remember. """

SETTINGS = {
    "cpus": 8, "memory_enforced": True, "kill_delay_s": 1.0, "grace_s": 0.3, "keep_ended_s": 3600.0,
    "host": "node1", "server": "pbs1", "scheduling": True,
    "node_home": None,
}  # fmt: skip
"""`keep_ended_s`: how long an ended job is known; `grace_s`: from the end of a job's top process to its
others'; `node_home`: the account's home on the node, where that is another."""


class Place:
    """The folder of one stand-in."""

    def __init__(self, folder: str):
        self.folder = pathlib.Path(folder)
        self.jobs = self.folder / "jobs"

    def make(self, **settings: Any) -> None:
        """A new one. Settings are those of SETTINGS."""
        assert settings.keys() <= SETTINGS.keys()
        self.jobs.mkdir(parents=True)
        self._write("settings", {**SETTINGS, **settings})
        self._write("faults", {})

    @property
    def settings(self) -> dict[str, Any]:
        """As they are now."""
        return dict(json.loads((self.folder / "settings").read_text()))

    @property
    def faults(self) -> dict[str, Any]:
        """What is to go wrong: see the commands."""
        return dict(json.loads((self.folder / "faults").read_text()))

    def play(self, **faults: Any) -> None:
        """From now on these faults, and no others."""
        self._write("faults", faults)

    def set(self, **settings: Any) -> None:
        """Changes settings."""
        self._write("settings", {**self.settings, **settings})

    def write_job(self, job: Job) -> None:
        """Whole or not at all."""
        self._write(f"jobs/{job['number']}.job", job)

    def read_jobs(self) -> dict[int, Job]:
        """All that are known."""
        found = (json.loads(path.read_text()) for path in self.jobs.glob("*.job"))
        return {job["number"]: job for job in found}

    def history(self) -> dict[int, Job]:
        """Those that were forgotten, too."""
        found = (json.loads(path.read_text()) for path in (self.folder / "history").glob("*.job"))
        return {**{job["number"]: job for job in found}, **self.read_jobs()}

    def forget(self, number: int) -> None:
        """It is history."""
        past = self.folder / "history"
        past.mkdir(exist_ok=True)
        (self.jobs / f"{number}.job").rename(past / f"{number}.job")
        for path in self.jobs.glob(f"{number}.*"):
            path.unlink()

    def note(self, number: int, what: str, facts: Any) -> None:
        """Something that a job's keeper tells the server: `run` or `end`."""
        self._write(f"jobs/{number}.{what}", facts)

    def noted(self, number: int, what: str) -> Any:
        """What the keeper told; None: nothing yet."""
        try:
            return json.loads((self.jobs / f"{number}.{what}").read_text())
        except FileNotFoundError:
            return None

    def _write(self, name: str, content: Any) -> None:
        path = self.folder / name
        new = path.with_name(f"{path.name}.{os.getpid()}.new")
        new.write_text(json.dumps(content))
        new.replace(path)
