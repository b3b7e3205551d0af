"""A ramp at a site that is good, bad, flaky, slow, away, or pushes back: its laws hold whatever comes."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, log2
from random import Random

from hypothesis import given, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.ramp import acts
from hosted_ce.ramp.chance import allowed, too_many
from hosted_ce.ramp.evidence import Evidence
from hosted_ce.ramp.outlook import outlook
from hosted_ce.ramp.rules import Rules
from hosted_ce.ramp.state import Direction, Mode, State, Step, StepCause, Word
from tests.fakes.ramp_site import HOUR, Ramped, Site

TICK_S, DAY = 120.0, 24 * HOUR
every_rules = st.builds(
    Rules,
    start=st.integers(1, 5),
    target=st.integers(1, 40),
    factor=st.sampled_from([1.5, 2.0, 4.0]),
    started=st.sampled_from([0.5, 0.75, 1.0]),
    ran_for_s=st.sampled_from([300.0, 1500.0]),
    failures=st.sampled_from([0.0, 0.1, 0.3]),
    rest_s=st.sampled_from([600.0, 1800.0]),
)
runs = st.sampled_from([400.0, 2 * HOUR, 72 * HOUR])


def steps_to_target(rules: Rules) -> int:
    """More levels than it ever takes: where few pilots speak for it, it begins again with few more."""
    return 4 + 2 * ceil(log2(max(2, rules.target)) / log2(rules.factor))


def bound_s(rules: Rules, delay_s: float) -> float:
    """So long at most it takes to the target, at a site that is good and with enough pilots."""
    old = rules.window_s + rules.longest_rest_s + rules.queue_wait_s
    return old + steps_to_target(rules) * (rules.ran_for_s + delay_s + 3 * TICK_S)


class AnySite(RuleBasedStateMachine):
    """Whatever the site and operators do."""

    @initialize(rules=every_rules, seed=st.integers(0, 1000), run_s=runs)
    def begins(self, rules: Rules, seed: int, run_s: float) -> None:
        self.ramp = Ramped(rules, Site(run_s=run_s), Random(seed))
        self.pinned: int | None = None

    @rule(minutes=st.sampled_from([2, 10, 60, 240]))
    def time_passes(self, minutes: int) -> None:
        self.ramp.goes(minutes * 60.0, TICK_S)

    @rule(bad=st.sampled_from([0.0, 0.05, 0.3, 1.0]), after=st.sampled_from([10.0, 1250.0]))
    def pilots_fail(self, bad: float, after: float) -> None:
        self.ramp.becomes(bad=bad, fails_after_s=after)

    @rule(what=st.sampled_from([EndClass.NO_CVMFS, EndClass.VANISHED, EndClass.UNKNOWN, EndClass.PREEMPTED]))
    def they_fail_like(self, what: EndClass) -> None:
        self.ramp.becomes(fails_with=what)

    @rule(delay_s=st.sampled_from([0.0, 120.0, 3 * HOUR]), capacity=st.sampled_from([1, 10, 1000]))
    def is_busy(self, delay_s: float, capacity: int) -> None:
        self.ramp.becomes(delay_s=delay_s, capacity=capacity)

    @rule(demand=st.sampled_from([0, 1, 7, 1000]))
    def pilots_come(self, demand: int) -> None:
        self.ramp.becomes(demand=demand)

    @rule(refuses=st.booleans(), away=st.booleans())
    def contact(self, refuses: bool, away: bool) -> None:
        self.ramp.becomes(refuses=refuses, away=away)

    @rule()
    def all_fail_at_once(self) -> None:
        self.ramp.kill()

    @rule(seconds=st.sampled_from([-30 * DAY, -HOUR, HOUR, 30 * DAY]))
    def clock_jumps(self, seconds: float) -> None:
        self.ramp.off += seconds
        self.ramp.ticks()

    @rule(minutes=st.sampled_from([10, 60]))
    def clock_stands(self, minutes: int) -> None:
        now = self.ramp.now
        for _ in range(0, minutes * 60, int(TICK_S)):
            self.ramp.time += TICK_S
            self.ramp.off = now - self.ramp.time
            self.ramp.ticks()

    @rule(share=st.floats(0, 1))
    def is_pinned(self, share: float) -> None:
        ramp, cap = self.ramp, int(share * self.ramp.rules.target)
        ramp.told(acts.pin(ramp.state, ramp.evidence(), ramp.rules, self._word(), cap))
        self.pinned = cap

    @rule(what=st.sampled_from(["unpin", "pause", "resume", "skip", "restart"]))
    def an_operator(self, what: str) -> None:
        ramp, word = self.ramp, self._word()
        state, seen, rules = ramp.state, ramp.evidence(), ramp.rules
        try:
            match what:
                case "unpin":
                    ramp.told(acts.unpin(state, seen, rules, word))
                case "pause":
                    ramp.told(acts.pause(state, seen, word))
                case "resume":
                    ramp.told(acts.resume(state, seen, word))
                case "skip":
                    ramp.told(acts.skip(state, seen, rules, word))
                case _:
                    ramp.told(acts.restart(state, seen, rules, word))
        except acts.CannotSteer:
            return
        if what in {"unpin", "restart"}:
            self.pinned = None

    @rule(rules=every_rules)
    def the_file_changes(self, rules: Rules) -> None:
        self.ramp.rules = rules
        self.ramp.ticks()
        if self.pinned is not None:
            self.pinned = min(self.pinned, rules.target)

    @invariant()
    def the_cap_is_within_its_bounds(self) -> None:
        rules, state = self.ramp.rules, self.ramp.state
        assert 0 <= state.cap <= rules.target
        if state.mode is not Mode.PINNED:
            assert state.cap >= rules.floor

    @invariant()
    def what_is_pinned_stays(self) -> None:
        if self.pinned is not None:
            assert (self.ramp.state.mode, self.ramp.state.cap) == (Mode.PINNED, self.pinned)

    @invariant()
    def every_step_is_told(self) -> None:
        caps = [step.before for step in self.ramp.steps[1:]]
        assert caps == [step.after for step in self.ramp.steps[:-1]]
        assert self.ramp.steps[-1].after == self.ramp.state.cap
        assert all(step.reason for step in self.ramp.steps)

    @invariant()
    def there_is_always_a_word_for_it(self) -> None:
        ramp = self.ramp
        found = outlook(ramp.state, ramp.evidence(), ramp.rules, ramp.now)
        assert found.said
        assert ramp.state.cap <= found.next_cap <= max(ramp.state.cap, ramp.rules.target)

    def teardown(self) -> None:
        """It is never stuck: whatever was, a good site with enough pilots comes to the target."""
        if not hasattr(self, "ramp"):
            return
        ramp = self.ramp
        ramp.becomes(bad=0.0, delay_s=120.0, capacity=1000, demand=1000, refuses=False, away=False)
        if ramp.state.mode is not Mode.AUTO:
            act = acts.unpin if ramp.state.mode is Mode.PINNED else _resumed
            ramp.told(act(ramp.state, ramp.evidence(), ramp.rules, self._word()))
        left = bound_s(ramp.rules, 120.0) + ramp.site.fails_after_s
        note(f"good from {ramp.now} on, for {left} s: {ramp.state}")
        made = ramp.goes(left, TICK_S)
        assert ramp.state.cap == ramp.rules.target, (made, ramp.evidence())

    def _word(self) -> Word:
        return Word("rest:me", self.ramp.now, "because")


def _resumed(state: State, evidence: Evidence, rules: Rules, word: Word) -> acts.Made:
    return acts.resume(state, evidence, word)


AnySite.TestCase.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)
TestAnySite = AnySite.TestCase


@given(every_rules, runs, st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_a_good_site_comes_to_its_target_in_time(rules: Rules, run_s: float, seed: int) -> None:
    ramp = Ramped(rules, Site(run_s=run_s), Random(seed))
    ramp.goes(steps_to_target(rules) * (rules.ran_for_s + 120 + 3 * TICK_S), TICK_S)
    assert ramp.state.cap == rules.target
    assert all(step.direction is not Direction.DOWN for step in ramp.steps)


@given(every_rules, runs, st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_when_all_pilots_fail_it_is_at_its_start_soon(rules: Rules, run_s: float, seed: int) -> None:
    """Each halving takes one generation of pilots: until they started and failed."""
    ramp = Ramped(rules, Site(run_s=run_s), Random(seed))
    ramp.goes(bound_s(rules, 120.0), TICK_S)
    ramp.becomes(bad=1.0)
    ramp.kill()
    generation = ramp.site.delay_s + ramp.site.fails_after_s + 3 * TICK_S
    ramp.goes((2 + ceil(log2(max(2, rules.target)))) * 2 * generation, TICK_S)
    assert ramp.state.cap == rules.floor
    assert ramp.state.held_since is not None
    assert ramp.steps[-1].cause is StepCause.HELD


@given(every_rules, st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_pilots_of_before_that_run_for_days_do_not_keep_it_back(rules: Rules, seed: int) -> None:
    """What a level let in failed; those of before fill the lowered cap, so that no new ones could begin."""
    ramp = Ramped(rules, Site(run_s=30 * DAY), Random(seed))
    ramp.goes(rules.ran_for_s + 120 + 3 * TICK_S, TICK_S)
    ramp.becomes(bad=1.0)
    ramp.goes(4 * HOUR, TICK_S)
    ramp.becomes(bad=0.0)
    ramp.goes(bound_s(rules, 120.0), TICK_S)
    assert ramp.state.cap == rules.target


@given(every_rules, st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_a_rest_is_over_in_time_when_the_clock_is_set_back(rules: Rules, seed: int) -> None:
    ramp = Ramped(rules, Site(), Random(seed))
    ramp.goes(bound_s(rules, 120.0), TICK_S)
    ramp.becomes(bad=1.0)
    ramp.kill()
    ramp.goes(HOUR, TICK_S)
    ramp.off -= 30 * DAY
    ramp.becomes(bad=0.0)
    ramp.goes(bound_s(rules, 120.0), TICK_S)
    assert ramp.state.cap == rules.target


@given(
    every_rules, runs, st.integers(0, 1000),
    st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.5, 1.0]), st.floats(300, 4 * HOUR)), max_size=30),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_it_never_flaps(rules: Rules, run_s: float, seed: int, moods: list[tuple[float, float]]) -> None:
    ramp = Ramped(rules, Site(run_s=run_s), Random(seed))
    for bad, seconds in moods:
        ramp.becomes(bad=bad)
        ramp.goes(seconds, TICK_S)
    turns = _turns(ramp.steps)
    for turn in turns:
        if turn.direction is Direction.UP:
            assert turn.at - _last_fall(ramp.steps, turn) >= rules.rest_s
    # Between falls are rests of 1, 2, 4, 8, 16 and again 16, or 32 after which they are short again.
    falls = [turn for turn in turns if turn.direction is Direction.DOWN]
    assert len(falls) <= 6 + (ramp.now - ramp.steps[0].at) / rules.rest_s / 10


@given(every_rules, st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_no_step_goes_up_while_the_site_pushes_back_or_is_away(rules: Rules, seed: int) -> None:
    for what in ({"refuses": True}, {"away": True}):
        ramp = Ramped(rules, Site(), Random(seed))
        ramp.goes(rules.ran_for_s / 2, TICK_S)
        ramp.becomes(**what)
        assert ramp.goes(24 * HOUR, TICK_S) == []


@given(every_rules, st.integers(0, 3))
@settings(max_examples=30, deadline=None)
def test_a_cap_that_nobody_fills_is_no_evidence(rules: Rules, demand: int) -> None:
    ramp = Ramped(rules, Site(demand=demand))
    ramp.goes(24 * HOUR, TICK_S)
    highest = max(step.after for step in ramp.steps)
    assert highest <= max(rules.floor, (1 + demand) * max(2, rules.factor) ** 2)


@given(st.integers(0, 400), st.integers(0, 400), st.floats(0, 1))
def test_the_rule_of_chance_never_contradicts_itself(failed: int, judged: int, share: float) -> None:
    judged = max(failed, judged)
    if too_many(failed, judged, share):
        assert failed > allowed(judged, share) or failed > share * judged
        assert failed >= 2
        assert too_many(failed, failed, share) or share > 0.9
    if failed <= allowed(judged, share):
        assert not too_many(failed, judged, share) or failed == 1


def _turns(steps: list[Step]) -> list[Step]:
    """Steps that go another way than the one before, of those that go anywhere."""
    moves = [step for step in steps if step.direction is not Direction.STAY]
    return [two for one, two in pairwise(moves) if one.direction is not two.direction]


def _last_fall(steps: list[Step], before: Step) -> float:
    return max(step.at for step in steps if step.cause is StepCause.FAILURES and step.at < before.at)
