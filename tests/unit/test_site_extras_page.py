"""The page about a site's extras: its files load and lint, and do what the scripts before them did."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from hosted_ce.api.ports.explaining import JobView
from hosted_ce.daemon.explaining.offline import explain_by_file
from hosted_ce.pilots.spec import FileRef, PilotSpec
from hosted_ce.routing.compile import check_expression
from hosted_ce.site import lint_site

PAGE = Path(__file__).parents[2] / "docs" / "operators" / "site-extras.md"
BEFORE = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.M | re.S)
AFTER = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(), re.M | re.S)
PROSE = re.sub(r"^```.*?^```", "", PAGE.read_text(), flags=re.M | re.S)
PARTS = re.findall(r"^    request:\n(?:    .*\n|\n(?=    ))+", PROSE, re.M)
HEAD = """\
site: S
resource: R
clusters:
  main: {batch: slurm, transport: local, account: osg01}
routes:
  - name: default
"""
SHOWS = """
printf '%s|' "$OMP_NUM_THREADS" "$SITE_PROJECT" "$LOADED" "$(ulimit -s)"
"""


def errors(folder: Path, text: str) -> list[str]:
    (folder / "site.yaml").write_text(text)
    found = lint_site(folder / "site.yaml", check_expression=check_expression)
    return [f"{problem.path}: {problem.message}" for problem in found if problem.severity == "error"]


def printed(script: str, attributes: Mapping[str, object]) -> list[str]:
    """What blahp put into the batch script: it gives the attributes as shell variables."""
    values = {name: str(value) for name, value in attributes.items()}
    environment = {"PATH": "/usr/bin:/bin", **values}
    done = subprocess.run(
        ["bash"], input=script, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def job(folder: Path, site: str, attributes: dict[str, Any]) -> JobView:
    (folder / "site.yaml").write_text(site)
    files = (FileRef(name="p.sh", sha256="0" * 64, executable=True),)
    spec = PilotSpec(executable="p.sh", inputs=files, attributes=attributes)
    found = asyncio.run(explain_by_file(folder / "site.yaml", spec, None))
    assert found.job, found.reason
    return found.job


def test_there_are_three_examples_and_two_parts() -> None:
    assert (len(BEFORE), len(AFTER), len(PARTS)) == (3, 3, 2)


@pytest.mark.parametrize("text", AFTER)
def test_each_file_is_without_errors(tmp_path: Path, text: str) -> None:
    assert errors(tmp_path, text) == []


@pytest.mark.parametrize("text", PARTS)
def test_each_part_is_without_errors(tmp_path: Path, text: str) -> None:
    assert yaml.safe_load(dedent(text))["request"]
    assert errors(tmp_path, HEAD + text) == []


@pytest.mark.parametrize(
    "attributes",
    [{}, {"RequestGPUs": 2}, {"ProjectName": "chem-1"}, {"RequestGPUs": 1, "ProjectName": "x", "queue": "y"}],
)
def test_by_kind_of_pilot_the_same_is_asked(tmp_path: Path, attributes: dict[str, Any]) -> None:
    before = set(printed(BEFORE[0], attributes))
    ours = set(job(tmp_path, AFTER[0], attributes).directives)
    assert before <= ours
    extra = [
        line
        for line in ours - before
        if re.match(r"#SBATCH --(partition|account|nice|wckey|constraint)", line)
    ]
    assert extra == []


@pytest.mark.parametrize(
    "attributes",
    [
        {"xcount": 2, "maxMemory": 4000, "maxWallTime": 60},
        {"xcount": 32, "maxMemory": 64000, "maxWallTime": 5000},
    ],
)
def test_with_arithmetic_the_same_is_asked(tmp_path: Path, attributes: dict[str, Any]) -> None:
    before = [line.removeprefix("#$ ") for line in printed(BEFORE[1], attributes)]
    ours = f" {' '.join(job(tmp_path, AFTER[1], attributes).argv)} "
    assert [option for option in before if f" {option} " not in ours] == []
    assert ("big=true" in ours) is (attributes["xcount"] > 16)


def test_with_commands_the_pilot_finds_the_same(tmp_path: Path) -> None:
    attributes = {"xcount": 8, "ProjectName": "chem"}
    module = "module() { LOADED=$*; }\n"
    ask = job(tmp_path, AFTER[2], attributes).ask
    before = module + "\n".join(printed(BEFORE[2], attributes)) + SHOWS
    after = module + ask["prologue"] + SHOWS
    found = [
        subprocess.run(["sh", "-c", text], env=own, capture_output=True, text=True, check=True).stdout
        for text, own in ((before, {}), (after, ask["environment"]))
    ]
    assert found[0] == found[1] == "8|chem|load apptainer|65536|"


def test_a_project_that_was_two_commands_is_one_text(tmp_path: Path) -> None:
    attributes = {"xcount": 8, "ProjectName": "x; touch gone"}
    assert "export SITE_PROJECT=x; touch gone" in printed(BEFORE[2], attributes)
    made = job(tmp_path, AFTER[2], attributes)
    assert b"export SITE_PROJECT='x; touch gone'\n" in made.script
    assert "touch" not in made.ask["prologue"]
