"""What the site file's writer may say to one batch system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hosted_ce.site.errors import BadValue, quote

_QUOTES = "'\"\\`"


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
    variables: Mapping[str, str] = field(default_factory=dict)
    """Variables that a cluster's `environment` may not set, and what to do instead."""
    sees_spool: frozenset[str] = frozenset()
    """Of the options, those that need nodes which see the spool."""
    avoids_nodes: bool = True
    """Whether a job can ask not to run on a node."""
    without_home: bool = False
    """Whether it can run pilots on nodes that do not see the spool."""
    arrays: bool = False
    """Whether pilots can share job arrays."""
    home_option: str | None = None
    """The option that it needs where the nodes see the spool, and only there."""
    lacks: frozenset[str] = frozenset()
    """Keys of a route's `request` that mean nothing to it."""
    whole_lines: bool = False
    """Whether a directive is a line to its end, so that nothing in it can become another one."""

    def check_computed(self, text: str) -> str:
        """Checks an item of `extra` that an expression made. Raises BadValue.

        A pilot's text may be in it, and batch systems read quotes each in their own way.
        """
        if not self.whole_lines:
            if any(mark in text for mark in _QUOTES):
                raise BadValue(f"{quote(text)} has a quote in it, which a computed option cannot have")
            if any(word.startswith("-") for word in text.split()[1:]):
                raise BadValue(f"{quote(text)} holds more than one option")
        return self.check_directive(text)
