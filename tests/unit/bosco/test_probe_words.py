"""What the codecs learn of PBS and LSF, and of answers that could not be recorded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pbs_recordings import OPENPBS, TORQUE, answer

from bosco.batch.facts import BatchFacts, Limits, NodeShape, Queue, Records
from bosco.batch.htcondor.codec import HTCondor
from bosco.batch.lsf.codec import Lsf
from bosco.batch.model import CommandResult
from bosco.batch.pbs.codec import Pbs
from bosco.batch.sge.codec import GridEngine
from bosco.batch.slurm.codec import Slurm
from tests.fakes.dialogue import conversation, told

NOTHING = CommandResult(0, b"")
AWAY = CommandResult(255, b"", b"qstat: cannot connect to server pbs1 (errno=15010)\n")
NO_SUCH_COMMAND = CommandResult(127, b"", b"[Errno 2] No such file or directory: 'scontrol'")
OPENPBS_VERSION = CommandResult(0, b"pbs_version = 23.06.06\n")
TORQUE_VERSION = CommandResult(0, b"Version: 6.1.3\nCommit: abc\n")


def as_text(result: CommandResult, kind: str) -> CommandResult:
    """A recorded JSON of OpenPBS in the form for people, which the same values have there."""
    text = result.stdout.decode()
    found: dict[str, Any] = json.JSONDecoder().raw_decode(closed(text))[0][kind]
    lines = []
    for name, said in found.items():
        lines.append(f"{kind}: {name}")
        for key, value in said.items():
            pairs = {f"{key}.{k}": v for k, v in value.items()} if isinstance(value, dict) else {key: value}
            lines += [f"    {k} = {v}" for k, v in pairs.items()]
        lines.append("")
    return CommandResult(0, "\n".join(lines).encode())


def closed(text: str) -> str:
    """The recording was cut by `head`: what was open is closed after the last whole value."""
    while True:
        for end in ("", "}", "}}", "}}}", "}}}}"):
            try:
                json.loads(text + end)
            except ValueError:
                continue
            return text + end
        text = text.rstrip().rpartition(",")[0]


def openpbs(
    server: CommandResult, queues: CommandResult, user: str = "osg01", nodes: CommandResult = NOTHING
) -> BatchFacts:
    more = [("qmgr", "-c")] if b"Queue: " in queues.stdout else []
    answers = (OPENPBS_VERSION, server, queues, nodes, *(NOTHING for _ in more))
    asked, found = conversation(Pbs().probe(user), *answers)
    assert [command.argv[:2] for command in asked] == [
        ("qstat", "--version"),
        ("qstat", "-B"),
        ("qstat", "-Q"),
        ("pbsnodes", "-a"),
        *more,
    ]
    return found


def test_openpbs() -> None:
    found = openpbs(
        as_text(answer(OPENPBS, "qstat -B -f -F json | head -60"), "Server"),
        as_text(answer(OPENPBS, "qstat -Q -f -F json | head -50"), "Queue"),
    )
    assert (found.name, found.version, found.default_queue) == ("OpenPBS", "23.06.06", "workq")
    assert (found.records, found.remembers_s, found.problems) == (Records.ON, 0, ())
    queues = {queue.name: queue for queue in found.queues or ()}
    assert queues["workq"] == Queue("workq", True, True)
    assert queues["short"].limits == Limits(walltime_s=600, cpus=4)
    assert (queues["closed"].open, queues["closed"].why) == (False, "enabled = False")


OPENPBS_NODES = b"""node1
     Mom = node1.example.edu
     ntype = PBS
     state = free
     pcpus = 36
     jobs = 7.pbs1/0, 7.pbs1/1
     resources_available.arch = linux
     resources_available.mem = 196608000kb
     resources_available.ncpus = 36
     resources_available.ngpus = 2
     resources_assigned.ncpus = 8
     resv_enable = True

node2
     Mom = node2.example.edu
     state = down,offline
     resources_available.mem = 196608000kb
     resources_available.ncpus = 36
     resources_available.ngpus = 2
     resources_assigned.ncpus = 0

big1
     state = free
     queue = large
     resources_available.mem = 2tb
     resources_available.ncpus = 128
     resources_assigned.ncpus = 128

"""
"""In the form of the administrator's guide."""
TORQUE_NODES = b"""torque1
     state = free
     power_state = Running
     np = 16
     ntype = cluster
     jobs = 0-3/7.torque1,4/8.torque1
     status = opsys=linux,ncpus=16,physmem=65536000kb,availmem=60000000kb,state=free
     gpus = 1

torque2
     state = job-exclusive
     np = 16
     jobs = 0/9.torque1, 1/9.torque1
     status = physmem=65536000kb
     gpus = 1

torque3
     state = down
     np = 8

"""
"""As Torque 6 prints it; `jobs` of torque2 as older ones do."""


def test_nodes_of_openpbs_that_are_alike_and_what_is_idle() -> None:
    found = openpbs(NOTHING, NOTHING, nodes=CommandResult(0, OPENPBS_NODES))
    assert found.shapes == (
        NodeShape(None, 2, 36, 192_000, 2, 28),
        NodeShape("large", 1, 128, 2 * 1024 * 1024, 0, 0),
    )
    assert openpbs(NOTHING, NOTHING, nodes=AWAY).shapes is None


def test_openpbs_without_history_keeps_no_records() -> None:
    server = CommandResult(0, b"Server: pbs1\n    server_state = Active\n    default_queue = workq\n")
    found = openpbs(server, NOTHING)
    assert found.records is Records.OFF
    assert "job_history_enable" in found.unknown["records"]


def test_openpbs_that_starts_nothing() -> None:
    (problem,) = openpbs(CommandResult(0, b"Server: pbs1\n    scheduling = False\n"), NOTHING).problems
    assert "scheduling = False" in problem


def test_openpbs_that_is_away() -> None:
    found = openpbs(AWAY, AWAY)
    assert (found.version, found.queues, found.records) == ("23.06.06", None, Records.UNKNOWN)
    for fact in ("queues", "default_queue", "records"):
        assert "cannot connect to server" in found.unknown[fact]


@pytest.mark.parametrize(
    ("lines", "usable"),
    [
        ("acl_user_enable = True\n    acl_users = alice@*,\n\tosg01@*", True),
        ("acl_user_enable = True\n    acl_users = alice", False),
        ("acl_user_enable = True\n    acl_users = -osg01,+*", False),
        ("acl_user_enable = True", False),
        ("acl_users = alice", True),
        ("acl_group_enable = True", None),
        ("from_route_only = True", False),
    ],
)
def test_who_may_use_a_queue_of_pbs(lines: str, usable: bool | None) -> None:
    text = f"Queue: q\n    queue_type = Execution\n    enabled = True\n    started = True\n    {lines}\n"
    (queue,) = openpbs(NOTHING, CommandResult(0, text.encode())).queues or ()
    assert queue.usable is usable
    assert queue.why or usable


def test_torque() -> None:
    listing = answer(TORQUE, "qstat -B; qstat -Q; qstat -B -f | head -30")
    server = CommandResult(0, listing.stdout[listing.stdout.index(b"Server: torque1") :])
    found = told(
        Pbs().probe("osg01"), TORQUE_VERSION, server, answer(TORQUE, "qstat -Q -f batch"),
        CommandResult(0, TORQUE_NODES),
    )  # fmt: skip
    assert (found.name, found.version, found.default_queue) == ("Torque", "6.1.3", "batch")
    assert (found.records, found.remembers_s) == (Records.OFF, 300)
    largest = Limits(memory_mb=64000, cpus=16, gpus=1)
    assert found.queues == (Queue("batch", True, True, limits=largest),)
    assert found.shapes == (
        NodeShape(None, 2, 16, 64_000, 1, 16 - 5 + 16 - 2), NodeShape(None, 1, 8, None, 0, 0)
    )  # fmt: skip


BQUEUES = b"""
QUEUE: normal
  -- For normal low priority jobs.  This is the default queue.

PARAMETERS/STATISTICS
PRIO NICE STATUS          MAX JL/U JL/P JL/H NJOBS  PEND   RUN SSUSP USUSP  RSV
 30   20  Open:Active       -    -    -    -     0     0     0     0     0    0

DEFAULT LIMITS:
 RUNLIMIT
 60.0 min of hostA

MAXIMUM LIMITS:
 RUNLIMIT
 1440.0 min of hostA

SCHEDULING PARAMETERS
-------------------------------------------------------------------------------

QUEUE: night
  -- no description provided.

PARAMETERS/STATISTICS
PRIO NICE STATUS          MAX JL/U JL/P JL/H NJOBS  PEND   RUN SSUSP USUSP  RSV
 20   20  Open:Inact_Win    -    -    -    -     0     0     0     0     0    0
"""


def test_lsf() -> None:
    lsid = CommandResult(0, b"IBM Spectrum LSF Standard 10.1.0.12, Jul 07 2021\nMy cluster name is c1\n")
    parameters = CommandResult(
        0, b"        DEFAULT_QUEUE = normal interactive\n        CLEAN_PERIOD = 3600\n"
    )
    asked, found = conversation(Lsf().probe("osg01"), lsid, parameters, CommandResult(0, BQUEUES))
    assert [command.argv[0] for command in asked] == ["lsid", "bparams", "bqueues"]
    assert all(command.environment == {"LSB_NTRIES": "2"} for command in asked)
    assert (found.version, found.default_queue) == (
        "IBM Spectrum LSF Standard 10.1.0.12, Jul 07 2021", "normal"
    )  # fmt: skip
    assert (found.remembers_s, found.records) == (3600, Records.UNKNOWN)
    assert found.queues == (
        Queue("normal", True, True, None, Limits(walltime_s=86400)),
        Queue("night", False, True, "STATUS is Open:Inact_Win"),
    )


@pytest.mark.parametrize(
    ("codec", "commands"), [(Slurm(), 4), (GridEngine(), 6), (HTCondor(), 5), (Pbs(), 4), (Lsf(), 3)]
)
def test_where_the_commands_are_not_found_nothing_is_known_and_each_reason_is_told(
    codec: Any, commands: int
) -> None:
    found = told(codec.probe("osg01"), *[NO_SUCH_COMMAND] * commands)
    assert (found.version, found.queues, found.problems) == (None, None, ())
    assert found.records in (Records.UNKNOWN, Records.AWAY, Records.OFF)
    assert {"version", "queues", "records"} <= found.unknown.keys()
    assert "No such file" in found.unknown["version"]
    assert found.failed == (), "waiting does not mend that"


def test_slurm_that_never_forgets() -> None:
    config = CommandResult(
        0, b"SLURM_VERSION = 23.11.1\nMinJobAge = 0 sec\nAccountingStorageEnforce = none\n"
    )
    found = told(Slurm().probe("osg01"), config, NOTHING, NOTHING, NOTHING)
    assert found.remembers_s is None
    assert "stay listed" in found.unknown["remembers_s"]
    assert found.queues == (), "it has none, and says so"


def test_only_limits_that_all_associations_have_are_limits() -> None:
    config = CommandResult(0, b"MinJobAge = 300 sec\nAccountingStorageEnforce = limits\n")
    rows = CommandResult(0, b"osg|normal,long|100|1-00:00:00\nphysics||200|\n")
    found = told(Slurm().probe("osg01"), config, NOTHING, NOTHING, rows, NOTHING)
    assert (found.accounts, found.qos) == (("osg", "physics"), ("long", "normal"))
    assert (found.most_jobs, found.limits.walltime_s) == (200, None)


@pytest.mark.parametrize(
    ("gres", "gpus"),
    [
        ("(null)", 0), ("gpu:4", 4), ("gpu:a100:2(S:0-1)", 2), ("gpu:1g.5gb:7,nvme:1", 7),
        ("gpu:v100-sxm2-16gb:8,gpu:t4:1", 9), ("nvme:3", 0),
    ],
)  # fmt: skip
def test_gpus_of_slurm_s_nodes(gres: str, gpus: int) -> None:
    partition = CommandResult(0, b"PartitionName=gpu State=UP MaxTime=UNLIMITED\n")
    nodes = CommandResult(0, f"gpu|2|8|1000|(null)|0/16/0/16\ngpu|1|64+|2000+|{gres}|64/0/0/64\n".encode())
    found = told(Slurm().probe("osg01"), NOTHING, partition, nodes, NOTHING)
    (queue,) = found.queues or ()
    assert queue.limits == Limits(memory_mb=2000, cpus=64, gpus=gpus)
    assert found.shapes == (NodeShape("gpu", 2, 8, 1000, 0, 16), NodeShape("gpu", 1, 64, 2000, gpus, 0))


def test_associations_without_a_qos_do_not_tell_which() -> None:
    config = CommandResult(0, b"MinJobAge = 300 sec\nAccountingStorageEnforce = associations\n")
    found = told(Slurm().probe("osg01"), config, NOTHING, NOTHING, CommandResult(0, b"osg|||\n"), NOTHING)
    assert (found.accounts, found.qos, found.most_jobs) == (("osg",), None, None)
    assert "name none" in found.unknown["qos"]


def test_a_schedd_that_denies_the_account() -> None:
    ping = CommandResult(1, b"  WRITE  FS  AES  AES  DENY osg01@example.edu\n")
    (problem,) = told(HTCondor().probe("osg01"), NOTHING, NOTHING, ping, NOTHING, NOTHING).problems
    assert "does not let the account submit" in problem
