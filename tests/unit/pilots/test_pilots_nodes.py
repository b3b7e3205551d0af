"""Nodes: how pilots end on them, and which kill them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.nodes import MANY, MOST_NODES, SHORT_S, WINDOW_S, Nodes

BAD, GOOD = EndClass.VALIDATION_FAILED, EndClass.NORMAL


def told(nodes: Nodes, name: str, what: EndClass, times: int = MANY, seconds: float = 1200.0) -> None:
    for at in range(times):
        nodes.ended("main", name, what, seconds, 100.0 + at)


def test_many_short_failures_make_a_black_hole() -> None:
    nodes = Nodes()
    told(nodes, "good", GOOD, 9)
    told(nodes, "few", BAD, MANY - 1)
    told(nodes, "hole", BAD)
    first, second, last = nodes.all(200.0)
    assert first.problem == "5 pilots failed within 25 min each (5 validation_failed), and none worked"
    assert (first.name, first.failed, first.classes) == ("hole", MANY, {"validation_failed": MANY})
    assert (second.name, second.problem, last.name, last.problem) == ("few", None, "good", None)


def test_a_node_where_one_worked_is_none() -> None:
    nodes = Nodes()
    told(nodes, "a", BAD, 20)
    told(nodes, "a", GOOD, 1)
    told(nodes, "b", BAD, 20)
    told(nodes, "b", EndClass.UNKNOWN, 1, SHORT_S)
    told(nodes, "c", EndClass.REMOVED_BY_FACTORY, 20, 10.0)
    assert [node.problem for node in nodes.all(200.0)] == [None] * 3


def test_what_was_long_ago_is_forgotten() -> None:
    nodes = Nodes()
    told(nodes, "hole", BAD)
    assert len(nodes.all(99.0 + WINDOW_S)) == 1
    assert nodes.all(200.0 + WINDOW_S) == []


def test_there_are_never_too_many_nodes() -> None:
    nodes = Nodes()
    for number in range(MOST_NODES + 5):
        nodes.ended("main", f"n{number}", BAD, 1.0, float(number))
    found = {node.name for node in nodes.all(float(MOST_NODES))}
    assert len(found) == MOST_NODES
    assert "n4" not in found
    assert "n5" in found


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(EndClass), st.floats(0, 1e5)), max_size=50))
def test_a_black_hole_never_has_a_pilot_that_ended_well(ends: list[tuple[str, EndClass, float]]) -> None:
    nodes = Nodes()
    for name, what, seconds in ends:
        nodes.ended("main", name, what, seconds, 1.0)
    for node in nodes.all(2.0):
        assert sum(node.classes.values()) == sum(name == node.name for name, _, _ in ends)
        if node.problem:
            assert "normal" not in node.classes
            assert node.failed >= MANY
