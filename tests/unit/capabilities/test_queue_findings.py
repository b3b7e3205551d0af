"""Jobs that are held, or in states that nobody knows, are told of with the site's words and what to do."""

from __future__ import annotations

from hosted_ce.capabilities.finding import Weight
from hosted_ce.capabilities.queue_findings import InQueue, queue_findings


def test_SL10_jobs_that_are_held_are_the_sites_move() -> None:
    words = {"job requeued in held state": 2, "JobHeldAdmin": 20, "": 1}
    [one] = queue_findings(InQueue({"held": 23}, words))
    assert (one.id, one.weight) == ("held-at-site", Weight.PROBLEM)
    assert one.said == (
        "23 jobs of pilots are held in the site's queue "
        "(the batch system says: JobHeldAdmin, job requeued in held state)"
    )
    assert "the site's move" in one.todo


def test_SL11_states_that_we_do_not_know_are_named() -> None:
    [one] = queue_findings(InQueue(unknown={"ODD": 1}))
    assert (one.id, one.weight) == ("unknown-state", Weight.PROBLEM)
    assert one.said == "1 job of a pilot is in a state of which nothing follows (the batch system says: ODD)"
    assert one.todo.endswith("ask the site what the state means, and report it")


def test_SL14_jobs_that_went_elsewhere_in_a_federation_are_told_with_what_to_write() -> None:
    [one] = queue_findings(InQueue(unknown={"REVOKED": 2, "ODD": 1}))
    assert one.todo.endswith("`batch_options: {cluster: NAME}`")


def test_what_gave_no_reason_has_none_and_many_words_are_cut() -> None:
    [held] = queue_findings(InQueue(held={"": 3}))
    assert held.said == "3 jobs of pilots are held in the site's queue"
    [many] = queue_findings(InQueue(unknown=dict.fromkeys("DCBA", 1)))
    assert many.said.endswith("(the batch system says: A, B, C)")


def test_jobs_that_wait_and_run_are_no_finding() -> None:
    assert list(queue_findings(InQueue({"pending": 3, "running": 5, "held": 0, "unknown": 0}))) == []
