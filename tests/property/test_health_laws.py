"""Health: laws that hold whatever the facts are."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.health.facts import (
    ClusterCondition,
    ClusterFacts,
    DoorFacts,
    Expiry,
    Facts,
    PilotFacts,
)
from hosted_ce.health.judge import Health, Word, health
from hosted_ce.health.pressure import Pressure, activity

NOW = 1_770_000_000.0
BADNESS = {Word.GOOD: 0, Word.FAIR: 1, Word.POOR: 2}
counts = st.integers(0, 5000)
said = st.none() | st.text(max_size=20)
past = st.floats(0, 90 * 86400.0).map(lambda ago: NOW - ago)
clusters = st.builds(
    ClusterFacts, name=st.sampled_from(["a", "b"]), condition=st.sampled_from(ClusterCondition), said=said,
    overdue=counts,
)  # fmt: skip
doors = st.none() | st.builds(DoorFacts, in_contact=st.none() | st.booleans(), said=said)
expiries = st.builds(
    Expiry, kind=st.just("certificate"), path=st.just("/x"), until=st.floats(NOW - 1e7, NOW + 1e7)
)


@st.composite
def pilots(draw: st.DrawFn) -> PilotFacts:
    """Counts that can be: what runs has cores and ran now, what came was first once."""
    running, idle, held = draw(counts), draw(counts), draw(counts)
    first = draw(past)
    ran = NOW if running else draw(st.none() | st.floats(first, NOW))
    came = bool(running or idle or held or ran or draw(st.booleans()))
    return PilotFacts(
        idle=idle, running=running, held=held, first_at=first if came else None, ran_at=ran,
        cores=running * draw(st.integers(1, 64)), mean_cores=draw(st.floats(0, 1e5)) if ran else 0.0,
        mean_idle=draw(st.floats(0, idle)),
    )  # fmt: skip


facts = st.builds(
    Facts, now=st.just(NOW), pilots=pilots(), clusters=st.lists(clusters, max_size=3).map(tuple), door=doors,
    expiries=st.lists(expiries, max_size=2).map(tuple),
    troubles=st.lists(st.text(min_size=1), max_size=2).map(tuple),
)  # fmt: skip


@given(facts)
def test_the_word_is_that_of_its_worst_reason(facts: Facts) -> None:
    found = health(facts)
    worst = max((BADNESS[reason.word] for reason in found.reasons), default=0)
    assert BADNESS[found.word] == worst
    assert Word.GOOD not in {reason.word for reason in found.reasons}
    badness = [BADNESS[reason.word] for reason in found.reasons]
    assert badness == sorted(badness, reverse=True)
    assert all(reason.said and reason.todo for reason in found.reasons)


@given(facts)
def test_the_two_words_never_contradict_each_other(facts: Facts) -> None:
    word = activity(facts.pilots).word
    if word is Pressure.BROKEN:
        assert health(facts).word is not Word.GOOD
        assert facts.pilots.idle
        assert not facts.pilots.running
    if facts.pilots.running:
        assert word is Pressure.PRODUCTION
    if word is Pressure.NO_PRESSURE:
        assert not facts.pilots.cores


@given(facts)
def test_a_reason_never_says_that_none_ran_while_one_runs(facts: Facts) -> None:
    if facts.pilots.running:
        assert not [reason for reason in health(facts).reasons if reason.said.startswith("no pilot")]


@given(facts, clusters)
def test_another_cluster_never_makes_it_better(facts: Facts, more: ClusterFacts) -> None:
    def bad(found: Health) -> int:
        return BADNESS[found.word]

    assert bad(health(replace(facts, clusters=(*facts.clusters, more)))) >= bad(health(facts))


@given(facts)
def test_the_same_facts_give_the_same_answer(facts: Facts) -> None:
    assert health(facts) == health(replace(facts))
