"""What the codecs learn of real Slurm, Grid Engine and HTCondor, as these answered."""

from __future__ import annotations

from probe_recordings import probed

from bosco.batch.facts import BatchFacts, Limits, NodeShape, Queue, Records
from bosco.batch.htcondor.codec import HTCondor
from bosco.batch.sge.codec import GridEngine
from bosco.batch.slurm.codec import Slurm

DAY = 86400
NODE = Limits(None, 4_000_000, 64, 0)
PLAIN = (
    Queue("batch", True, True, None, Limits(3 * DAY, 4_000_000, 64, 0)),
    Queue("short", True, True, None, Limits(1800, 4_000_000, 64, 0)),
)
SHAPES = tuple(NodeShape(name, 1, 64, 4_000_000, 0, 64) for name in ("batch", "short"))


def slurm(name: str) -> BatchFacts:
    return probed(Slurm(), "slurm-22.05", name)


def test_slurm_as_it_comes() -> None:
    assert slurm("plain") == BatchFacts(
        "Slurm", "22.05.8", PLAIN, "batch", shapes=SHAPES, records=Records.ON, remembers_s=300,
        largest_array=1001,
    )  # fmt: skip


def test_slurm_without_accounting_says_that_there_is_none() -> None:
    found = slurm("no-accounting")
    assert found.records is Records.OFF
    assert found.unknown == {"records": "sacct: Slurm accounting storage is disabled"}
    assert found.queues == PLAIN


def test_a_slurmdbd_that_is_down_is_no_accounting_that_is_off() -> None:
    found = slurm("dbd-down")
    assert found.records is Records.AWAY
    assert found.partial, "to be asked again soon"
    assert "Connection refused" in found.unknown["records"]
    assert found.queues == PLAIN, "the controller knows its partitions all the same"


def test_a_controller_that_is_down_leaves_everything_unknown() -> None:
    found = slurm("all-down")
    assert (found.failed, found.partial) == (("scontrol", "scontrol", "sinfo"), True)
    assert (found.version, found.queues, found.default_queue, found.remembers_s) == (None, None, None, None)
    assert found.shapes is None
    assert found.records is Records.AWAY
    for fact in ("version", "queues", "default_queue", "remembers_s", "limits"):
        assert "Unable to contact slurm controller" in found.unknown[fact]
    for fact in ("accounts", "qos", "most_jobs"):
        assert "is not known" in found.unknown[fact]


def test_what_slurm_enforces_for_the_account() -> None:
    found = slurm("enforced")
    assert not found.partial
    assert (found.accounts, found.qos, found.most_jobs) == (("osg",), ("normal",), 100)
    assert found.limits == Limits(walltime_s=DAY // 2)
    assert found.problems == ()
    queues = {queue.name: queue for queue in found.queues or ()}
    assert queues["osg"] == Queue("osg", True, True, None, Limits(DAY, 64_000, 16, 2))
    assert (queues["physics"].usable, queues["physics"].why) == (False, "AllowAccounts=physics")
    assert (queues["wheel"].usable, queues["wheel"].why) == (False, "AllowGroups=root")
    assert (queues["drained"].open, queues["drained"].why) == (False, "State=DRAIN")
    assert queues["wheel"].limits == Limits(None, 4_000_000, 64, 2), "MaxTime=UNLIMITED is no limit"


def test_an_account_that_slurm_does_not_know() -> None:
    found = slurm("no-association")
    assert found.accounts == ()
    (problem,) = found.problems
    assert "hce-site has no association" in problem
    assert [queue.usable for queue in found.queues or () if queue.name in ("osg", "batch")] == [True, False]


def gridengine(name: str, codec: GridEngine | None = None) -> BatchFacts:
    return probed(codec or GridEngine(), "gridengine-8.1.9", name)


CHOOSES = {"default_queue": "Grid Engine chooses a queue for each job"}


def test_grid_engine_before_its_first_job() -> None:
    found = gridengine("plain")
    assert found.queues == (Queue("all.q", True, True, None, Limits(cpus=8)),)
    assert (found.name, found.version, found.remembers_s) == ("Grid Engine", "SGE 8.1.9", 0)
    assert found.records is Records.UNKNOWN, "no file yet, or none that we see: that is not told"
    assert "no jobs running since startup" in found.unknown["records"]
    assert found.limits.gpus == 0, "there is no resource gpu"
    assert found.shapes == (NodeShape(None, 1, 2, 24064, 0),), "the line `global` is no host"
    assert found.problems == ()


def test_grid_engines_limits_are_the_most_generous_of_all_hosts() -> None:
    found = gridengine("limited")
    assert found.queues == (
        Queue("all.q", True, True, None, Limits(walltime_s=2 * DAY, cpus=8)),
        Queue(
            "private.q", True, None, "user_lists=arusers: who is in them is not asked",
            Limits(walltime_s=2 * DAY, cpus=8),
        ),
    )  # fmt: skip
    assert (found.most_jobs, found.records, found.unknown) == (200, Records.ON, CHOOSES)


def test_grid_engine_that_writes_no_records_any_more() -> None:
    found = gridengine("no-accounting")
    assert found.records is Records.OFF
    assert "accounting=false" in found.unknown["records"]


def test_grid_engine_without_its_master_knows_its_version_and_its_file() -> None:
    found = gridengine("qmaster-down")
    assert (found.version, found.queues, found.records) == ("SGE 8.1.9", None, Records.ON)
    for fact in ("queues", "most_jobs", "limits", "shapes"):
        assert "commlib error" in found.unknown[fact]
    assert found.problems == (), "what is not known contradicts nothing"
    assert found.partial


def test_options_that_grid_engine_does_not_have_are_told() -> None:
    codec = GridEngine(parallel_environment="mpi", memory_resource="ram", gpu_resource="h_rt")
    found = gridengine("plain", codec)
    environment, memory = found.problems
    assert "parallel environment mpi" in environment
    assert "(there: smp)" in environment
    assert "no resource ram" in memory
    assert found.limits.gpus is None


def htcondor(name: str, codec: HTCondor | None = None) -> BatchFacts:
    return probed(codec or HTCondor(), "htcondor-25", name)


NO_QUEUES = dict.fromkeys(("queues", "default_queue"), "HTCondor has no queues")


def test_htcondors_largest_machines_are_its_limits() -> None:
    assert htcondor("plain") == BatchFacts(
        "HTCondor", "25.14.1", limits=Limits(None, 400_000, 64, 2), most_jobs=40, records=Records.ON,
        shapes=(NodeShape(None, 1, 64, 400_000, 2),), remembers_s=900, unknown=NO_QUEUES,
    )  # fmt: skip


def test_htcondor_without_history() -> None:
    found = htcondor("no-history")
    assert found.records is Records.OFF
    assert "HISTORY is unset" in found.unknown["records"]


def test_htcondor_without_its_daemons() -> None:
    found = htcondor("all-down")
    assert (found.version, found.limits, found.records) == ("25.14.1", Limits(), Records.ON)
    assert "communication error" in found.unknown["limits"]
    assert found.problems == ()


def test_a_file_system_domain_that_no_machine_has() -> None:
    (problem,) = htcondor("plain", HTCondor(filesystem_domain="elsewhere.edu")).problems
    assert "elsewhere.edu (there: cluster.lab.test)" in problem
    assert htcondor("plain", HTCondor(filesystem_domain="cluster.lab.test")).problems == ()
