"""Metrics: the numbers that Prometheus reads."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from hosted_ce.health.facts import Expiry
from hosted_ce.health.judge import Health as Health_
from hosted_ce.health.judge import Word
from hosted_ce.health.pressure import Activity, Pressure
from hosted_ce.metric_groups.pending import AGES, Pending
from hosted_ce.metrics import Metrics
from hosted_ce.pilots.pilot import Attempt, Change, Event, Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.routing.limits import Caps, Usage
from hosted_ce.supervisor import Health

PILOT = Pilot(1, 1, State.IDLE, Stage.WAITING, Goal.RUN, None, {}, "test", "tester", 0.0, 0.0)


@pytest.fixture
def health() -> dict[str, Health]:
    """The tasks, as a supervisor has them."""
    return {}


@pytest.fixture
def metrics(health: dict[str, Health]) -> Metrics:
    """Of a daemon that has just started."""
    return Metrics(lambda: health)


def read(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_pilots_are_counted_by_state(metrics: Metrics) -> None:
    metrics.counts(dict.fromkeys(State, 0) | {State.IDLE: 3})
    metrics.counts(dict.fromkeys(State, 0) | {State.RUNNING: 2})
    assert read(metrics, "hosted_ce_pilots", state="idle") == 0
    assert read(metrics, "hosted_ce_pilots", state="running") == 2
    assert read(metrics, "hosted_ce_pilots", state="lost") == 0


def test_what_happens_to_pilots_is_counted(metrics: Metrics) -> None:
    metrics.changes([Change(PILOT, event=Event("routed", "t")), Change(PILOT, {"reason": "no event"})])
    metrics.changes([Change(PILOT, event=Event("routed", "t")), Change(PILOT, event=Event("lost", "t"))])
    assert read(metrics, "hosted_ce_pilot_events_total", event="routed") == 2
    assert read(metrics, "hosted_ce_pilot_events_total", event="lost") == 1


def test_operations_are_timed_by_how_they_ended(metrics: Metrics) -> None:
    observe = metrics.operation("main")
    observe("submit", 0.2, "ok")
    observe("submit", 200.0, "Interrupted")
    labels = {"cluster": "main", "operation": "submit"}
    assert read(metrics, "hosted_ce_site_operation_seconds_count", **labels, outcome="ok") == 1
    assert read(metrics, "hosted_ce_site_operation_seconds_sum", **labels, outcome="Interrupted") == 200
    assert read(metrics, "hosted_ce_site_operation_seconds_bucket", **labels, outcome="ok", le="0.25") == 1
    assert read(metrics, "hosted_ce_site_operation_seconds_bucket", **labels, outcome="ok", le="0.1") == 0


def test_a_site_that_was_never_listed_has_no_time_of_listing(metrics: Metrics) -> None:
    metrics.site("main", in_contact=False, listed_at=None)
    assert read(metrics, "hosted_ce_site_in_contact", cluster="main") == 0
    assert read(metrics, "hosted_ce_site_listed_timestamp_seconds", cluster="main") is None
    metrics.site("main", in_contact=True, listed_at=1234.5)
    assert read(metrics, "hosted_ce_site_in_contact", cluster="main") == 1
    assert read(metrics, "hosted_ce_site_listed_timestamp_seconds", cluster="main") == 1234.5


def test_duplicates_are_there_to_be_zero(metrics: Metrics) -> None:
    assert read(metrics, "hosted_ce_duplicate_jobs_total") == 0
    metrics.duplicate("haaaaaaaaaaaaaa", "17")
    assert read(metrics, "hosted_ce_duplicate_jobs_total") == 1


def test_what_operators_are_to_look_at_is_counted(metrics: Metrics) -> None:
    assert read(metrics, "hosted_ce_late_jobs_total") == 0
    metrics.late("haaaaaaaaaaaaaa", "17")
    metrics.overdue("main", 3)
    metrics.parked(2)
    assert read(metrics, "hosted_ce_late_jobs_total") == 1
    assert read(metrics, "hosted_ce_pilots_overdue", cluster="main") == 3
    assert read(metrics, "hosted_ce_pilots_parked") == 2


def test_a_cluster_is_in_one_state_at_a_time(metrics: Metrics) -> None:
    metrics.circuit("main", "down")
    metrics.circuit("main", "ready")
    assert read(metrics, "hosted_ce_site_state", cluster="main", state="down") == 0
    assert read(metrics, "hosted_ce_site_state", cluster="main", state="ready") == 1


def test_a_route_that_is_taken_again_is_no_longer_refused(metrics: Metrics) -> None:
    metrics.refused("main", ["osg", "gpu"])
    metrics.refused("main", ["gpu"])
    assert read(metrics, "hosted_ce_route_refused", cluster="main", route="osg") == 0
    assert read(metrics, "hosted_ce_route_refused", cluster="main", route="gpu") == 1


def test_a_cluster_that_is_no_longer_served_is_no_longer_told_of(metrics: Metrics) -> None:
    for name in ("main", "old"):
        metrics.site(name, in_contact=True, listed_at=1.0)
        metrics.circuit(name, "ready")
        metrics.refused(name, ["gpu"])
        metrics.overdue(name, 1)
        metrics.at_site.set(name, {"held": 3}, -90.0)
    metrics.forget("old")
    metrics.forget("never there")
    text = generate_latest(metrics.registry).decode()
    assert 'cluster="old"' not in text
    assert text.count('cluster="main"') == 7
    metrics.circuit("old", "down")
    assert read(metrics, "hosted_ce_site_state", cluster="old", state="ready") is None


def test_SL11_EN9_jobs_by_phase_and_the_clock_of_a_site(metrics: Metrics) -> None:
    metrics.at_site.set("main", {"held": 3, "unknown": 1}, None)
    assert read(metrics, "hosted_ce_site_jobs", cluster="main", phase="held") == 3
    assert read(metrics, "hosted_ce_site_clock_offset_seconds", cluster="main") is None, "not probed yet"
    metrics.at_site.set("main", {"held": 0, "unknown": 2}, -90.0)
    assert read(metrics, "hosted_ce_site_jobs", cluster="main", phase="held") == 0
    assert read(metrics, "hosted_ce_site_jobs", cluster="main", phase="unknown") == 2
    assert read(metrics, "hosted_ce_site_clock_offset_seconds", cluster="main") == -90


def test_one_site_file_is_in_force(metrics: Metrics) -> None:
    metrics.site_file.loaded("aa", 1.0)
    metrics.site_file.loaded("bb", 2.0)
    assert read(metrics, "hosted_ce_site_file", sha256="aa") is None
    assert read(metrics, "hosted_ce_site_file", sha256="bb") == 1
    assert read(metrics, "hosted_ce_site_loaded_timestamp_seconds") == 2


def test_restarts_of_tasks_are_read_when_they_are_asked_for(
    metrics: Metrics, health: dict[str, Health]
) -> None:
    health["submit main"] = Health("submit main", restarts=2)
    assert read(metrics, "hosted_ce_task_restarts_total", task="submit main") == 2
    health["submit main"].restarts = 3
    assert read(metrics, "hosted_ce_task_restarts_total", task="submit main") == 3


def test_two_daemons_in_one_process_do_not_share_their_numbers(metrics: Metrics) -> None:
    other = Metrics(dict)
    metrics.duplicate("haaaaaaaaaaaaaa", "17")
    assert read(other, "hosted_ce_duplicate_jobs_total") == 0


def test_what_prometheus_reads_is_well_formed_and_explained(
    metrics: Metrics, health: dict[str, Health]
) -> None:
    health['a "quoted" task\n'] = Health("x", restarts=1)
    metrics.counts({State.IDLE: 1})
    metrics.site("main", in_contact=True, listed_at=1.0)
    families = list(text_string_to_metric_families(generate_latest(metrics.registry).decode()))
    assert all(family.name.startswith("hosted_ce_") and family.documentation for family in families)
    assert len(families) >= 7


def attempted(**attempt: Any) -> Pilot:
    tried = Attempt(1, 1, 1, "h1", "osg", "main", {}, 100.0, **attempt)
    return dataclasses.replace(PILOT, created_at=90.0, attempt=tried)


def test_waits_submits_and_ends_are_counted_by_route() -> None:
    metrics = Metrics(dict, lambda: 130.0)
    for event in (
        Event("submitted", "t"), Event("running", "t"), Event("completed", "t", None, {"class": "no_cvmfs"}),
    ):  # fmt: skip
        metrics.changes([Change(attempted(), event=event)])
    assert read(metrics, "hosted_ce_pilot_submit_seconds_sum", route="osg") == 30
    assert read(metrics, "hosted_ce_pilot_wait_seconds_sum", route="osg") == 40
    assert read(metrics, "hosted_ce_pilot_outcomes_total", outcome_class="no_cvmfs", route="osg") == 1


def test_polls_are_timed_from_one_to_the_next(metrics: Metrics) -> None:
    for listed_at in (None, 100.0, 100.0, 130.0, 130.0, 190.0):
        metrics.site("main", in_contact=True, listed_at=listed_at)
    assert read(metrics, "hosted_ce_site_poll_seconds_count", cluster="main") == 2
    assert read(metrics, "hosted_ce_site_poll_seconds_sum", cluster="main") == 90


def test_limits_that_are_there_and_what_is_used_of_them(metrics: Metrics) -> None:
    metrics.pilots.limits({"old": (Caps(pilots=3), Usage())}, {})
    used = (Caps(pilots=10, cores=64), Usage(pilots=4, idle=1, cores=32))
    metrics.pilots.limits({"osg": used}, {"main": used})
    assert read(metrics, "hosted_ce_cluster_limit", cluster="main", limit="cores") == 64
    assert read(metrics, "hosted_ce_cluster_used", cluster="main", limit="pilots") == 4
    assert read(metrics, "hosted_ce_route_limit", route="osg", limit="pilots") == 10
    assert read(metrics, "hosted_ce_route_used", route="osg", limit="cores") == 32
    assert read(metrics, "hosted_ce_route_limit", route="osg", limit="idle") is None
    assert read(metrics, "hosted_ce_route_limit", route="old", limit="pilots") is None


def test_pilots_that_are_not_over_by_route(metrics: Metrics) -> None:
    metrics.pilots.open({("osg", "idle"): 2, ("", "idle"): 1}, {"osg": 50.0, "": 60.0})
    metrics.pilots.open({("osg", "running"): 2}, {})
    assert read(metrics, "hosted_ce_route_pilots", route="osg", state="running") == 2
    assert read(metrics, "hosted_ce_route_pilots", route="osg", state="idle") is None
    assert read(metrics, "hosted_ce_route_oldest_idle_timestamp_seconds", route="osg") == 0


def test_health_has_one_word_and_expiries_follow_the_files(metrics: Metrics) -> None:
    expiry = Expiry("host certificate", "/c", 5.0)
    metrics.health.set(None, None, [expiry])
    assert read(metrics, "hosted_ce_health", word="good") is None
    metrics.health.set(Health_(Word.FAIR, ()), Activity(Pressure.BROKEN, ""), [])
    assert read(metrics, "hosted_ce_health", word="fair") == 1
    assert read(metrics, "hosted_ce_health", word="good") == 0
    assert read(metrics, "hosted_ce_activity", word="broken") == 1
    assert 'path="/c"' not in generate_latest(metrics.registry).decode()


def test_how_tests_and_checks_go_is_no_figure_of_their_route() -> None:
    metrics = Metrics(dict, lambda: 130.0)
    for purpose in (Purpose.TEST, Purpose.CHECK):
        pilot = dataclasses.replace(attempted(), purpose=purpose)
        for what in ("submitted", "running", "completed"):
            metrics.changes([Change(pilot, event=Event(what, "t", None, {"class": "normal"}))])
    text = generate_latest(metrics.registry).decode()
    assert 'route="osg"' not in text
    assert read(metrics, "hosted_ce_pilot_events_total", event="running") == 2


def test_the_exposition_does_not_grow_with_pilots() -> None:
    def size(number: int) -> int:
        metrics = Metrics(dict, lambda: 130.0)
        for _ in range(number):
            for what in ("routed", "submitted", "running", "completed"):
                metrics.changes([Change(attempted(), event=Event(what, "t", None, {"class": "normal"}))])
        return len(generate_latest(metrics.registry).splitlines())

    assert size(1) == size(200)


def test_pilots_that_wait_by_age(metrics: Metrics) -> None:
    metrics.pending.set({"old": Pending([9] * (len(AGES) + 1), 1.0)})
    metrics.pending.set({"osg": Pending([2, 0, 1, *[0] * (len(AGES) - 3), 4], 99.5)})
    name = "hosted_ce_pilot_pending_seconds"
    within = [
        read(metrics, f"{name}_bucket", route="osg", le=le) for le in ("60.0", "900.0", "864000.0", "+Inf")
    ]
    assert within == [2, 3, 3, 7]
    assert (read(metrics, f"{name}_gsum", route="osg"), read(metrics, f"{name}_gcount", route="osg")) == (
        99.5,
        7,
    )
    assert read(metrics, f"{name}_gcount", route="old") is None
    assert f'{name}_bucket{{le="60.0",route="osg"}} 2.0' in generate_latest(metrics.registry).decode()


def test_the_doors_lag_is_never_negative(metrics: Metrics) -> None:
    metrics.door.taken(-0.5)
    metrics.door.told(3.0)
    assert read(metrics, "hosted_ce_front_door_intake_seconds_sum") == 0
    assert read(metrics, "hosted_ce_front_door_told_seconds_sum") == 3


def test_labels_are_what_the_site_file_names_and_closed_sets_of_words(metrics: Metrics) -> None:
    """Nodes, pilots, users and entries are none: the exposition does not grow with history."""
    labels = {label for _, names in metrics.described() for label in names}
    assert labels == {
        "cause", "check", "cluster", "direction", "event", "kind", "limit", "operation", "outcome",
        "outcome_class", "path", "phase", "place", "reason", "route", "sha256", "state", "task", "word",
    }  # fmt: skip
