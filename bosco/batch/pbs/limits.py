"""What PBS gives at most: jobs to an account, by limits that are read, and to a job what a node has. Pure.

OpenPBS and PBS Pro: `max_queued = [u:PBS_GENERIC=100], [u:osg=500], [o:PBS_ALL=2000]`, of the server and of
each queue, for jobs that wait and run. A user's own limit is in place of the generic one. Limits of groups,
of projects, of jobs that run and of resources are not read. Torque: `max_user_queuable` and `max_queuable`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from bosco.batch.asking import least, most, number
from bosco.batch.facts import Limits, NodeShape
from bosco.batch.pbs.nodes import is_for

_LIMIT = re.compile(r'\[(u|o):"?([^"=\]]+)"?=(\d{1,9})\]')


def most_jobs(server: Mapping[str, str], queues: Sequence[Mapping[str, str]], user: str) -> int | None:
    """By the server's limits, and by those of the queues if each of them has one; None: no limit is told."""
    each = [_most(queue, user) for queue in queues]
    known = [most for most in each if most is not None]
    return least(_most(server, user), sum(known) if known and len(known) == len(each) else None)


def within(limits: Limits, queue: str, shapes: Sequence[NodeShape], queues: Collection[str]) -> Limits:
    """The limits of a queue, and of its largest node: a job of ours has all that it asks for on one."""
    nodes = [shape for shape in shapes if is_for(shape.queue, queue, queues)]
    return replace(
        limits,
        memory_mb=least(limits.memory_mb, most(*(node.memory_mb for node in nodes))),
        cpus=least(limits.cpus, most(*(node.cpus for node in nodes))),
        gpus=least(limits.gpus, most(*(node.gpus for node in nodes))),
    )


def _most(said: Mapping[str, str], user: str) -> int | None:
    limits = {(kind, name): int(most) for kind, name, most in _LIMIT.findall(said.get("max_queued", ""))}
    own = limits.get(("u", user), limits.get(("u", "PBS_GENERIC")))
    torque = (number(said.get(name)) for name in ("max_user_queuable", "max_queuable"))
    return least(own, limits.get(("o", "PBS_ALL")), *torque)
