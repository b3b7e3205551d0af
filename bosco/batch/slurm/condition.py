"""How Slurm is doing: squeue, sinfo, scontrol; and sbatch --test-only. Pure text in and text out."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from bosco.batch.answers import said
from bosco.batch.asking import Answers, number, settings
from bosco.batch.condition import Condition, Nodes, Rehearsal
from bosco.batch.model import BatchRequest, CommandResult
from bosco.batch.protocol import BatchSystem, Command, Dialogue
from bosco.batch.slurm.clusters import at, cluster_of, named
from bosco.batch.slurm.errors import refusal_of
from bosco.batch.slurm.probe import CONFIG
from bosco.batch.slurm.script import NOTICE_S, directives
from bosco.batch.stamps import STAMP
from bosco.errors import Refusal

STATES = ("sinfo", "--noheader", "--all", "--Node", "--format=%R|%T|%N")
"""One line for each node in each of its partitions."""
_WORKING = frozenset(
    {"idle", "mixed", "allocated", "completing", "planned", "reserved", "powered_down", "powering_down",
     "powering_up", "power_down", "power_up"}
)  # fmt: skip
_FLAGS = "~#!%$@^-+"
"""Behind a state: powered down, to be rebooted, planned and so on. `*` is none: the node does not answer."""
_START = re.compile(r"\bto start at (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\b")
_VERDICT = re.compile(r"allocation failure: (.*)")


def jobs(user: str) -> tuple[str, ...]:
    """The command that lists the names of all jobs of `user`."""
    return ("squeue", "--noheader", "--all", f"--user={user}", "--format=%j")


def condition(batch: BatchSystem, user: str) -> Dialogue[Condition]:
    """Three commands."""
    return at(cluster_of(batch), _condition(user))


def _condition(user: str) -> Dialogue[Condition]:
    answers = Answers()
    names = answers.text((yield Command(jobs(user))), "squeue", "other_jobs").splitlines()
    states = answers.text((yield Command(STATES)), "sinfo", "nodes")
    config = dict(settings(answers.text((yield Command(CONFIG)), "scontrol", "kill_wait_s")))
    unknown = answers.unknown
    return Condition(
        other_jobs=None if "other_jobs" in unknown else tuple(n for n in names if n and not STAMP.match(n)),
        nodes=None if "nodes" in unknown else dict(_nodes(states)),
        kill_wait_s=number(config.get("KillWait", "").removesuffix(" sec")),
        unknown=unknown,
    )


def _nodes(text: str) -> Iterator[tuple[str, Nodes]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for line in text.splitlines():
        queue, state, name = [*line.strip().split("|"), "", ""][:3]
        if queue and name:
            found.setdefault(queue, []).append((state.rstrip(_FLAGS), name))
    for queue, nodes in found.items():
        names = tuple(name for state, name in nodes if state in _WORKING)
        others = Counter(state for state, _ in nodes if state not in _WORKING)
        yield queue, Nodes(len(nodes), len(names), dict(others), names)


def rehearsal(batch: BatchSystem, request: BatchRequest) -> Dialogue[Rehearsal]:
    """One sbatch, which validates the job and submits none."""
    options = [word for text in directives(request, (), NOTICE_S) for word in shlex.split(text)]
    argv = named(cluster_of(batch), ("sbatch", "--test-only", *options, "--wrap=true"))
    return _rehearsed((yield Command(argv)))


def _rehearsed(result: CommandResult) -> Rehearsal:
    text = result.stderr.decode("utf-8", "replace")
    if not result.complete:
        return Rehearsal(None, "sbatch --test-only was ended before it answered")
    if result.exit_code == 0:
        return Rehearsal(taken=True, said=said(result), starts_at=_start(text))
    reasons = _VERDICT.findall(text)
    if "unrecognized option" in text and "--test-only" in text:
        return Rehearsal(None, "sbatch does not know --test-only here")
    if not reasons and refusal_of(result.exit_code, result.stderr) is not Refusal.PERMANENT:
        return Rehearsal(None, said(result))
    return Rehearsal(taken=False, said=reasons[-1] if reasons else said(result))


def _start(text: str) -> float | None:
    """Commands run with TZ=UTC, so what they say is UTC."""
    found = _START.search(text)
    try:
        return datetime.fromisoformat(found[1]).replace(tzinfo=UTC).timestamp() if found else None
    except ValueError:
        return None
