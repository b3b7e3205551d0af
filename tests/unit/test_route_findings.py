"""HTCondor-CE's routes in a site file: what the lint says, what routing makes of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hosted_ce.cli.main import app
from hosted_ce.daemon.site_file.routes import RoutesUnusable, table_of
from hosted_ce.routing.decide import decide
from hosted_ce.routing.occupancy import Occupancy
from hosted_ce.routing.route import Language
from hosted_ce.site import load_site

SITE = """\
site: Example-University
resource: Example-CE1
clusters:
  main: {batch: slurm, login: [{host: a.example.edu}], account: osg01, key: /k, known_hosts: /h,
         squid: "s:3128"}
  gpus: {batch: slurm, login: [{host: b.example.edu}], account: osg01, key: /k, known_hosts: /h}
routes:
  - {name: first, cluster: main, when: 'queue == "mine"', request: {queue: mine}}
  - name: from-ce
    cluster: main
    htcondor:
      files: [ce/10-routes.conf, ce/20-more.conf]
      clusters: {GPU: gpus}
    limits: {submits_per_minute: 5}
front_door: {host: ce.example.edu, certificate: /c.pem, certificate_key: /c.key}
"""
ROUTES = """\
JOB_ROUTER_ROUTE_NAMES = GPU CPU
JOB_ROUTER_ROUTE_GPU @=jrt
  REQUIREMENTS RequestGPUs > 0
  UNIVERSE GRID
  GridResource = "batch slurm"
  MaxJobs = 7
  default_queue = gpu
  SET BatchExtraSubmitArgs "--nice=100 --licenses=a b"
@jrt
"""
MORE = """\
JOB_ROUTER_ROUTE_CPU @=jrt
  UNIVERSE GRID
  GridResource = "batch slurm"
  MaxIdleJobs = 3
  default_xcount = 8
  default_pilot_job_env = "A=route B='two words'"
@jrt
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "ce").mkdir()
    (tmp_path / "ce/10-routes.conf").write_text(ROUTES)
    (tmp_path / "ce/20-more.conf").write_text(MORE)
    (tmp_path / "site.yaml").write_text(SITE)
    return tmp_path / "site.yaml"


def lint(path: Path) -> tuple[int, str]:
    ran = CliRunner().invoke(app, ["site", "lint", str(path)])
    return ran.exit_code, ran.output


def test_both_languages_are_one_table_in_the_order_of_the_file(path: Path) -> None:
    table = table_of(load_site(path), path.parent)
    assert [(route.name, route.cluster, route.language) for route in table.routes] == [
        ("first", "main", Language.SITE),
        ("GPU", "gpus", Language.HTCONDOR),
        ("CPU", "main", Language.HTCONDOR),
    ]
    gpu, cpu = table.routes[1:]
    assert (gpu.limits.caps.pilots, gpu.limits.caps.idle) == (7, 2000)
    assert (cpu.limits.caps.pilots, cpu.limits.caps.idle) == (10_000, 3)
    assert gpu.limits.submits == cpu.limits.submits == 5
    assert gpu.limits.failure_rate == 0.03
    assert cpu.base_environment["OSG_SQUID_LOCATION"] == "s:3128"


def test_pilots_go_through_them_as_in_htcondor_ce(path: Path) -> None:
    table = table_of(load_site(path), path.parent)
    asked = decide({"RequestGPUs": 2, "maxMemory": 9000}, table, Occupancy(), now=0.0, account="osg01")
    assert (asked.route, asked.cluster) == ("GPU", "gpus")
    assert asked.ask
    assert (asked.ask.queue, asked.ask.gpus, asked.ask.memory_mb) == ("gpu", 2, 9000)
    assert asked.ask.extra == ("--nice=100", "--licenses=a b")
    own = {"A": "pilot", "C": "it's", "CONDORCE_COLLECTOR_HOST": "mine"}
    plain = decide({"maxWallTime": 90}, table, Occupancy(), now=0.0, account="osg01", environment=own)
    assert (plain.route, plain.cluster) == ("CPU", "main")
    assert plain.ask
    assert (plain.ask.cpus, plain.ask.walltime_s, plain.ask.replaces) == (8, 5400, True)
    assert plain.ask.environment == {
        "A": "route", "B": "two words", "C": "it's", "CONDORCE_COLLECTOR_HOST": "mine",
    }  # fmt: skip


def test_a_full_route_of_htcondor_ce_leaves_the_pilot_to_the_next(path: Path) -> None:
    table, occupancy = table_of(load_site(path), path.parent), Occupancy()
    for _ in range(5):
        occupancy.take("GPU", "gpus", "osg01", 1)
    decision = decide({"RequestGPUs": 2}, table, occupancy, now=0.0)
    assert decision.route == "CPU"
    assert decision.trials[1].obstacle == "5 of its 5 submits a minute are made"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--output=/etc/passwd", 'BatchExtraSubmitArgs: "--output=/etc/passwd" cannot be given here'),
        ("--wrap='rm -rf /'", "BatchExtraSubmitArgs"),
        ("'unclosed", "BatchExtraSubmitArgs"),
    ],
)
def test_submit_arguments_that_are_the_ces_own_are_refused(path: Path, arguments: str, said: str) -> None:
    table = table_of(load_site(path), path.parent)
    pilot = {"BatchExtraSubmitArgs": arguments}
    decision = decide(pilot, table, Occupancy(), now=0.0)
    assert decision.route is None
    assert said in decision.reason


def test_a_well_made_file_has_nothing_to_be_said_of(path: Path) -> None:
    _, printed = lint(path)
    assert "10-routes.conf" not in printed
    assert "20-more.conf" not in printed


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("GPU CPU", "GPU", "ce/20-more.conf:1: warning: "),
        ("GPU CPU", "GPU CPU Gone", "ce/10-routes.conf:1: "),
        ("RequestGPUs > 0", "TARGET.RequestGPUs > 0", "ce/10-routes.conf:3: warning: "),
        ('GridResource = "batch slurm"', 'GridResource = "batch pbs"', "route GPU is for pbs (GridResource)"),
        ("REQUIREMENTS RequestGPUs > 0", "REQUIREMENTS RequestGPUs >", "ce/10-routes.conf:3: "),
    ],
)
def test_findings_are_told_with_file_and_line(path: Path, old: str, new: str, said: str) -> None:
    file = path.parent / "ce/10-routes.conf"
    file.write_text(ROUTES.replace(old, new))
    code, printed = lint(path)
    assert said in printed, printed
    assert code == int(": warning: " not in said and "is for" not in said and "Gone" not in new)


def test_what_cannot_be_read_or_is_there_twice_is_an_error(path: Path) -> None:
    site = load_site(path)
    (path.parent / "ce/20-more.conf").write_text(
        MORE
        + ROUTES.replace("GPU CPU", "GPU CPU first")
        + """
JOB_ROUTER_ROUTE_first @=jrt
  GridResource = "batch slurm"
@jrt
"""
    )
    with pytest.raises(RoutesUnusable, match="more than one route is called first"):
        table_of(site, path.parent)
    (path.parent / "ce/20-more.conf").unlink()
    with pytest.raises(RoutesUnusable, match=r"cannot be read: No such file"):
        table_of(site, path.parent)


def test_a_route_that_htcondor_would_drop_in_silence_is_refused(path: Path) -> None:
    (path.parent / "ce/10-routes.conf").write_text(ROUTES.replace("> 0", ">"))
    with pytest.raises(RoutesUnusable, match=r"10-routes\.conf:3: "):
        table_of(load_site(path), path.parent)


def test_findings_have_a_code_in_json(path: Path) -> None:
    (path.parent / "ce/10-routes.conf").write_text(ROUTES.replace("slurm", "pbs"))
    ran = CliRunner().invoke(app, ["site", "lint", "--json", str(path)])
    found = [each for each in json.loads(ran.output) if each.get("code")]
    assert [each["code"] for each in found] == ["grid-resource-cluster"]
