"""`hosted-ce route explain` and `render`, by a site file and by a running CE."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .ce import Ce, found
from .conftest import Run

SITE = """\
site: Example-University
resource: Example-CE1
clusters:
  main: {batch: slurm, login: [{host: a.example.edu}], account: osg01, key: /k, known_hosts: /h}
routes:
  - {name: gpu, when: RequestGPUs > 0}
  - {name: closed, when: xcount > 30, limits: {pilots: 0}}
  - {name: big, when: xcount > 4, request: {queue: long}}
  - {name: rest, when: xcount > 1}
"""
AD = """\
Cmd = "/var/factory/glidein_startup.sh"
Arguments = "-v 'two words'"
Environment = "A=b"
TransferInput = "/x/token"
Requirements = TARGET.Arch == "x"
xcount = 8
"""


@pytest.fixture
def site(folder: Path) -> Path:
    file = folder / "site.yaml"
    file.write_text(SITE)
    return file


def test_routes_are_told_in_order_with_the_clause_that_was_false(run: Run, site: Path) -> None:
    result = run("route", "explain", "--site", site, "xcount=8")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "a pilot (any account, VO unknown): route big takes it"
    assert [line.split()[:4] for line in lines[3:7]] == [
        ["gpu", "main", "site", "no"], ["closed", "main", "site", "no"], ["big", "main", "site", "taken"],
        ["rest", "main", "site", "not_tried"],
    ]  # fmt: skip
    assert "`RequestGPUs > 0` is undefined (RequestGPUs is not there)" in lines[3]
    assert "  #SBATCH --partition=long" in lines
    assert "routed job:" not in lines
    routed = run("route", "explain", "--site", site, "--routed", "xcount=8").stdout
    assert '  BatchQueue = "long"' in routed.splitlines()


def test_what_runs_before_the_pilot_is_told(run: Run, site: Path) -> None:
    request = '{environment: {P: "= ProjectName"}, prologue: "module load \'a\'\\n\\texport B=$P\\n"}'
    site.write_text(SITE.replace("{queue: long}", request))
    lines = run("route", "explain", "--site", site, "xcount=8", "ProjectName=$(id)").stdout.splitlines()
    begins = lines.index("before the pilot, on the worker node:")
    assert lines[begins + 1 :] == ["  P=$(id)", "  module load 'a'", "          export B=$P"]


@pytest.mark.parametrize(
    ("batch", "line"),
    [
        ("htcondor", "request_cpus = 8"), ("pbs", "#PBS -l select=1:ncpus=8:mem=2000mb"),
        ("sge", "-pe smp 8"), ("lsf", "-n 8"),
    ],
)  # fmt: skip
def test_what_is_asked_is_told_for_every_batch_system(run: Run, site: Path, batch: str, line: str) -> None:
    site.write_text(SITE.replace("batch: slurm", f"batch: {batch}"))
    result = run("route", "explain", "--site", site, "xcount=8")
    assert (result.exit_code, line in result.stdout) == (0, True), result.stdout
    assert run("route", "render", "--site", site, "xcount=8").stdout.startswith(("#!/bin/sh\n", "mkdir", "#"))


def test_the_exit_code_tells_whether_a_route_takes_it_or_will(run: Run, site: Path) -> None:
    waits = run("route", "explain", "--site", site, "xcount=40")
    assert (waits.exit_code, waits.stdout.splitlines()[0].split(": ")[1]) == (
        0,
        "waits for room in route closed",
    )
    none = run("route", "explain", "--site", site, "xcount=1", "--json")
    assert (none.exit_code, json.loads(none.stdout)["unroutable"]) == (1, True)
    other = run("route", "explain", "--site", site, "xcount=8", "--account", "other")
    assert other.exit_code == 1
    assert "is for account osg01, and the pilot's is other" in other.stdout


def test_an_ad_gives_what_the_front_door_would_take(run: Run, site: Path, folder: Path) -> None:
    (folder / "pilot.ad").write_text(AD)
    result = run("route", "render", "--site", site, "--ad", "pilot.ad", "xcount=6")
    assert result.exit_code == 0
    assert result.stdout.startswith("#!/bin/sh\n#SBATCH --job-name=")
    assert "#SBATCH --cpus-per-task=6\n" in result.stdout
    for part in ("./glidein_startup.sh -v 'two words'", "export A=b\n", "HCE_CREDENTIALS=token\n"):
        assert part in result.stdout
    assert "left out, as by the front door, since they are no plain values: Requirements" in result.stderr
    assert "the site was not asked where its ~ is" in result.stderr


def test_without_a_route_there_is_no_script_but_the_explanation(run: Run, site: Path) -> None:
    result = run("route", "render", "--site", site, "xcount=1")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "no route takes it" in result.stderr
    assert "`xcount > 4` is false (xcount is 1)" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "which pilot?"),
        (["xcount=0"], "error: attributes.xcount: 0 is not a whole number of at least 1"),
        (["xcount=1e999"], "1e999 is too large for a number"),
        (["xcount"], "write NAME=VALUE"),
        (["x=\udcff"], "half a character"),
        (["x=1", "--account", "a\tb"], "account: has a control character"),
        (["--ad", "none.ad"], "cannot be read"),
        (["--ad", "bad.ad"], "bad.ad:1: this is not `Name = expression`"),
        (["--ad", "cmd.ad"], "cannot be a file name"),
    ],
)
def test_what_is_no_pilot_is_told(
    run: Run, site: Path, folder: Path, arguments: list[str], said: str
) -> None:
    (folder / "bad.ad").write_text("what")
    (folder / "cmd.ad").write_text('Cmd = "/x/a b"\n')
    result = run("route", "explain", "--site", site, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_site_file_that_cannot_be_used_is_told(run: Run, folder: Path) -> None:
    (folder / "site.yaml").write_text("site: x\n")
    result = run("route", "explain", "--site", "site.yaml", "xcount=1")
    assert result.exit_code == 2
    assert "site.yaml:" in result.stderr


def test_a_running_ce_is_asked(run: Run, ce: Ce, site: Path) -> None:
    answer = json.loads(run("route", "explain", "--site", site, "xcount=8", "--json").stdout)
    ce.answers["POST", "/api/v1/routes/explain"] = found(answer)
    result = run("route", "explain", "xcount=8", "--account", "osg01")
    assert (result.exit_code, result.stdout.splitlines()[0].split(": ")[1]) == (0, "route big takes it")
    asked = ce.calls("POST")[0].json
    assert (asked["attributes"], asked["account"]) == ({"xcount": 8}, "osg01")


def test_a_pilot_of_a_running_ce(run: Run, ce: Ce, site: Path) -> None:
    answer = json.loads(run("route", "explain", "--site", site, "xcount=8", "--json").stdout)
    exact = b"#!/bin/sh\n\xff\n"
    job = answer["job"] | {"attempt": 2, "folder": "/f", "script_base64": "IyEvYmluL3NoCv8K"}
    ce.answers["GET", "/api/v1/pilots/7/explain"] = found(answer | {"pilot_id": 7, "job": job})
    assert run("route", "render", "7").stdout_bytes == exact
    shown = run("route", "explain", "7").stdout
    assert shown.startswith("pilot 7 (any account, VO unknown): route big takes it")
    assert "batch job (attempt 2): sbatch --parsable job.sh in /f" in shown
    assert run("route", "explain", "7", "--account", "x").exit_code == 2
