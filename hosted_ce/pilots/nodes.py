"""What becomes of pilots on each node of late, and which nodes kill them. Pure: time comes as a number."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hosted_ce.pilots.end_classes import NODES_FAULT, EndClass

WINDOW_S = 6 * 3600.0
"""How long an end counts."""
SHORT_S = 1500.0
"""A pilot that failed sooner worked for nobody; a glidein whose validation fails takes 1200 s."""
MANY = 5
MOST_NODES = 1000
MOST_ENDS = 50
"""Of one node."""


class Ended(NamedTuple):
    """A pilot ended: when (seconds since the epoch), how, and after how long (None: that is not known)."""

    at: float
    what: EndClass
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Node:
    """One node: how its latest pilots ended. `problem` is why it is taken for a black hole."""

    cluster: str
    name: str
    classes: Mapping[str, int]
    last_at: float | None
    """When the last one ended there; None: none did within the window."""
    problem: str | None

    @property
    def failed(self) -> int:
        """Ends that speak against it."""
        return sum(number for what, number in self.classes.items() if what in NODES_FAULT)


class Nodes:
    """The latest ends by node. Bounded: the node that was heard of longest ago is forgotten first."""

    def __init__(self) -> None:
        self._ends: OrderedDict[tuple[str, str], deque[Ended]] = OrderedDict()

    def ended(self, cluster: str, node: str, what: EndClass, seconds: float | None, at: float) -> None:
        """A pilot has ended on a node after so many seconds."""
        key = (cluster, node)
        self._ends.setdefault(key, deque(maxlen=MOST_ENDS)).append(Ended(at, what, seconds))
        self._ends.move_to_end(key)
        while len(self._ends) > MOST_NODES:
            self._ends.popitem(last=False)

    def all(self, now: float) -> list[Node]:
        """All nodes with ends within the window; black holes first, then those with most failures."""
        found = []
        for (cluster, name), fresh in self._fresh(now).items():
            classes = Counter(end.what.value for end in fresh)
            found.append(Node(cluster, name, dict(classes), fresh[-1].at, _problem(fresh)))
        return sorted(found, key=lambda n: (n.problem is None, -n.failed, n.cluster, n.name))

    def ends_at(self, cluster: str, now: float) -> dict[str, list[Ended]]:
        """The ends within the window on each node of a cluster, oldest first."""
        return {name: fresh for (where, name), fresh in self._fresh(now).items() if where == cluster}

    def _fresh(self, now: float) -> dict[tuple[str, str], list[Ended]]:
        fresh = {key: [end for end in ends if now - end.at < WINDOW_S] for key, ends in self._ends.items()}
        return {key: ends for key, ends in fresh.items() if ends}


def killed(ends: Sequence[Ended], many: int) -> list[Ended]:
    """The short failures, if they are many and nothing ran for long or well: the node kills pilots."""
    short = [end for end in ends if end.what in NODES_FAULT and (end.seconds or 0.0) < SHORT_S]
    worked = any(end.what is EndClass.NORMAL or (end.seconds or 0.0) >= SHORT_S for end in ends)
    return [] if worked or len(short) < many else short


def _problem(ends: Sequence[Ended]) -> str | None:
    short = killed(ends, MANY)
    if not short:
        return None
    most, number = Counter(end.what.value for end in short).most_common(1)[0]
    return f"{len(short)} pilots failed within {SHORT_S / 60:.0f} min each ({number} {most}), and none worked"
