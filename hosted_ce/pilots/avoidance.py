"""Nodes that are avoided for a while, and which are to be. Pure: time comes as a number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hosted_ce.pilots.nodes import Ended, killed

NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}\Z")
"""Names that may go into a batch request."""
SHORTEST_S, LONGEST_S = 60.0, 90 * 86400.0
"""For how long a node may be avoided."""
AUTOMATIC = "engine"
"""Who avoids a node by the site file's rule."""


class CannotAvoid(Exception):
    """The node cannot be avoided; the text says why, and what to do."""


class NotAvoided(Exception):
    """The node is not avoided."""

    def __init__(self, node: str, avoided: Sequence[str]):
        super().__init__(f"node {node!r} is not avoided; there are: {', '.join(avoided) or 'none'}")


@dataclass(frozen=True, slots=True)
class Avoidance:
    """That no pilot is sent to a node, from `since` to `until` (seconds since the epoch)."""

    cluster: str
    node: str
    since: float
    until: float
    actor: str
    reason: str | None = None
    ended_at: float | None = None
    """When somebody ended it before its time."""
    ended_by: str | None = None

    @property
    def over_at(self) -> float:
        """From when on it is over."""
        return self.until if self.ended_at is None else min(self.until, self.ended_at)

    def in_force(self, now: float) -> bool:
        """Whether the node is avoided now."""
        return now < self.over_at


@dataclass(frozen=True, slots=True)
class Rule:
    """When a node is avoided by itself. Times in seconds."""

    after: int
    """So many failures, and none that worked,"""
    within_s: float
    lasting_s: float
    at_most: int | None = None
    """Nodes of the cluster that are avoided at the same time."""
    share: float | None = None
    """The same, as a share of the nodes that are known, above 0 and below 1."""

    def most(self, nodes: int) -> int:
        """How many of so many nodes may be avoided."""
        caps = (self.at_most, None if self.share is None else int(self.share * nodes))
        return min((cap for cap in caps if cap is not None), default=0)


def to_avoid(
    rule: Rule, cluster: str, ends: Mapping[str, Sequence[Ended]], known: Iterable[Avoidance], now: float
) -> list[Avoidance]:
    """Which nodes of the cluster are to be avoided from now on, those with most failures first.

    `ends` are the latest ends by node, `known` all avoidances of the cluster that are in force or were of
    late. Never more at once than the rule's most, counting those avoided by hand. What was before the end of
    a node's last avoidance does not count again: the node has to fail anew.
    """
    over_at: dict[str, float] = {}
    for one in known:
        over_at[one.node] = max(one.over_at, over_at.get(one.node, one.over_at))
    avoided = {node for node, at in over_at.items() if now < at}
    room = rule.most(len(avoided | ends.keys())) - len(avoided)
    found = sorted(_killers(rule, ends, over_at, now), key=lambda each: (-len(each[1]), each[0]))
    return [
        Avoidance(cluster, node, now, now + rule.lasting_s, AUTOMATIC, _said(rule, failed))
        for node, failed in found[: max(0, room)]
    ]


def _killers(
    rule: Rule, ends: Mapping[str, Sequence[Ended]], over_at: Mapping[str, float], now: float
) -> Iterator[tuple[str, list[Ended]]]:
    for node, all_ends in ends.items():
        since = max(now - rule.within_s, over_at.get(node, float("-inf")))
        fresh = [end for end in all_ends if end.at > since]
        if NODE.match(node) and (failed := killed(fresh, rule.after)):
            yield node, failed


def _said(rule: Rule, failed: list[Ended]) -> str:
    return f"{len(failed)} pilots failed there within {rule.within_s / 60:.0f} min, and none worked"
