"""A site as a session sees it, told by the test; and what it was asked to start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hosted_ce.daemon.sessions.keeper import Started
from hosted_ce.session.errors import CannotRun
from hosted_ce.session.facts import Facts
from hosted_ce.session.item import Act


@dataclass
class Told:
    """Eyes that see what the test says, as of now."""

    now: Callable[[], float]
    facts_: Facts = field(default_factory=lambda: Facts(0.0))
    since: float | None = None

    async def facts(self, since: float) -> Facts:
        self.since = since
        return replace(self.facts_, now=self.now())


@dataclass
class Deeds:
    """Hands that remember what they were to start; `refusal` is raised instead."""

    started: Started = field(default_factory=lambda: Started("begun"))
    done: list[tuple[Act, str, str]] = field(default_factory=list)
    refusal: str | None = None

    async def start(self, act: Act, *, owner: str, actor: str) -> Started:
        if self.refusal:
            raise CannotRun(self.refusal)
        self.done.append((act, owner, actor))
        return self.started
