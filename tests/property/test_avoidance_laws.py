"""Which nodes are avoided: never too many, never for ever, never twice for the same failures."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.pilots.avoidance import AUTOMATIC, Avoidance, Rule, to_avoid
from hosted_ce.pilots.end_classes import NODES_FAULT, EndClass
from hosted_ce.pilots.nodes import SHORT_S, WINDOW_S, Ended, Nodes

NAMES = [f"n{number}" for number in range(8)]
rules = st.builds(
    Rule,
    after=st.integers(2, 6),
    within_s=st.floats(60, WINDOW_S),
    lasting_s=st.floats(600, 7 * 86400),
    at_most=st.none() | st.integers(1, 5),
    share=st.none() | st.floats(0.01, 0.99),
)
happenings = st.lists(
    st.one_of(
        st.tuples(
            st.just("end"), st.sampled_from(NAMES),
            st.sampled_from([*NODES_FAULT, EndClass.NORMAL, EndClass.UNKNOWN]),
            st.sampled_from([None, 10.0, SHORT_S + 1]),
        ),
        st.tuples(st.just("burst"), st.sampled_from(NAMES), st.integers(1, 8)),
        st.tuples(st.just("wait"), st.floats(1, 2 * WINDOW_S)),
        st.tuples(st.just("avoid"), st.sampled_from(NAMES), st.floats(60, WINDOW_S)),
        st.tuples(st.just("allow"), st.sampled_from(NAMES)),
    ),
    max_size=60,
)  # fmt: skip


class Campus:
    """A cluster of which everything is remembered."""

    def __init__(self, rule: Rule):
        self.rule, self.now, self.nodes = rule, 1000.0, Nodes()
        self.ends: list[tuple[str, Ended]] = []
        self.known: list[Avoidance] = []

    def happens(self, what: tuple[object, ...]) -> None:
        self.now += 1.0
        match what:
            case "end", str(node), EndClass() as how, seconds:
                self._end(node, how, seconds)  # type: ignore[arg-type]
            case "burst", str(node), int(number):
                for _ in range(number):
                    self._end(node, EndClass.NO_CVMFS, 20.0)
            case "wait", float(seconds):
                self.now += seconds
            case "avoid", str(node), float(seconds):
                self._allow(node)
                self.known.append(Avoidance("main", node, self.now, self.now + seconds, "rest:me"))
            case "allow", str(node):
                self._allow(node)

    def _end(self, node: str, how: EndClass, seconds: float | None) -> None:
        self.ends.append((node, Ended(self.now, how, seconds)))
        self.nodes.ended("main", node, how, seconds, self.now)

    def _allow(self, node: str) -> None:
        self.known = [
            replace(one, ended_at=self.now) if one.node == node and one.in_force(self.now) else one
            for one in self.known
        ]

    def avoided(self) -> set[str]:
        return {one.node for one in self.known if one.in_force(self.now)}

    def decide(self) -> list[Avoidance]:
        ends = self.nodes.ends_at("main", self.now)
        found = to_avoid(self.rule, "main", ends, self.known, self.now)
        assert found == to_avoid(self.rule, "main", ends, self.known[::-1], self.now)
        return found

    def failures(self, node: str, after: float) -> int:
        return sum(n == node and end.what in NODES_FAULT and end.at > after for n, end in self.ends)


@given(rules, happenings)
def test_laws(rule: Rule, what: list[tuple[object, ...]]) -> None:
    campus = Campus(rule)
    for each in what:
        campus.happens(each)
        before = campus.avoided()
        new = campus.decide()
        known = len(before | campus.nodes.ends_at("main", campus.now).keys())
        if new:
            assert len(before) + len(new) <= rule.most(known)
        for one in new:
            assert (one.actor, one.since, one.until) == (AUTOMATIC, campus.now, campus.now + rule.lasting_s)
            assert one.node not in before
            earlier = [old.over_at for old in campus.known if old.node == one.node]
            last = max([*earlier, campus.now - rule.within_s])
            assert campus.failures(one.node, last) >= rule.after
            good = [e for n, e in campus.ends if n == one.node and e.what is EndClass.NORMAL and e.at > last]
            assert good == []
        campus.known += new
        assert before <= campus.avoided()  # nothing but time and people ends one
        assert campus.decide() == []  # what was decided is not decided again


@given(rules)
def test_all_of_them_are_over_in_the_end(rule: Rule) -> None:
    campus = Campus(rule)
    for node in NAMES:
        campus.happens(("burst", node, rule.after))
    first = campus.decide()
    campus.known += first
    campus.now += rule.lasting_s
    assert campus.avoided() == set()
    assert {one.node for one in campus.decide()}.isdisjoint(one.node for one in first)


def test_a_rule_without_a_cap_avoids_nothing() -> None:
    campus = Campus(Rule(2, 3600.0, 3600.0))
    campus.happens(("burst", "n1", 8))
    assert campus.decide() == []


def test_the_worst_come_first_and_say_why() -> None:
    campus = Campus(Rule(2, 3600.0, 600.0, at_most=2))
    for node, number in (("n1", 2), ("n2", 4), ("n3", 3)):
        campus.happens(("burst", node, number))
    assert [one.node for one in campus.decide()] == ["n2", "n3"]
    assert campus.decide()[0].reason == "4 pilots failed there within 60 min, and none worked"


def test_a_share_of_few_nodes_is_none() -> None:
    rule = Rule(2, 3600.0, 600.0, share=0.1)
    assert [rule.most(number) for number in (0, 9, 10, 100)] == [0, 0, 1, 10]


def test_names_that_may_not_go_into_a_request_are_left_alone() -> None:
    campus = Campus(Rule(2, 3600.0, 600.0, at_most=2))
    campus.happens(("burst", "n1,n[2-9]", 5))
    assert campus.decide() == []
