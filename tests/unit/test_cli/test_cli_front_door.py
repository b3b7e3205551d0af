"""`hosted-ce front-door` without an HTCondor: what it refuses, and how it shows findings."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hosted_ce.cli.front_door.check import print_findings
from hosted_ce.front_door.checks import Finding
from hosted_ce.front_door.checks.finding import failed, passed, warned

from .conftest import Run

EXAMPLE = Path(__file__).parents[3] / "routes" / "example.yaml"


@pytest.fixture
def ordinary(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests may run as root; the front door does not."""
    monkeypatch.setattr(os, "geteuid", lambda: 4711)


@pytest.fixture
def programs(folder: Path) -> Path:
    master = folder / "sbin" / "condor_master"
    master.parent.mkdir()
    master.write_text("#!/bin/sh\n")
    master.chmod(0o755)
    return master.parent


def test_root_is_told_how_to_run_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    for command in ("config", "start"):
        ran = run("front-door", command, "--site", EXAMPLE)
        assert (ran.exit_code, ran.stderr.count("sudo -u hosted-ce")) == (1, 1)


@pytest.mark.usefixtures("ordinary")
def test_without_htcondor_it_says_which_package(run: Run, folder: Path) -> None:
    ran = run("front-door", "start", "--site", EXAMPLE, "--condor-bin", folder)
    assert ran.exit_code == 1
    assert f"there is no condor_master in {folder}: install HTCondor 25 or later" in ran.stderr


def test_a_site_file_is_needed_and_must_have_a_door(run: Run, folder: Path, programs: Path) -> None:
    for command in ("config", "start", "check"):
        ran = run("front-door", command)
        assert (ran.exit_code, "which site?" in ran.stderr) == (2, True)
    (folder / "broken.yaml").write_text("site: a\n")
    assert run("front-door", "check", "--site", "broken.yaml").exit_code == 2
    text = EXAMPLE.read_text()
    (folder / "closed.yaml").write_text(text[: text.index("front_door:")])
    shown = run("front-door", "config", "--print", "--site", "closed.yaml", "--condor-bin", programs)
    assert (shown.exit_code, "the site file has no front_door" in shown.stderr) == (1, True)
    assert run("front-door", "check", "--site", "closed.yaml").exit_code == 2


def test_print_shows_both_files_and_writes_nothing(run: Run, folder: Path, programs: Path) -> None:
    ran = run("front-door", "config", "--print", "--site", EXAMPLE, "--condor-bin", programs)
    assert ran.exit_code == 0
    assert f"# ==== {folder}/state/front-door/condor_config\n" in ran.stdout
    assert "SCHEDD_NAME = ce.example.edu\n" in ran.stdout
    assert f"# ==== {folder}/state/front-door/mapfile\n" in ran.stdout
    assert (
        "SCITOKENS /^https\\:\\/\\/scitokens\\.org\\/ospool,[^,]+$/ osg01@users.htcondor.org\n" in ran.stdout
    )
    assert not (folder / "state").exists()


def test_stop_of_nothing_is_no_error(run: Run) -> None:
    ran = run("front-door", "stop")
    assert (ran.exit_code, ran.stdout) == (0, "it did not run\n")


def test_check_of_a_door_that_is_not_there_fails_and_says_what_to_do(run: Run, programs: Path) -> None:
    ran = run("front-door", "check", "--site", EXAMPLE, "--condor-bin", programs, "--json", "--timeout", "5")
    found = {each["name"]: each for each in json.loads(ran.stdout)}
    assert ran.exit_code == 1
    assert found["configuration"]["todo"] == "run `hosted-ce front-door config`"
    assert found["certificate"]["verdict"] == found["schedd"]["verdict"] == "fail"


def test_findings_are_lines_with_what_to_do_below(capsys: pytest.CaptureFixture[str]) -> None:
    findings = [passed("a", "fine\x1b[0m"), warned("b", "so so", "look"), failed("c", "bad", "mend it")]
    assert print_findings(iter(findings), as_json=False)
    assert capsys.readouterr().out == (
        "pass  a: fine\\x1b[0m\nwarn  b: so so\n      look\nfail  c: bad\n      mend it\n"
    )
    assert not print_findings(iter(findings[:2]), as_json=True)
    assert json.loads(capsys.readouterr().out)[1] == {
        "name": "b", "verdict": "warn", "seen": "so so", "todo": "look",
    }  # fmt: skip
    assert Finding("a", "pass", "x").todo == ""
