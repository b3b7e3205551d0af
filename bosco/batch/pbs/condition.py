"""How PBS is doing: which jobs of the account are not ours, and which nodes of each queue work. Pure.

`qstat -Q -f` names the queues, `pbsnodes -a` the nodes: one that is for a queue says so, others may be had in
any. How long a job has between SIGTERM and SIGKILL is not told: `kill_delay` is no time for a pilot, since
the login shell that PBS has above it ends at SIGTERM, and with it the job.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from bosco.batch.asking import Answers
from bosco.batch.condition import Condition, Nodes
from bosco.batch.pbs.nodes import COMMAND, by_name, is_away, is_for, queue_of
from bosco.batch.pbs.probe import QUEUES, VERSION, blocks
from bosco.batch.pbs.text import is_array, is_id, is_of, read
from bosco.batch.protocol import BatchSystem, Command, Dialogue
from bosco.batch.stamps import STAMP

MANY = 500
"""Ids that are asked for their names. Of more, the others are not looked at."""
_ENDED = "C"
"""Torque lists what has ended for a while."""
_KILL = "PBS ends all processes of a job at once"


def condition(_: BatchSystem, user: str) -> Dialogue[Condition]:
    """Four or five commands."""
    answers = Answers()
    names = yield from _names(user, answers)
    queues = [
        row["Queue"] for row in blocks(answers.text((yield Command(QUEUES)), "qstat -Q", "nodes"), "Queue")
    ]
    nodes = by_name(answers.text((yield Command(COMMAND)), "pbsnodes", "nodes"))
    answers.missing("kill_wait_s", _KILL)
    unknown = answers.unknown
    return Condition(
        other_jobs=None if "other_jobs" in unknown else tuple(n for n in names if not STAMP.match(n)),
        nodes=None if "nodes" in unknown else {queue: _of(queue, queues, nodes) for queue in queues},
        unknown=unknown,
    )


def _names(user: str, answers: Answers) -> Dialogue[list[str]]:
    """Of all jobs of the account that wait or run."""
    version = yield Command(VERSION)
    if b"pbs_version" not in version.stdout + version.stderr:
        told = answers.text((yield Command(("qstat", "-f", "-1"))), "qstat", "other_jobs")
        jobs = (job for job in read(told).jobs if is_of(job, user))
        return [job.attributes["Job_Name"] for job in jobs if job.attributes["job_state"] != _ENDED]
    told = answers.text((yield Command(("qselect", "-u", user))), "qselect", "other_jobs")
    ids = [word for word in told.split() if is_id(word) and not is_array(word)][:MANY]
    if not ids:
        return []
    told = answers.text((yield Command(("qstat", "-E", "-f", "-F", "dsv", *ids))), "qstat", "other_jobs")
    return [job.attributes["Job_Name"] for job in read(told).jobs]


def _of(queue: str, queues: Collection[str], nodes: Mapping[str, Mapping[str, str]]) -> Nodes:
    there = {name: said for name, said in nodes.items() if is_for(queue_of(said), queue, queues)}
    working = tuple(
        said.get("resources_available.host", name) for name, said in there.items() if not is_away(said)
    )
    others = Counter(said.get("state", "in no state") for said in there.values() if is_away(said))
    return Nodes(len(there), len(working), dict(others), working)
