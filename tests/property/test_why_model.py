"""Wherever the engine may bring a pilot, there is an answer to where it is and why."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from hosted_ce.pilots.pilot import Event
from hosted_ce.pilots.states import Stage
from hosted_ce.why.answer import Situation
from hosted_ce.why.facts import Condition, Facts, Happening, Place
from hosted_ce.why.judge import why
from tests.fakes.bench import NAME
from tests.fakes.machine import Engine

pytestmark = pytest.mark.timeout(300)
SHORT = settings(
    max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
THEN = {
    Stage.WAITING: {"to_be_routed", "no_route", "no_room", "next_try", "ending", "route_refused"},
    Stage.SUBMITTING: {"being_submitted", "ending", "not_submitting"},
    Stage.DOUBTFUL: {"in_doubt", "in_doubt_too_long"},
    Stage.QUEUED: {"in_queue", "never_starts", "held_at_site", "missing", "ending"},
    Stage.RUNNING: {"running", "overrun", "missing", "ending"},
    Stage.ENDED: {"fetching"},
    Stage.DONE: {"completed", "removed", "lost", "held"},
}


class Explained(Engine):
    """The engine's machine; after each step every pilot is explained."""

    @invariant()
    def every_pilot_has_its_answer(self) -> None:
        for number in range(1, self.added + 1):
            self._explain(number)

    def _explain(self, number: int) -> None:
        pilot, history = self.run(self.ce.store.get(number)), self.run(self.ce.queries.history(number))
        assert pilot
        told = tuple(Happening(row.at, Event(row.what, row.actor, row.reason, row.data)) for row in history)
        place = Place(NAME, Condition.READY, closed=self.ce.gate.reason) if pilot.attempt else None
        answer = why(Facts(self.ce.clock(), pilot, told, place))
        assert answer.situation is not Situation.INCONSISTENT
        assert answer.situation.value in THEN[pilot.stage], answer


def test_every_pilot_of_the_engine_s_model_is_explained() -> None:
    run_state_machine_as_test(Explained, settings=SHORT)
