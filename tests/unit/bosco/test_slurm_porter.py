"""What carries files between a login node and its worker nodes, where a step hangs, breaks or has company."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from carried_job import PATIENCE_S, wait_for

from bosco.batch.slurm.carried import porter
from bosco.batch.slurm.codec import SILENTLY_GONE

COMMANDS = {
    "squeue": 'exec cat "$there/jobs"',
    "srun": """\
for word; do case $word in --jobid=*) job=${word#*=} ;; esac; done
while case $1 in --*) true ;; *) false ;; esac do shift; done
case $* in *tar*) what=fetch ;; *) what=refresh ;; esac
echo "$what $job" >>"$there/steps"
[ ! -e "$there/srun.$job" ] || . "$there/srun.$job"
exec "$@"
""",
    "scancel": 'shift 3; echo "$@" >>"$there/told"',
}
"""Slurm; `srun.<job>` is what is different about a job's steps."""
UNTIL = "until [ -e {} ]; do /bin/sleep 0.02; done"
LARGE = os.urandom(1000000)
"""gzip unpacks nothing before it has a quarter of that."""


class Site:
    """Pilots that call for the porter, and the porter."""

    def __init__(self, place: Path):
        self.spool, self.there, self._bin = place / "spool", place / "there", place / "bin"
        self.temporary = place / "tmp"
        for folder in (self.spool, self.there, self._bin, self.temporary):
            folder.mkdir()
        for name, text in COMMANDS.items():
            self.command(name, text)
        (self.there / "jobs").touch()
        self._porters: list[subprocess.Popen[str]] = []

    def command(self, name: str, text: str) -> None:
        """What one of Slurm's commands does."""
        (self._bin / name).write_text(f"#!/bin/sh\nthere={self.there}\n{text}")
        (self._bin / name).chmod(0o755)

    def call(self, job: int, word: str, node: str = "", stdout: bytes = b"out") -> None:
        """A pilot that runs with a new credential to come, or has ended."""
        home, folder = self.home(job), self.folder(job)
        (home / "refresh").mkdir(parents=True)
        (folder / "refresh").mkdir(parents=True)
        if word == "run":
            (home / "refresh" / "token").write_text("a new token")
        else:
            (folder / "stdout").write_bytes(stdout)
            (folder / "exit").write_text("code=0\n")
        with (self.there / "jobs").open("a") as jobs:
            jobs.write(f"{job} {home.name} {node or f'node{job}'} hosted_ce:{word}:1:{folder}\n")

    def home(self, job: int) -> Path:
        """The pilot's folder in the spool."""
        return self.spool / "pilots" / f"haaaaaaaaaaaaa{job}"

    def folder(self, job: int) -> Path:
        """That on its node."""
        return self.there / f"job{job}"

    def steps_of(self, job: int, text: str) -> None:
        """What `srun` does for it before the command, or instead; one that runs keeps what it began with."""
        path = self.there / f"srun.{job}"
        path.unlink(missing_ok=True)
        path.write_text(text)

    def start(self, *times: str) -> subprocess.Popen[str]:
        """A porter; `times` in place of its last arguments."""
        argv = porter("osg01").argv
        argv = (*argv[: len(argv) - len(times)], *times)
        environment = {"PATH": f"{self._bin}:{os.environ['PATH']}", "TMPDIR": str(self.temporary)}
        self._porters.append(
            subprocess.Popen(argv, cwd=self.spool, env=environment, stderr=subprocess.PIPE, text=True)
        )
        return self._porters[-1]

    def visit(self, *times: str) -> list[str]:
        """What a porter could not do."""
        return self.end(self.start(*times))

    @staticmethod
    def end(started: subprocess.Popen[str]) -> list[str]:
        """What it could not do."""
        return started.communicate(timeout=PATIENCE_S)[1].splitlines()

    def told(self, name: str) -> list[str]:
        """The lines of what Slurm was asked."""
        path = self.there / name
        return path.read_text().splitlines() if path.exists() else []

    def close(self) -> None:
        """Lets everything go on that waits. Outside the spool, no porter leaves anything."""
        for name in ("go", "go2"):
            (self.there / name).touch()
        for started in self._porters:
            started.communicate(timeout=PATIENCE_S)
        assert list(self.temporary.iterdir()) == []


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """An empty one."""
    made = Site(tmp_path)
    yield made
    made.close()


def test_a_step_that_hangs_does_not_hold_up_those_of_other_nodes(site: Site) -> None:
    for job in range(10, 35):
        site.call(job, "end")
    site.steps_of(10, UNTIL.format(site.there / "go"))
    started = site.start()
    others = range(11, 35)
    # The order is any: up to three may be behind it in its lane.
    wait_for(lambda: sum((site.home(job) / "exit").exists() for job in others) >= len(others) - 3)
    assert not (site.home(10) / "exit").exists()
    (site.there / "go").touch()
    assert site.end(started) == []
    [told] = site.told("told")
    assert {*map(int, told.split())} == {10, *others}


def test_a_node_that_does_not_answer_is_given_up_even_if_srun_will_not_end(site: Site) -> None:
    site.call(1, "end")
    site.steps_of(1, f"trap '' TERM; {UNTIL.format(site.there / 'go')}")
    [trouble] = site.visit("0.1", "0.1")
    assert trouble == "the outputs of job 1 are still on its node: node1 has not answered within 0.1 s"
    assert [path.name for path in site.home(1).iterdir()] == ["refresh"]
    assert site.told("told") == []


def test_a_silent_node_is_asked_once_in_each_lane_at_most(site: Site) -> None:
    for job in range(10, 50):
        site.call(job, "end", node="node01")
        site.steps_of(job, "exit 124")
    site.call(50, "run", node="node01")
    trouble = site.visit()
    assert len(trouble) == 41, "each job that waits is told of"
    assert "no new credentials for job 50: node01 has not answered within 10 s" in trouble
    assert len(site.told("steps")) <= 8


def test_outputs_come_before_credentials(site: Site) -> None:
    """Outputs are lost after a while."""
    site.call(10, "run")
    for job in range(11, 19):
        site.call(job, "end")
        site.steps_of(job, UNTIL.format(site.there / "go"))
    started = site.start()
    wait_for(lambda: len(site.told("steps")) >= 8)
    assert {step.split()[0] for step in site.told("steps")} == {"fetch"}
    assert (site.home(10) / "start").exists(), "for which nobody has to go anywhere"
    (site.there / "go").touch()
    assert site.end(started) == []
    assert (site.folder(10) / "refresh" / "token").read_text() == "a new token"


def test_a_credential_that_was_cut_is_none_and_is_tried_again(site: Site) -> None:
    site.call(1, "run")
    refresh = site.folder(1) / "refresh"
    site.steps_of(1, 'head -c 5 | "$@"; exit')
    assert site.visit() == ["no new credentials for job 1: it has not come whole"]
    assert list(refresh.iterdir()) == []
    site.steps_of(1, "")
    assert site.visit() == []
    assert {path.name: path.read_text() for path in refresh.iterdir()} == {"token": "a new token"}
    assert site.visit() == []
    assert len(site.told("steps")) == 2, "it has been carried"


def test_of_two_porters_neither_takes_what_the_other_has_half_of(site: Site) -> None:
    site.call(1, "end", stdout=LARGE)
    site.steps_of(1, f'"$@"; touch {site.there}/sent; {UNTIL.format(site.there / "go")}; exit 0')
    one = site.start()
    wait_for((site.there / "sent").exists)
    site.steps_of(
        1, f'"$@" | head -c 600000; touch {site.there}/half; {UNTIL.format(site.there / "go2")}; exit 0'
    )
    other = site.start()
    wait_for((site.there / "half").exists)
    (site.there / "go").touch()
    assert site.end(one) == []
    assert (site.home(1) / "stdout").read_bytes() == LARGE
    (site.there / "go2").touch()
    assert site.end(other) == [], "that another was first is no trouble"
    assert (site.home(1) / "stdout").read_bytes() == LARGE
    assert {path.name for path in site.home(1).iterdir()} == {"exit", "home", "refresh", "stdout"}
    assert list((site.home(1) / "home").iterdir()) == []


def test_what_a_porter_that_was_ended_had_half_of_is_cleared_away(site: Site) -> None:
    site.call(1, "end")
    (site.home(1) / "home.new.4711").mkdir()
    assert site.visit() == []
    assert not list(site.home(1).glob("home.new.*"))


def test_outputs_of_which_the_step_failed_are_not_taken(site: Site) -> None:
    """What has come unpacks well, and is not all."""
    site.call(1, "end")
    site.steps_of(1, '"$@"; echo "tar: stderr: Cannot read: Input/output error" >&2; exit 2')
    trouble = site.visit()
    assert trouble == [
        "the outputs of job 1 are still on its node: tar: stderr: Cannot read: Input/output error"
    ]
    assert [path.name for path in site.home(1).iterdir()] == ["refresh"]
    site.steps_of(1, "")
    assert site.visit() == []
    assert (site.home(1) / "exit").exists()
    assert site.told("told") == ["1"]


@pytest.mark.parametrize(
    ("code", "said", "trouble"),
    [
        (1, "scancel: error: Kill job error on job id 1: Invalid job id specified", []),
        (229, "scancel: error: Kill job error on job id 1: Invalid job id specified", []),
        (1, "scancel: error: Kill job error on job id 1: Job/step already completing or completed", []),
        *((code, "", []) for code in SILENTLY_GONE),
        (
            229,
            "scancel: error: Unable to contact slurm controller",
            ["scancel: error: Unable to contact slurm controller"],
        ),
        (1, "", ["scancel: exit code 1"]),
    ],
)
def test_that_a_job_has_gone_is_no_trouble(site: Site, code: int, said: str, trouble: list[str]) -> None:
    """The other porter told it that its outputs are at home."""
    site.command("scancel", f"[ -z '{said}' ] || echo '{said}' >&2; exit {code}")
    site.call(1, "end")
    assert site.visit() == trouble
    assert (site.home(1) / "exit").exists()


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
def test_shellcheck_finds_nothing() -> None:
    text = porter("osg01").argv[2]
    done = subprocess.run(
        ["shellcheck", "-s", "sh", "-"], input=text, capture_output=True, text=True, check=False
    )
    assert done.stdout == ""
