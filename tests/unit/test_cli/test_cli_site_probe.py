"""`hosted-ce site probe`: problems first with what to do, then what the site is."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from bosco.batch.facts import Limits, Queue, Records
from bosco.capabilities import Noise, Quota
from hosted_ce.api.schemas.capabilities import capabilities_out
from hosted_ce.api.views import ProbedView
from hosted_ce.capabilities.finding import Finding, Weight
from hosted_ce.capabilities.record import written
from tests.fakes.capabilities import BATCH, GIB, TOOLS, capabilities, folder

from .ce import Ce, found, problem
from .conftest import Run
from .test_cli_site import VIEW

PROBE, LAST = "/api/v1/site/clusters/main/probe", "/api/v1/site/clusters/main/capabilities"
FINDINGS = (
    Finding("walltime-above", Weight.PROBLEM, "route default asks for 72h\n", "ask for \x1b[1mless"),
    Finding("shell-noise", Weight.WARNING, "the login shell prints", "mend ~/.bashrc"),
)


def answer(findings: tuple[Finding, ...] = (), batch: Any = BATCH, **login: Any) -> dict[str, Any]:
    """As the API gives it."""
    probed = ProbedView(1_772_368_200.125, findings, written(capabilities(batch, **login)))
    shown: dict[str, Any] = json.loads(capabilities_out("main", probed).model_dump_json())
    return shown


def test_what_is_wrong_comes_first_with_what_to_do(run: Run, ce: Ce) -> None:
    ce.answers["POST", PROBE] = found(answer(FINDINGS))
    lines = run("site", "probe", "main").stdout.splitlines()
    assert lines[:7] == [
        "cluster main: Slurm 22.05.8",
        "osg01@login1, asked at 2026-03-01T12:30:00Z: 6 commands in 0.5 s",
        "",
        "problem walltime-above: route default asks for 72h\\n",
        "  -> ask for \\x1b[1mless",
        "warning shell-noise: the login shell prints",
        "  -> mend ~/.bashrc",
    ]
    assert lines[8:11] == [
        "QUEUE   OPEN  USABLE  WALLTIME  MEMORY_MB  CPUS  GPUS  WHY",
        "batch*  yes   yes     3d        256000     64    0     -",
        "short   yes   yes     30m       256000     64    0     -",
    ]
    rest = {line[:15].rstrip(): line[15:] for line in lines[12:]}
    assert rest["records"] == "on"
    assert rest["ended jobs"] == "listed for 300 s"
    assert rest["accounts"] == "any"
    assert rest["default queue"] == "batch"
    assert rest["python"] == "/usr/bin/python3 3.6.8"
    assert rest["sbatch"] == "/usr/bin/sbatch"
    assert rest["spool"] == "/home/osg01/hosted-ce, room for 100.0 GiB, 1000000 files"
    assert rest["quota"] == "none"
    assert rest["clock"] == "+0.2 s (to 0.1 s)"
    assert rest["locale"] == "LANG=C.UTF-8"
    assert rest["shell prints"] == "nothing"
    assert rest["sessions"] == "several at a time"


def test_what_is_not_known_says_why(run: Run, ce: Ce) -> None:
    batch = replace(
        BATCH, version=None, queues=None, default_queue=None, remembers_s=None, records=Records.AWAY,
        limits=Limits(walltime_s=5400, cpus=64), most_jobs=40, accounts=("osg", "physics"),
        unknown={"queues": "scontrol: down", "default_queue": "scontrol: down", "records": "sacct: down",
                 "remembers_s": "scontrol: down"},
    )  # fmt: skip
    login = {
        "tools": {**TOOLS, "sbatch": None}, "noise": Noise(12, "Welcome\n"), "locale": {},
        "spool": folder("/s", noexec=True, writable=False, free_bytes=GIB, free_inodes=None),
        "home": folder("/h", problem="[Errno 2] No such file"),
        "sessions": None, "unknown": {"sessions": "no answer in time"},
        "quotas": (Quota("nfs:/h", 5 * 2**20, 2**40, 1, None), Quota("/x", 7, None, 1, None)),
    }  # fmt: skip
    ce.answers["GET", LAST] = found(answer(batch=batch, **login))
    lines = run("site", "probe", "main", "--last").stdout.splitlines()
    assert lines[0] == "cluster main: Slurm -"
    assert (
        lines[3] == "the batch system does not tell its queues, so that little can be judged: scontrol: down"
    )
    rest = {line[:15].rstrip(): line[15:] for line in lines[5:]}
    assert rest["queues"] == rest["default queue"] == rest["ended jobs"] == "not known: scontrol: down"
    assert rest["records"] == "away: sacct: down"
    assert rest["limits of all"] == "walltime 90m, CPUs 64"
    assert (rest["most jobs"], rest["accounts"], rest["QOS"]) == ("40", "osg, physics", "any")
    assert rest["sbatch"] == "not found"
    assert rest["spool"] == "/s, room for 1.0 GiB, noexec, not writable"
    assert rest["home"] == "/h: [Errno 2] No such file"
    assert rest["quota"] == "nfs:/h 5.0 MiB of 1.0 TiB; /x 7 bytes of -"
    assert rest["shell prints"] == "12 bytes: Welcome\\n"
    assert rest["locale"] == "-"
    assert rest["sessions"] == "not known: no answer in time"


def test_queues_that_are_not_for_us_say_why(run: Run, ce: Ce) -> None:
    queues = (
        Queue("a", False, True, "State=DRAIN", Limits(61)), Queue("b", True, None, "acl"),
        Queue("c", True, False, "RootOnly=YES"),
    )  # fmt: skip
    ce.answers["POST", PROBE] = found(answer(batch=replace(BATCH, queues=queues, default_queue=None)))
    lines = run("site", "probe", "main").stdout.splitlines()
    assert [line.split() for line in lines[6:9]] == [
        ["a", "no", "yes", "61s", "-", "-", "-", "State=DRAIN"],
        ["b", "yes", "?", "-", "-", "-", "-", "acl"],
        ["c", "yes", "no", "-", "-", "-", "-", "RootOnly=YES"],
    ]


def test_without_a_name_all_clusters_are_probed_one_after_another(run: Run, ce: Ce) -> None:
    clusters = [{**VIEW["clusters"][0], "name": name} for name in ("far", "main")]
    ce.answers["GET", "/api/v1/site"] = found({**VIEW, "clusters": clusters})
    ce.answers["POST", "/api/v1/site/clusters/far/probe"] = problem(
        503, "The site cannot be asked now", "cluster far cannot be probed: no route to host"
    )
    ce.answers["POST", PROBE] = found(answer())
    result = run("site", "probe")
    assert (result.exit_code, result.stderr) == (1, "cluster far cannot be probed: no route to host\n")
    assert result.stdout.startswith("cluster main: Slurm 22.05.8\n")
    assert [one["cluster"] for one in json.loads(run("site", "probe", "--json").stdout)] == ["main"]


def test_json_of_one_cluster_is_what_the_api_gave(run: Run, ce: Ce) -> None:
    ce.answers["POST", PROBE] = found(answer(FINDINGS))
    assert json.loads(run("site", "probe", "main", "--json").stdout) == answer(FINDINGS)


def test_a_site_that_cannot_be_asked_is_an_error(run: Run, ce: Ce) -> None:
    ce.answers["POST", PROBE] = problem(503, "The site cannot be asked now", "no route to host")
    result = run("site", "probe", "main")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "error: no route to host\n")
