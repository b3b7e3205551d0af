"""There is an answer for whatever may be written down."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.holds import HoldCause
from hosted_ce.pilots.pilot import Event, Outcome
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.why.answer import Answer, Situation, Turn
from hosted_ce.why.facts import Condition, Facts, Happening, Outlook, Place, Refusal
from hosted_ce.why.judge import why

from .stories import FACTORY_JOB, NOW, attempt, facts, pilot

OVER = {Situation.COMPLETED, Situation.REMOVED, Situation.LOST}
LEGAL = {
    Stage.WAITING: {State.IDLE},
    Stage.SUBMITTING: {State.IDLE},
    Stage.DOUBTFUL: {State.UNKNOWN},
    Stage.QUEUED: {State.IDLE},
    Stage.RUNNING: {State.RUNNING},
    Stage.ENDED: {State.IDLE, State.RUNNING, State.UNKNOWN},
    Stage.DONE: {State.HELD, State.COMPLETED, State.REMOVED, State.LOST},
}
WHATS = [
    "received", "routed", "submitted", "doubtful", "overdue", "running", "requeued", "adopted", "ended",
    "vanished", "completed", "removed", "lost", "held", "hold_asked", "released", "release_asked",
    "removal_asked", "attempt_failed", "restarted", "parked", "not_begun", "cancel_asked", "abandoned",
    "late_job", "credentials_renewed",
]  # fmt: skip
OUTLOOKS = [None, Outlook(), Outlook("large"), Outlook(None, "large", "full")]
times = st.one_of(st.none(), st.floats(NOW - 1e6, NOW + 1e6))
words = st.one_of(st.none(), st.text(max_size=20), st.just("held at the site: x"))


def said(known: Facts) -> Answer:
    """The answer, which says everything that it has to."""
    answer = why(known)
    assert answer.where
    assert answer.why
    assert answer.todo
    assert "{" not in answer.todo
    over = answer.situation in OVER
    assert (answer.next is None) is over
    if answer.next_at is not None:
        assert answer.next
    if answer.turn is Turn.NOBODY:
        assert over or answer.situation is Situation.RUNNING
    return answer


@pytest.mark.parametrize(("stage", "state"), list(product(Stage, State)))
def test_every_stage_and_state_has_an_answer(stage: Stage, state: State) -> None:
    for goal, condition in product(Goal, Condition):
        own = attempt(batch_id="4711", started_at=NOW - 60)
        one = pilot(state, stage, goal=goal, attempt=own)
        answer = said(facts(one, place=Place("main", condition, closed="it is away")))
        if state in LEGAL[stage]:
            assert answer.situation is not Situation.INCONSISTENT


@pytest.mark.parametrize("cause", [*HoldCause, None])
@pytest.mark.parametrize("from_factory", [True, False])
def test_every_cause_of_a_hold_says_whose_turn_it_is(cause: HoldCause | None, from_factory: bool) -> None:
    job = {"door_open": True, "factory_job": FACTORY_JOB} if from_factory else {}
    answer = said(facts(pilot(State.HELD, Stage.DONE, hold_cause=cause, **job)))
    assert (answer.situation, answer.next_at) == (Situation.HELD, None)
    if cause not in {HoldCause.BAD_REQUEST, HoldCause.INPUTS}:
        command = "condor_release" if from_factory else "hosted-ce pilots release 12"
        assert command in answer.todo


@pytest.mark.parametrize("end", [*EndClass, None])
def test_every_class_of_an_end_has_advice(end: EndClass | None) -> None:
    own = attempt(outcome=Outcome.EXITED, exit_code=1, outcome_class=end)
    one = pilot(State.COMPLETED, Stage.DONE, attempt=own)
    answer = said(facts(one, (5, Event("completed", "engine", "exit code 1"))))
    assert answer.turn is not Turn.CE


def test_a_pilot_at_a_stage_that_needs_an_attempt_without_one_is_our_mistake() -> None:
    for stage in set(Stage) - {Stage.WAITING, Stage.DONE}:
        assert said(facts(pilot(stage=stage))).situation is Situation.INCONSISTENT


@given(
    stage=st.sampled_from(Stage), state=st.sampled_from(State), goal=st.sampled_from(Goal),
    data=st.data(),
)  # fmt: skip
def test_whatever_is_written_down_is_explained(
    stage: Stage, state: State, goal: Goal, data: st.DataObject
) -> None:
    draw = data.draw
    own = attempt(
        batch_id=draw(st.one_of(st.none(), st.just("4711"))), submitted_at=draw(times),
        started_at=draw(times), ended_at=draw(times), node=draw(words), site_state=draw(words),
        site_reason=draw(words), absences=draw(st.integers(0, 9)), absent_since=draw(times),
        doubt_since=draw(times), overdue_since=draw(times), cancel_asked_at=draw(times),
        cancels=draw(st.integers(0, 9)), outcome=draw(st.one_of(st.none(), st.sampled_from(Outcome))),
        granted=draw(st.sampled_from([None, {}, {"walltime_s": 60}])),
        request=draw(st.sampled_from([{}, {"walltime_s": None}, {"walltime_s": 7200}])),
    )  # fmt: skip
    one = pilot(
        state, stage, goal=goal, reason=draw(words), goal_reason=draw(words),
        hold_cause=draw(st.one_of(st.none(), st.sampled_from(HoldCause))),
        attempt=draw(st.sampled_from([None, own])), door_open=draw(st.booleans()),
        factory_job=draw(st.sampled_from([None, "x", FACTORY_JOB])), unroutable_since=draw(times),
        next_attempt_at=draw(st.floats(0, NOW + 1e6)), finished_at=draw(times),
    )  # fmt: skip
    events = st.builds(Event, st.sampled_from(WHATS), st.sampled_from(["engine", "site", "factory"]), words)
    happened = tuple(
        Happening(NOW - ago, event)
        for ago, event in draw(st.lists(st.tuples(st.floats(0, 1e6), events), max_size=4))
    )
    refusal = Refusal("large", "no", NOW - 1, draw(st.floats(NOW - 100, NOW + 100)))
    said(
        Facts(
            NOW, one, happened,
            place=draw(st.sampled_from([None, *(Place("main", c, closed=draw(words)) for c in Condition)])),
            outlook=draw(st.sampled_from(OUTLOOKS)),
            refusal=draw(st.sampled_from([None, refusal])),
            no_route_hold_s=draw(st.sampled_from([None, 1800.0])),
        )
    )  # fmt: skip
