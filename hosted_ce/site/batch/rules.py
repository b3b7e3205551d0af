"""What the site file's writer may say to one batch system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class BatchRules:
    """One batch system's."""

    osg_name: str
    """What osg-configure calls it; the front door tells it to factories."""
    check_directive: Callable[[str], str]
    """Checks an item of a route's `extra`, which is one printable line. Raises BadValue for the CE's own."""
    options: Mapping[str, str] = field(default_factory=dict)
    """The keys of `batch_options`, and what each is for. Their values are words, as names of queues are."""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of those keys, the ones whose value is one of a few."""
    avoids_nodes: bool = True
    """Whether a job can ask not to run on a node."""
    lacks: frozenset[str] = frozenset()
    """Keys of a route's `request` that mean nothing to it."""
