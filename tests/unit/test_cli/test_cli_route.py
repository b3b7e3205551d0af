"""`hosted-ce route`: routes of an HTCondor-CE, checked and tried without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Run

ROUTES = """\
JOB_ROUTER_ROUTE_gpu @=jrt
  REQUIREMENTS (RequestGPUs ?: 0) > 0
  UNIVERSE grid
  GridResource = batch slurm
  default_queue = gpu
@jrt
JOB_ROUTER_ROUTE_other @=jrt
  REQUIREMENTS TARGET.queue == "x"
  UNIVERSE grid
  GridResource = batch slurm
@jrt
JOB_ROUTER_ROUTE_NAMES = gpu other
"""
PILOT = 'JobUniverse = 5\nOwner = "osg01"\nxcount = 4\nmaxWallTime = 60\n'


@pytest.fixture
def routes(folder: Path) -> Path:
    """A configuration with one thing that HTCondor-CE takes in silence."""
    file = folder / "routes.conf"
    file.write_text(ROUTES)
    return file


def test_what_is_taken_in_silence_is_told_with_its_line(run: Run, routes: Path) -> None:
    result = run("route", "lint", str(routes))
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{routes}:8: warning: `TARGET.` is nothing here")
    [found] = json.loads(run("route", "lint", "--json", str(routes)).stdout)
    assert (found["line"], found["severity"], found["code"]) == (8, "warning", "requirements-target")


def test_what_is_refused_is_an_error(run: Run, routes: Path) -> None:
    routes.write_text(ROUTES.replace("UNIVERSE grid", "UNIVERS grid"))
    result = run("route", "lint", str(routes))
    assert result.exit_code == 1
    assert f"{routes}:3:" in result.stdout


def test_a_pilot_is_tried_route_by_route_and_its_routed_ad_is_printed(
    run: Run, routes: Path, folder: Path
) -> None:
    ad = folder / "pilot.ad"
    ad.write_text(PILOT + "RequestGPUs = 1\n")
    result = run("route", "try", str(routes), "--ad", str(ad))
    assert result.exit_code == 0
    assert "gpu: takes it" in result.stderr
    for line in ('BatchQueue = "gpu"', "BatchRuntime = 3600", "RequestCpus = 4", 'RouteName = "gpu"'):
        assert f"{line}\n" in result.stdout


def test_a_pilot_that_no_route_takes_is_told_why(run: Run, routes: Path, folder: Path) -> None:
    ad = folder / "pilot.ad"
    ad.write_text(PILOT)
    result = run("route", "try", str(routes), "--ad", str(ad))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "gpu: `(RequestGPUs ?: 0) > 0` is false" in result.stderr


@pytest.mark.parametrize("text", ["no attribute", "X = ((", "\x00"])
def test_an_ad_that_is_none_is_told_with_its_line(run: Run, routes: Path, folder: Path, text: str) -> None:
    ad = folder / "pilot.ad"
    ad.write_text(PILOT + text)
    result = run("route", "try", str(routes), "--ad", str(ad))
    assert result.exit_code == 2
    assert f"{ad}:5" in result.stderr


def test_a_file_that_is_not_there_is_told(run: Run, folder: Path) -> None:
    result = run("route", "lint", str(folder / "none.conf"))
    assert result.exit_code == 2
    assert "cannot be read: No such file" in result.stderr


def test_mapfiles_are_checked_too(run: Run, tmp_path: Path) -> None:
    mapfile = tmp_path / "10-scitokens.conf"
    mapfile.write_text("SCITOKENS /https:\\/\\/scitokens.org\\/ospool,x/ osg01\n")
    result = run("route", "lint", "--mapfile", str(mapfile))
    assert (result.exit_code, result.stdout.startswith(f"{mapfile}:1: warning: ")) == (0, True)
    assert "[mapfile-unanchored]" in result.stdout
    assert run("route", "lint").exit_code == 2
