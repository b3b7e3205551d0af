"""Which batch systems can be asked how they are doing, and can rehearse a submission. A new one is a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from bosco.batch.condition import Condition, Rehearsal
from bosco.batch.model import BatchRequest
from bosco.batch.pbs import condition as pbs_condition
from bosco.batch.protocol import BatchSystem, Dialogue
from bosco.batch.sge import rehearsal as sge_rehearsal
from bosco.batch.slurm import condition as slurm_condition

CONDITIONS: Mapping[str, Callable[[BatchSystem, str], Dialogue[Condition]]] = {
    "slurm": slurm_condition.condition,
    "pbs": pbs_condition.condition,
}
"""By the codec's name; what is asked for the account of that name."""
REHEARSALS: Mapping[str, Callable[[BatchSystem, BatchRequest], Dialogue[Rehearsal]]] = {
    "slurm": slurm_condition.rehearsal,
    "sge": sge_rehearsal.rehearsal,
}
T = TypeVar("T")
FACTS = ("other_jobs", "nodes", "kill_wait_s")


def condition_of(batch: BatchSystem, user: str) -> Dialogue[Condition]:
    """How it is doing for `user`."""
    if asked := CONDITIONS.get(batch.name):
        return asked(batch, user)
    return _nothing(Condition(unknown=dict.fromkeys(FACTS, f"{batch.name} is not asked for it")))


def rehearsal_of(batch: BatchSystem, request: BatchRequest) -> Dialogue[Rehearsal]:
    """What becomes of such a submission, by its own word. Nothing is submitted."""
    if tried := REHEARSALS.get(batch.name):
        return tried(batch, request)
    return _nothing(Rehearsal(None, f"{batch.name} cannot try a submission without making it"))


def _nothing(answer: T) -> Dialogue[T]:
    yield from ()
    return answer
