"""Which worker nodes are looked at."""

from __future__ import annotations

from hosted_ce.checks.looks import MOST, Look, Way, planned
from hosted_ce.checks.run import Asked

WAYS = (
    Way("a", nodes=("n1", "n2", "n3")),
    Way("b", nodes=("n2", "n3", "n4")),
    Way("c", open=False, nodes=("n5",)),
)


def test_one_node_for_each_route_unless_more_is_asked_for() -> None:
    assert planned(Asked(), WAYS, {}) == (Look("a"), Look("b"))


def test_a_sample_takes_those_that_were_not_seen_for_the_longest_each_once() -> None:
    seen = {"n1": 7.0, "n2": 3.0, "n3": 9.0}
    assert planned(Asked(sample=2), WAYS, seen) == (
        Look("a", "n2"), Look("a", "n1"), Look("b", "n4"), Look("b", "n3")
    )  # fmt: skip


def test_where_no_nodes_are_known_any_will_do() -> None:
    assert planned(Asked(sample=3), (Way("a"),), {}) == (Look("a"),)


def test_nodes_that_are_asked_for_go_by_a_route_that_gets_there() -> None:
    asked = Asked(nodes=("n4", "n1", "n9"))
    assert planned(asked, WAYS, {}) == (Look("b", "n4"), Look("a", "n1"), Look("a", "n9"))


def test_without_a_usable_route_none_is_sent() -> None:
    assert planned(Asked(nodes=("n5",)), WAYS[2:], {}) == ()


def test_there_is_an_end_to_them() -> None:
    many = tuple(f"n{number}" for number in range(100))
    assert len(planned(Asked(nodes=many), WAYS, {})) == MOST
