"""Explanations by the daemon's own parts: both languages of routes, what keeps pilots back, hostile asks."""

from __future__ import annotations

import asyncio
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bosco.errors import Failed, Refusal
from hosted_ce.api.ports.explaining import NotAnAd, TrialOutcome
from hosted_ce.daemon.cluster import ClusterPart
from hosted_ce.daemon.explaining.explainer import Explainer
from hosted_ce.daemon.explaining.offline import explain_by_file
from hosted_ce.daemon.site_file.routes import table_of
from hosted_ce.metrics import Metrics
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.spec import FileRef, PilotSpec
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.routing.occupancy import Occupancy
from hosted_ce.settings import Settings
from hosted_ce.site import load_site

NOW = 1_770_000_000.0
SITE = """\
site: Example-University
resource: Example-CE1
clusters:
  main: {batch: slurm, login: [{host: a.example.edu}], account: osg01, key: /k, known_hosts: /h}
routes:
  - {name: first, when: xcount == 2, limits: {cores: 10}, request: {qos: "= myqos"}}
  - name: files
    htcondor: {files: [routes.conf]}
"""
ROUTES = """\
JOB_ROUTER_ROUTE_ours @=jrt
  REQUIREMENTS xcount > 3
  UNIVERSE grid
  GridResource = batch slurm
  MaxJobs = 5
  SET default_queue "osg"
@jrt
JOB_ROUTER_ROUTE_NAMES = ours
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "routes.conf").write_text(ROUTES)
    (tmp_path / "site.yaml").write_text(SITE)
    return tmp_path / "site.yaml"


class Parts:
    """A CE's own parts that never were in contact with a site."""

    def __init__(self, site: Path):
        written = load_site(site)
        metrics, conf = Metrics(lambda: {}), Settings(state=site.parent)
        self.parts = {
            name: ClusterPart(name, entry, conf, metrics, lambda: NOW)
            for name, entry in written.clusters.items()
        }
        self.occupancy = Occupancy()
        table = table_of(written, site.parent)
        self.explainer = Explainer(lambda: table, self.parts, self._occupancy, lambda: NOW)

    async def _occupancy(self) -> Occupancy:
        return self.occupancy


def spec(**changed: Any) -> PilotSpec:
    files = (FileRef(name="p.sh", sha256="0" * 64, executable=True),)
    return PilotSpec(**{"executable": "p.sh", "inputs": files, **changed})


def waiting(**changed: Any) -> Pilot:
    pilot = Pilot(
        id=7, version=1, state=State.IDLE, stage=Stage.WAITING, goal=Goal.RUN, reason=None,
        spec=spec(attributes={"xcount": 4}).model_dump(), door="rest", owner="me", created_at=0, changed_at=0,
    )  # fmt: skip
    return replace(pilot, **changed)


async def test_a_route_of_htcondors_files_is_explained_like_others(site: Path) -> None:
    found = await explain_by_file(site, spec(attributes={"xcount": 4}), "osg01")
    assert [(trial.route, trial.language, trial.outcome) for trial in found.trials] == [
        ("first", "site", TrialOutcome.NO), ("ours", "htcondor", TrialOutcome.TAKEN),
    ]  # fmt: skip
    assert found.kept_back == (), "without a CE nothing is known of the site"
    assert found.job
    assert "#SBATCH --cpus-per-task=4" in found.job.directives


async def test_what_keeps_a_pilot_back_is_told(site: Path) -> None:
    ce = Parts(site)
    cluster = ce.parts["main"].cluster
    cluster.gate.open(0)
    assert (await ce.explainer.of_pilot(waiting())).kept_back == ()
    cluster.pushback.refused("ours", Failed("QOSMaxSubmitJobPerUserLimit", refusal=Refusal.LIMIT))
    cluster.gate.hold("paused by me")
    found = await ce.explainer.of_pilot(waiting(goal=Goal.RESTART, next_attempt_at=NOW + 60))
    assert found.kept_back == (
        "it is to be begun anew when its batch job has ended",
        "its next attempt is not before 2026-02-02T02:41:00.000Z",
        "route ours: the site does not take pilots now: QOSMaxSubmitJobPerUserLimit",
        "cluster main: nothing is submitted now: paused by me",
    )


async def test_limits_of_cores_are_told_with_their_usage(site: Path) -> None:
    ce = Parts(site)
    ce.occupancy.take("first", "main", "unknown", 9)
    found = await ce.explainer.of_spec(spec(attributes={"xcount": 2}), None)
    assert (found.route, found.waits_for, found.unroutable) == (None, "first", False)
    assert found.trials[0].obstacle == "9 of its 10 cores are asked for, and it needs 2"
    [limits] = found.trials[0].limits
    assert (limits.caps.cores, limits.usage.cores) == (10, 9)
    assert [trial.outcome for trial in found.trials] == [TrialOutcome.FULL, TrialOutcome.NOT_TRIED]


async def test_a_route_that_cannot_make_a_job_of_it_says_why(site: Path) -> None:
    found = await explain_by_file(site, spec(attributes={"xcount": 2, "myqos": "a b"}), None)
    assert [trial.outcome for trial in found.trials] == [TrialOutcome.FAILED, TrialOutcome.NOT_TRIED]
    assert "request.qos" in str(found.trials[0].obstacle)
    assert found.job is None
    ce = Parts(site)
    for _ in range(100):
        ce.occupancy.take("first", "main", "unknown", 0)
    found = await ce.explainer.of_spec(spec(attributes={"xcount": 2, "myqos": "a b"}), None)
    assert (found.waits_for, found.job) == ("first", None)
    assert found.notes[0].startswith("route first, when it has room: takes it, but request.qos")


def test_an_ad_gives_what_the_front_door_takes(site: Path) -> None:
    read = Parts(site).explainer.read_ad
    found = read('xcount = 4\nRank = x > 1\nJobStatus = 1\nFoo = "a"\n')
    assert (dict(found.attributes), found.left_out) == ({"xcount": 4, "Foo": "a"}, ("Rank", "JobStatus"))
    with pytest.raises(NotAnAd, match="line:2: this is not"):
        read("x = 1\n(")


OURS = frozenset(
    ("job-name", "chdir", "output", "open-mode", "no-requeue", "time", "nodes", "ntasks", "cpus-per-task",
     "mem", "signal", "partition", "account", "qos", "exclusive", "gres")
)  # fmt: skip
HOSTILE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=40) | st.sampled_from(
    ["--time=1", "--uid=0 --wrap=id", "-o /etc/passwd", "--comment='a b'", "x\\n#SBATCH --uid=0", "$(id)",
     "--licenses=a", "--chdir=/", "-t 1", "--export=ALL", "--constraint=a&b", "; id", "--license \"a"]
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wishes=st.dictionaries(
        st.sampled_from(
            ["BatchExtraSubmitArgs", "BatchQueue", "queue", "BatchProject", "GPUModel", "default_queue",
             "batch_queue", "remote_queue", "CondorCE", "RequestGPUs"]
        ), HOSTILE, max_size=4,
    ),
    environment=st.dictionaries(st.just("A"), HOSTILE),
)  # fmt: skip
def test_a_pilots_wishes_are_never_directives_of_their_own(
    site: Path, wishes: dict[str, str], environment: dict[str, str]
) -> None:
    try:
        wanted = spec(attributes={"xcount": 4, **wishes}, environment=environment)
    except ValidationError:
        return  # no pilot can say so
    found = asyncio.run(explain_by_file(site, wanted, None))
    job = found.job
    if job is None:
        assert found.trials[1].outcome is TrialOutcome.FAILED
        return
    assert job.argv == ("sbatch", "--parsable", "job.sh")
    names = [line.removeprefix("#SBATCH ").lstrip("-").partition("=")[0] for line in job.directives]
    ours = [name for name in names if name in OURS]
    assert len(ours) == len(set(ours)), "a directive of ours is said again"
    assert all(line.startswith("#SBATCH --") or " -" in line for line in job.directives)
    assert not set(names) & {"uid", "gid", "wrap", "export", "array", "dependency", "requeue", "get-user-env"}
    lines = job.script.decode().split("\n")
    assert [line for line in lines[1 : len(names) + 1]] == list(job.directives)
    parsed = subprocess.run(["bash", "-n"], input=job.script, capture_output=True, check=False)
    assert (parsed.returncode, parsed.stderr) == (0, b"")
