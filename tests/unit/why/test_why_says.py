"""What is said of a pilot in each situation: why, since when, what comes next, whose turn it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.holds import HoldCause
from hosted_ce.pilots.pilot import Event, Outcome
from hosted_ce.pilots.queue_words import ARRAY_WITHOUT_IT
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.why.answer import Situation, Turn
from hosted_ce.why.facts import Condition, Outlook, Place, Refusal
from hosted_ce.why.judge import why

from .stories import FACTORY_JOB, NOW, PLACE, attempt, facts, pilot, queued_attempt

DOWN = Place("main", Condition.DOWN, since=NOW - 300, said="no route to host", closed="no contact")
PAUSED = Place("main", Condition.PAUSED, NOW - 60, "paused by rest:operator", "paused by rest:operator: move")


def test_a_pilot_that_waits_for_room_is_told_which_limit_is_full() -> None:
    full = Outlook(waits_for="large", obstacle="100 of its 100 pilots are at the site", reason="...")
    answer = why(facts(pilot(), outlook=full))
    assert (answer.situation, answer.turn, answer.since) == (Situation.NO_ROOM, Turn.CE, NOW - 3600)
    assert "100 of its 100 pilots" in answer.why
    assert answer.waits_for == "room in route large"


def test_a_factory_s_pilot_without_a_route_is_told_when_it_is_held() -> None:
    one = pilot(unroutable_since=NOW - 100, door_open=True, factory_job=FACTORY_JOB)
    outlook = Outlook(reason="no route takes it: gpu: `RequestGPUs > 0` is undefined")
    answer = why(facts(one, outlook=outlook, no_route_hold_s=1800.0))
    assert (answer.situation, answer.turn) == (Situation.NO_ROUTE, Turn.OSG)
    assert (answer.since, answer.next, answer.next_at) == (NOW - 100, "it is held", NOW + 1700)
    assert "RequestGPUs" in answer.why
    rest = why(facts(replace(one, door_open=False), outlook=outlook, no_route_hold_s=1800.0))
    assert rest.next_at is None


def test_a_route_that_the_site_refuses_names_the_limit_and_the_next_try() -> None:
    refusal = Refusal("large", "QOSMaxSubmitJobPerUserLimit", NOW - 40, NOW + 20)
    answer = why(facts(pilot(), outlook=Outlook("large"), refusal=refusal))
    assert (answer.situation, answer.next_at) == (Situation.ROUTE_REFUSED, NOW + 20)
    assert "QOSMaxSubmitJobPerUserLimit" in answer.why
    over = replace(refusal, until=NOW - 1)
    assert why(facts(pilot(), outlook=Outlook("large"), refusal=over)).situation is Situation.TO_BE_ROUTED


@pytest.mark.parametrize(("number", "turn"), [(1, Turn.CE), (3, Turn.OSG)])
def test_a_failed_attempt_is_tried_again_and_in_the_end_somebody_should_look(number: int, turn: Turn) -> None:
    one = pilot(next_attempt_at=NOW + 30, attempt=attempt(number=number))
    answer = why(facts(one, (9, Event("attempt_failed", "engine", "the site did not take it: x"))))
    assert (answer.situation, answer.turn, answer.next_at) == (Situation.NEXT_TRY, turn, NOW + 30)
    assert answer.since == NOW - 9
    assert "did not take it: x" in answer.why


def test_a_prologue_that_failed_is_for_whoever_writes_routes() -> None:
    one = pilot(next_attempt_at=NOW + 30, attempt=attempt(number=1))
    ended = Event("attempt_failed", "engine", "prologue: exit code 1", {"class": "prologue_failed"})
    answer = why(facts(one, (9, ended)))
    assert (answer.turn, answer.situation) == (Turn.OSG, Situation.NEXT_TRY)
    assert "mend the route's prologue" in answer.todo
    assert f"route explain {one.id}" in answer.todo


def test_a_pilot_that_is_to_be_submitted_waits_for_its_turn_or_for_the_cluster() -> None:
    one = pilot(stage=Stage.SUBMITTING, attempt=attempt())
    assert why(facts(one)).situation is Situation.BEING_SUBMITTED
    paused = why(facts(one, place=PAUSED))
    assert (paused.situation, paused.turn) == (Situation.NOT_SUBMITTING, Turn.OSG)
    assert "hosted-ce site resume main" in paused.todo
    trouble = replace(PLACE, condition=Condition.DEGRADED, said="squeue fails", closed="squeue fails")
    assert why(facts(one, place=trouble)).turn is Turn.SITE


def test_a_pause_does_not_matter_to_a_pilot_that_is_there() -> None:
    one = pilot(stage=Stage.QUEUED, attempt=queued_attempt())
    assert why(facts(one, place=PAUSED)).situation is Situation.IN_QUEUE


@pytest.mark.parametrize("stage", [Stage.SUBMITTING, Stage.QUEUED, Stage.RUNNING, Stage.ENDED])
def test_while_the_site_is_away_its_pilots_are_frozen(stage: Stage) -> None:
    one = pilot(State.RUNNING if stage is Stage.RUNNING else State.IDLE, stage, attempt=queued_attempt())
    answer = why(facts(one, place=DOWN))
    assert (answer.situation, answer.turn, answer.since) == (Situation.FROZEN, Turn.SITE, NOW - 300)
    assert "no route to host" in answer.why
    refused = why(facts(one, place=replace(DOWN, condition=Condition.AUTH_REFUSED)))
    assert refused.turn is Turn.OSG
    assert answer.notes == ()
    wanted = replace(one, goal=Goal.REMOVE)
    asked = why(facts(wanted, (9, Event("removal_asked", "rest:operator", "no use")), place=DOWN))
    assert "it is to be removed, asked by rest:operator: no use" in asked.notes


def test_a_cluster_that_left_the_site_file_strands_its_pilots() -> None:
    one = pilot(stage=Stage.QUEUED, attempt=queued_attempt())
    answer = why(facts(one, place=Place("main", Condition.GONE)))
    assert (answer.situation, answer.turn) == (Situation.STRANDED, Turn.OSG)


def test_a_doubt_is_the_ce_s_at_first_and_then_an_operator_s() -> None:
    own = attempt(doubt_since=NOW - 60)
    one = pilot(State.UNKNOWN, Stage.DOUBTFUL, attempt=own)
    doubtful = (60, Event("doubtful", "engine", "the connection broke"))
    early = why(facts(one, doubtful))
    assert (early.turn, early.next_at, early.why) == (Turn.CE, NOW - 60 + 3600, "the connection broke")
    late = why(facts(replace(one, attempt=replace(own, overdue_since=NOW)), doubtful))
    assert (late.situation, late.turn) == (Situation.IN_DOUBT_TOO_LONG, Turn.OSG)
    assert own.stamp in late.todo
    assert "hosted-ce pilots abandon 12" in late.todo


def test_a_pilot_in_the_site_s_queue_has_the_scheduler_s_words() -> None:
    own = queued_attempt(site_state="PENDING", site_reason="Priority")
    answer = why(facts(pilot(stage=Stage.QUEUED, attempt=own)))
    assert (answer.situation, answer.turn, answer.since) == (Situation.IN_QUEUE, Turn.SITE, NOW - 500)
    assert (answer.why, "4711" in answer.where) == ("the batch system says PENDING: Priority", True)
    held = pilot(stage=Stage.QUEUED, attempt=own, reason="held at the site: JobHeldUser")
    assert why(facts(held)).situation is Situation.HELD_AT_SITE


@pytest.mark.parametrize(
    ("reason", "never"),
    [
        ("PartitionTimeLimit", True), ("PartitionNodeLimit", True), ("MaxMemPerLimit", True),
        ("AssocMaxWallDurationPerJobLimit", True), ("QOSMaxWallDurationPerJobLimit", True),
        ("QOSMaxMemoryPerJob", True), ("AssocMaxCpuPerJobLimit", True),
        ("Can Never Run: can't fit in the largest placement set", True),
        ("QOSMaxJobsPerUserLimit", False), ("AssocGrpCpuLimit", False), ("QOSMaxCpuPerUserLimit", False),
        ("Resources", False), (None, False),
    ],
)  # fmt: skip
def test_a_pilot_that_asks_for_too_much_is_told_that_it_never_starts(reason: str, never: bool) -> None:
    own = queued_attempt(site_state="PENDING", site_reason=reason)
    answer = why(facts(pilot(stage=Stage.QUEUED, attempt=own)))
    assert (answer.situation is Situation.NEVER_STARTS) is never
    if never:
        assert answer.turn is Turn.OSG
        assert answer.why.startswith("it never starts as it is")
        assert answer.why.endswith(f"The batch system says PENDING: {reason}")
        assert ("maxWallTime" in answer.todo, "hosted-ce pilots remove 12" in answer.todo) == (True, True)


def test_a_running_pilot_ends_at_its_walltime_as_granted() -> None:
    own = queued_attempt(started_at=NOW - 100, node="n007", granted={"walltime_s": 3600})
    one = pilot(State.RUNNING, Stage.RUNNING, attempt=own)
    answer = why(facts(one))
    assert (answer.situation, answer.turn) == (Situation.RUNNING, Turn.NOBODY)
    assert (answer.next_at, answer.since) == (NOW + 3500, NOW - 100)
    assert "n007" in answer.where
    overrun = replace(one, attempt=replace(own, started_at=NOW - 9000))
    assert why(facts(overrun)).situation is Situation.OVERRUN


def test_trouble_at_the_cluster_is_noted() -> None:
    one = pilot(State.RUNNING, Stage.RUNNING, attempt=queued_attempt(started_at=NOW - 100))
    answer = why(facts(one, place=replace(PLACE, condition=Condition.DEGRADED, said="squeue fails")))
    assert answer.situation is Situation.RUNNING
    assert "squeue fails" in answer.notes[0]


def test_a_job_that_is_missing_is_told_when_it_counts_as_lost() -> None:
    own = queued_attempt(started_at=NOW - 100, absences=2, absent_since=NOW - 50)
    answer = why(facts(pilot(State.RUNNING, Stage.RUNNING, attempt=own)))
    assert (answer.situation, answer.next_at) == (Situation.MISSING, NOW + 70)
    assert "in 3 listings" in (answer.next or "")
    late = why(facts(pilot(attempt=replace(own, absences=9, absent_since=NOW - 500), stage=Stage.QUEUED)))
    assert (late.situation, late.next_at) == (Situation.MISSING, None)
    assert "the first listing after 120 s of absence" in (late.next or "")


def test_one_that_was_cancelled_in_its_array_is_told_what_it_will_be_called() -> None:
    own = queued_attempt(absences=4, absent_since=NOW - 50, site_reason=ARRAY_WITHOUT_IT)
    answer = why(facts(pilot(attempt=own, stage=Stage.QUEUED)))
    assert answer.situation is Situation.MISSING
    assert f"{ARRAY_WITHOUT_IT}, so that it seems to have been cancelled while it waited" in answer.why
    assert (answer.next or "").startswith("without a record of its own it is called cancelled")


def test_a_lost_pilot_that_never_had_a_batch_id_goes_by_its_name_there() -> None:
    one = pilot(State.LOST, Stage.DONE, attempt=attempt())
    answer = why(facts(one))
    assert "what became of the job with the name habcdefghijklmn on its node;" in answer.todo
    known = why(facts(replace(one, attempt=queued_attempt(node="n007"))))
    assert "what became of job 4711 on n007" in known.todo


@pytest.mark.parametrize("stage", [Stage.WAITING, Stage.SUBMITTING, Stage.QUEUED, Stage.RUNNING])
def test_who_wants_it_to_end_is_told(stage: Stage) -> None:
    own = queued_attempt(cancels=1, cancel_asked_at=NOW - 20)
    one = pilot(stage=stage, goal=Goal.REMOVE, attempt=own)
    answer = why(facts(one, (30, Event("removal_asked", "factory", "over"))))
    assert (answer.situation, answer.since) == (Situation.ENDING, NOW - 30)
    assert answer.why == "it is to be removed, asked by factory: over"
    assert answer.next_at == (NOW + 100 if stage is Stage.RUNNING else None)


def test_a_job_that_does_not_end_is_the_site_s() -> None:
    own = queued_attempt(cancels=4, cancel_asked_at=NOW - 20)
    answer = why(facts(pilot(State.RUNNING, Stage.RUNNING, goal=Goal.HOLD, attempt=own)))
    assert answer.turn is Turn.SITE


@pytest.mark.parametrize(("actor", "turn"), [("factory", Turn.FACTORY), ("rest:operator", Turn.OSG)])
def test_who_asked_for_a_hold_is_to_end_it(actor: str, turn: Turn) -> None:
    one = pilot(State.HELD, Stage.DONE, hold_cause=HoldCause.REQUESTED, attempt=queued_attempt())
    events = ((30, Event("hold_asked", actor, "x")), (9, Event("held", "engine", "held on request (x)")))
    answer = why(facts(one, *events))
    assert (answer.turn, answer.since) == (turn, NOW - 9)


def test_how_it_ended_is_told_with_its_class() -> None:
    evidence = "=== Validation error in cvmfs.sh ==="
    own = queued_attempt(
        outcome=Outcome.EXITED, exit_code=1, node="n007", outcome_class=EndClass.NO_CVMFS,
        outcome_evidence=evidence,
    )  # fmt: skip
    one = pilot(
        State.COMPLETED, Stage.DONE, reason="exit code 1", attempt=own, finished_at=NOW - 5, door_open=True
    )
    answer = why(facts(one, (5, Event("completed", "engine", "exit code 1"))))
    assert (answer.situation, answer.turn, answer.since) == (Situation.COMPLETED, Turn.SITE, NOW - 5)
    assert answer.why == "exit code 1 (no_cvmfs: === Validation error in cvmfs.sh ===)"
    assert "not yet taken note" in answer.notes[0]


def test_a_job_that_the_site_cancelled_is_not_taken_for_a_removal_here() -> None:
    own = queued_attempt(outcome=Outcome.CANCELLED)
    at_site = why(facts(pilot(State.REMOVED, Stage.DONE, attempt=own)))
    assert at_site.turn is Turn.SITE
    asked = pilot(State.REMOVED, Stage.DONE, attempt=own, goal=Goal.REMOVE)
    here = why(facts(asked, (5, Event("removal_asked", "rest:operator", "done"))))
    assert (here.turn, here.where) == (Turn.NOBODY, "is over: it was removed by rest:operator")


def test_a_pilot_that_we_cannot_handle_is_ours() -> None:
    parked = "parked: step observe failed 3 times by a mistake of this CE; its log says how"
    one = pilot(stage=Stage.QUEUED, attempt=queued_attempt(), reason=parked)
    answer = why(facts(one, (40, Event("parked", "engine", parked))))
    assert (answer.situation, answer.turn, answer.since) == (Situation.PARKED, Turn.OSG, NOW - 40)
    assert "hosted-ce logs --pilot 12" in answer.todo
    passed = replace(one, reason="in the site's queue")
    assert why(facts(passed, (40, Event("parked", "engine", parked)))).situation is Situation.IN_QUEUE
