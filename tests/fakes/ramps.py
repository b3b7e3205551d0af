"""Ramps in memory, for those who ask and act: the controller is the one in use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from hosted_ce.api.ports.ramps import RampView, UnknownRamp
from hosted_ce.ramp.acts import Act, Asked, done
from hosted_ce.ramp.evidence import Evidence
from hosted_ce.ramp.outlook import outlook
from hosted_ce.ramp.rules import Rules
from hosted_ce.ramp.state import State, Step, Word


@dataclass
class KnownRamps:
    """Ramps as they were put in, and their steps, the newest first."""

    now: Callable[[], float]
    known: dict[str, RampView] = field(default_factory=dict)
    made: dict[str, list[Step]] = field(default_factory=dict)

    def put(self, route: str, rules: Rules, state: State, evidence: Evidence) -> None:
        view = RampView(route, rules, state, evidence, outlook(state, evidence, rules, self.now()))
        self.known[route] = view
        self.made.setdefault(route, [])

    def views(self) -> list[RampView]:
        return list(self.known.values())

    async def steps(self, route: str, limit: int) -> Sequence[Step]:
        return self.made[self._known(route).route][:limit]

    async def act(
        self, route: str, what: Act, *, actor: str, reason: str | None, cap: int | None = None
    ) -> RampView:
        view = self._known(route)
        asked = Asked(what, Word(actor, self.now(), reason), cap)
        state, step = done(asked, view.state, view.evidence, view.rules)
        self.put(route, view.rules, state, replace(view.evidence, begun=0, started=0, proven=0))
        self.made[route].insert(0, step)
        return self.known[route]

    def _known(self, route: str) -> RampView:
        if route not in self.known:
            raise UnknownRamp(route, sorted(self.known))
        return self.known[route]
