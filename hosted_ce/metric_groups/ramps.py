"""Where the ramps of routes stand, and their steps."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge

from hosted_ce.metric_groups.group import Group
from hosted_ce.ramp.rules import Rules
from hosted_ce.ramp.state import Direction, State, Step, StepCause

FALL = (Direction.DOWN.value, StepCause.FAILURES.value)


class RampMetrics(Group):
    """Of one daemon. Routes without a ramp have none of them; one that is gone keeps its counters."""

    def __init__(self, registry: CollectorRegistry):
        self._cap = Gauge(
            "hosted_ce_ramp_cap", "How many pilots a route's ramp admits now.", ["route"], registry=registry
        )
        self._target = Gauge(
            "hosted_ce_ramp_target", "How many pilots a route's ramp admits in the end.", ["route"],
            registry=registry,
        )  # fmt: skip
        self._held = Gauge(
            "hosted_ce_ramp_held",
            "1 while pilots of the route fail and its ramp is as low as it goes, else 0.", ["route"],
            registry=registry,
        )  # fmt: skip
        self._steps = Counter(
            "hosted_ce_ramp_steps", "Steps of ramps, by direction (up, down, stay) and cause.",
            ["route", "direction", "cause"], registry=registry,
        )  # fmt: skip

    def set(self, ramps: Mapping[str, tuple[State, Rules]]) -> None:
        """As they are now, by route."""
        for gauge in (self._cap, self._target, self._held):
            gauge.clear()
        for route, (state, rules) in ramps.items():
            self._cap.labels(route).set(state.cap)
            self._target.labels(route).set(rules.target)
            self._held.labels(route).set(state.held_since is not None)
            self._steps.labels(route, *FALL)  # from 0 on, or the first one would be no increase

    def stepped(self, route: str, made: Step) -> None:
        """A step was made."""
        self._steps.labels(route, made.direction.value, made.cause.value).inc()
