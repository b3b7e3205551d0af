"""Which of OpenPBS's schedulers start jobs: what `qmgr` lists to everybody. Pure.

A server without its scheduler takes jobs as ever, and none of them begins. One that hangs is listed as
`scheduling`, as one at work is: that cannot be told from outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from bosco.batch.asking import settings
from bosco.batch.model import CommandResult

COMMAND = ("qmgr", "-c", "list sched")
_DEFAULT = "default"
"""The scheduler of queues without a partition."""
_DOWN = "down"


def is_served(queue: Mapping[str, str]) -> bool:
    """Whether jobs are started from it: what waits in a routing queue goes on to another one."""
    return queue.get("queue_type") == "Execution"


def unserved(result: CommandResult, queues: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Why nothing is started in these queues, by their names. Nothing is said without a whole answer."""
    if not result.complete or result.exit_code:
        return {}
    down = dict(_down(result.stdout.decode("utf-8", "replace")))
    wanted = {row["Queue"]: row.get("partition", _DEFAULT) for row in queues if is_served(row)}
    return {queue: down[partition] for queue, partition in wanted.items() if partition in down}


def _down(text: str) -> Iterator[tuple[str, str]]:
    """Partitions whose scheduler is none, and that one's name."""
    for block in re.split(r"^(?=Sched )", text.replace("\n\t", ""), flags=re.MULTILINE):
        head, _, rest = block.partition("\n")
        said = dict(settings(rest))
        if head.startswith("Sched ") and said.get("state") == _DOWN:
            name = head.removeprefix("Sched ").strip()
            partitions = _DEFAULT if name == _DEFAULT else said.get("partition", "")
            for partition in partitions.split(","):
                yield partition.strip(), f"the scheduler {name} is down: pbs_sched"
