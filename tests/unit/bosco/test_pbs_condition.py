"""How PBS is doing, and how many jobs it allows: by what a real OpenPBS answers (recording 19)."""

from __future__ import annotations

import pytest
from pbs_recordings import OPENPBS, answer

from bosco.batch.condition import Nodes
from bosco.batch.facts import Limits
from bosco.batch.inspections import condition_of
from bosco.batch.model import CommandResult
from bosco.batch.pbs.codec import Pbs
from bosco.batch.pbs.condition import condition
from bosco.batch.pbs.limits import most_jobs
from tests.fakes.dialogue import conversation, told

PBS = Pbs("openpbs")
VERSION = CommandResult(0, b"pbs_version = 23.06.06\n")
QUEUES, NODES = answer(OPENPBS, "qstat -Q -f"), answer(OPENPBS, "pbsnodes -a")
SCHEDULERS = answer(OPENPBS, "qmgr -c 'list sched'")
AWAY = CommandResult(162, b"", b"Connection refused\nqselect: cannot connect to server pbs1 (errno=15010)\n")


def test_nodes_that_work_and_others_and_jobs_that_are_none_of_ours() -> None:
    mine = b"Job Id: 1.pbs1|Job_Name=hq3vz5xk2m7wdae|job_state=R\n"
    other = b"Job Id: 2.pbs1|Job_Name=my analysis|job_state=Q\n"
    asked, found = conversation(
        condition(PBS, "osg01"), VERSION, CommandResult(0, b"1.pbs1\n2.pbs1\n"),
        CommandResult(0, mine + other), QUEUES, NODES,
    )  # fmt: skip
    assert [list(command.argv)[:2] for command in asked] == [
        ["qstat", "--version"], ["qselect", "-u"], ["qstat", "-E"], ["qstat", "-Q"], ["pbsnodes", "-a"],
    ]  # fmt: skip
    assert found.other_jobs == ("my analysis",)
    assert found.nodes == {"workq": Nodes(2, 1, {"state-unknown,down": 1}, ("n01",))}
    assert found.unknown.keys() == {"kill_wait_s"}


def test_a_node_of_one_queue_is_no_other_queues() -> None:
    queues = b"Queue: large\n    enabled = True\n\nQueue: workq\n    enabled = True\n\n"
    nodes = b"n1\n     state = free\n\nbig1\n     state = offline\n     queue = large\n\n"
    none = CommandResult(0, b"")
    found = told(condition(PBS, "osg01"), VERSION, none, CommandResult(0, queues), CommandResult(0, nodes))
    assert found.nodes == {"large": Nodes(2, 1, {"offline": 1}, ("n1",)), "workq": Nodes(1, 1, {}, ("n1",))}


def test_a_list_of_queues_that_are_none_keeps_a_node_from_no_queue() -> None:
    """`Qlist` is a name that many sites give to a resource of their own."""
    queues = CommandResult(0, b"Queue: workq\n    enabled = True\n\n")
    nodes = CommandResult(0, b"n1\n     state = free\n     resources_available.Qlist = fast\n\n")
    found = told(condition(PBS, "osg01"), VERSION, CommandResult(0, b""), queues, nodes)
    assert found.nodes == {"workq": Nodes(1, 1, {}, ("n1",))}


def test_a_queue_gives_no_more_than_its_largest_node() -> None:
    server, queues = answer(OPENPBS, "qstat -B -f"), answer(OPENPBS, "qstat -Q -f")
    [queue] = told(PBS.probe("hce-site"), VERSION, server, queues, NODES, SCHEDULERS).queues or ()
    assert queue.limits == Limits(memory_mb=24106, cpus=8, gpus=0)
    limited = answer(OPENPBS, "qstat -Q -f", 8)  # resources_max.mem = 10mb
    [queue] = told(PBS.probe("hce-site"), VERSION, server, limited, NODES, SCHEDULERS).queues or ()
    assert queue.limits == Limits(memory_mb=10, cpus=8, gpus=0)
    [queue] = told(PBS.probe("hce-site"), VERSION, server, queues, AWAY, SCHEDULERS).queues or ()
    assert queue.limits == Limits()


def test_torque_lists_jobs_itself() -> None:
    jobs = (
        b"Job Id: 1.torque1\n    Job_Name = hers\n    Job_Owner = she@t\n    job_state = R\n\n"
        b"Job Id: 2.torque1\n    Job_Name = his\n    Job_Owner = osg01@t\n    job_state = Q\n\n"
        b"Job Id: 3.torque1\n    Job_Name = ended\n    Job_Owner = osg01@t\n    job_state = C\n\n"
    )
    torque = CommandResult(0, b"", b"Version: 6.1.3\n")
    found = told(
        condition(PBS, "osg01"),
        torque,
        CommandResult(0, jobs),
        QUEUES,
        CommandResult(0, b"n1\n     state = job-exclusive\n"),
    )
    assert found.other_jobs == ("his",)
    assert found.nodes == {"workq": Nodes(1, 1, {}, ("n1",))}


def test_a_server_that_is_away_tells_nothing() -> None:
    found = told(condition_of(PBS, "osg01"), VERSION, AWAY, AWAY, AWAY)
    assert (found.other_jobs, found.nodes) == (None, None)
    assert "Connection refused" in found.unknown["nodes"]
    assert "Connection refused" in found.unknown["other_jobs"]


@pytest.mark.parametrize(
    ("server", "queues", "most"),
    [
        ("", [], None),
        ("", [""], None),
        ("[u:PBS_GENERIC=0]", [""], 0),
        ("", ["[u:PBS_GENERIC=10]"], 10),
        ("", ["[u:PBS_GENERIC=10]", ""], None),
        ("", ["[u:PBS_GENERIC=10]", "[u:PBS_GENERIC=5]"], 15),
        ("[u:PBS_GENERIC=12]", ["[u:PBS_GENERIC=10]", "[u:PBS_GENERIC=5]"], 12),
        ("[u:PBS_GENERIC=12],[u:osg01=100]", [""], 100),
        ('[o:PBS_ALL=70], [u:"osg01"=100]', [""], 70),
        ("[u:somebody=3],[g:osg=2],[p:PBS_GENERIC=1]", [""], None),
    ],
)  # fmt: skip
def test_limits_of_the_server_and_of_queues(server: str, queues: list[str], most: int | None) -> None:
    rows = [{"max_queued": queue} if queue else {} for queue in queues]
    assert most_jobs({"max_queued": server} if server else {}, rows, "osg01") == most


def test_torques_limits() -> None:
    assert most_jobs({"max_user_queuable": "40"}, [{"max_queuable": "30"}], "osg01") == 30


@pytest.mark.parametrize(("nth", "most"), [(0, None), (5, 0), (6, 0)])
def test_a_limit_that_was_recorded(nth: int, most: int | None) -> None:
    """The sixth recording is of a limit of the server, the seventh of one of the queue."""
    server, queues = (answer(OPENPBS, argv, nth) for argv in ("qstat -B -f", "qstat -Q -f"))
    found = told(PBS.probe("hce-site"), VERSION, server, queues, NODES, SCHEDULERS)
    assert found.most_jobs == most
    assert ("most_jobs" in found.unknown) == (most is None)


def test_a_server_that_is_for_others_tells_no_limit_and_why() -> None:
    server, queues = (answer(OPENPBS, argv, 4) for argv in ("qstat -B -f", "qstat -Q -f"))
    found = told(PBS.probe("hce-site"), VERSION, server, queues, NODES)
    assert found.queues is None
    assert "Unauthorized Request" in found.unknown["most_jobs"]
