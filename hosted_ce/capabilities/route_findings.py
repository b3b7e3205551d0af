"""What a route asks and a batch system cannot give, from a probe's facts. Pure.

Only what is known contradicts: a limit that was not told, or a queue of which it cannot be told whether it is
for us, makes no finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bosco.batch.asking import most
from bosco.batch.facts import BatchFacts, Queue
from hosted_ce.capabilities.finding import Finding, Weight
from hosted_ce.capabilities.wanted import RouteWants
from hosted_ce.routing.model import Ask

_ELSEWHERE = frozenset("@*?[,")
"""Signs in a queue's name that make it more than a name: another server, a pattern, a host."""


def route_findings(batch: BatchFacts, wants: RouteWants) -> Iterator[Finding]:
    """Why pilots of the route that say nothing themselves are refused, or wait for ever."""
    for name, said, todo in _contradictions(batch, wants.ask):
        yield Finding(name, Weight.PROBLEM, f"route {wants.route} {said}", todo, wants.route)


def _contradictions(batch: BatchFacts, ask: Ask) -> Iterator[tuple[str, str, str]]:
    name = ask.queue or batch.default_queue
    queues = _meant(batch, name)
    if ask.queue and queues == ():
        there = ", ".join(queue.name for queue in batch.queues or ())
        yield (
            "queue-missing", f"asks for the queue {ask.queue}, which is not there for us",
            f"there are: {there or 'none'}. Mend the route's `queue`",
        )  # fmt: skip
    elif queues is not None and name is None and "default_queue" not in batch.unknown:
        yield "queue-missing", "names no queue, and there is no default", "give the route a `queue`"
    if queues:
        yield from _closed(queues)
        yield from _above(ask, batch, _able(queues), "any queue" if name is None else f"queue {name}")
    elif queues is None:
        yield from _above(ask, batch, (), batch.name)
    yield from _names(ask, batch)


def _meant(batch: BatchFacts, name: str | None) -> tuple[Queue, ...] | None:
    """The queues that the job may get into; None: they are not known."""
    if batch.queues is None or (name and _ELSEWHERE & set(name)):
        return None
    return tuple(queue for queue in batch.queues if name in (None, queue.name))


def _able(queues: Sequence[Queue]) -> Sequence[Queue]:
    """Those that may take the job; all, if none of them may: then that was said already."""
    return [queue for queue in queues if queue.open and queue.usable is not False] or queues


def _closed(queues: Sequence[Queue]) -> Iterator[tuple[str, str, str]]:
    if any(queue.open and queue.usable is not False for queue in queues):
        return
    queue = queues[0]
    why = f" ({queue.why})" if queue.why else ""
    one = f"asks for the queue {queue.name}, which" if len(queues) == 1 else f"finds no queue: {queue.name}"
    if queue.open:
        todo = "ask the site to let the account use it, or give the route another `queue`"
        yield "queue-not-allowed", f"{one} is not for our account{why}", todo
    else:
        todo = "ask the site when it opens, or give the route another `queue`"
        yield "queue-closed", f"{one} is closed{why}", todo


def _above(
    ask: Ask, batch: BatchFacts, queues: Sequence[Queue], where: str
) -> Iterator[tuple[str, str, str]]:
    for key, name, asked, unit in (
        ("walltime", "walltime_s", ask.walltime_s, ""),
        ("memory", "memory_mb", 0 if ask.whole_node else ask.memory_mb, " MB"),
        ("cpus", "cpus", ask.cpus, " cores"),
        ("gpus", "gpus", ask.gpus, " GPUs"),
    ):
        limit, source = _limit(name, batch, queues, where)
        if limit is not None and asked > limit:
            said = [f"{number}{unit}" if unit else _duration(number) for number in (asked, limit)]
            yield (
                f"{key}-above", f"asks for {said[0]}, and {source} gives {said[1]} at most",
                f"set the route's `{key}` to what is there, or choose another `queue`",
            )  # fmt: skip


def _duration(seconds: int) -> str:
    """As a site file writes it."""
    for unit, size in (("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _limit(name: str, batch: BatchFacts, queues: Sequence[Queue], where: str) -> tuple[int | None, str]:
    """The lower one of what the most generous queue gives and of what holds in all; and whose it is."""
    given: list[int | None] = [getattr(queue.limits, name) for queue in queues]
    of_queues, of_all = None if None in given else most(*given), getattr(batch.limits, name)
    if of_all is not None and (of_queues is None or of_all < of_queues):
        return of_all, f"{batch.name} in any queue" if queues else batch.name
    return of_queues, where


def _names(ask: Ask, batch: BatchFacts) -> Iterator[tuple[str, str, str]]:
    for key, asked, known in (("account", ask.account, batch.accounts), ("qos", ask.qos, batch.qos)):
        if asked and known is not None and asked not in known:
            yield (
                f"{key}-missing", f"asks for the {key} {asked}, which our account does not have",
                f"it has: {', '.join(known) or 'none'}. Mend the route's `{key}`, or ask the site for it",
            )  # fmt: skip
