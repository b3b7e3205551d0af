"""What pilots leave of nodes, and which shape would leave less."""

from __future__ import annotations

from verification_routes import CORE_S, RUNS, facts, judged

from hosted_ce.verification.advice import Advice
from hosted_ce.verification.facts import Inventory, NodeKind, Shape
from hosted_ce.verification.remnants import Short


def left(nodes: list[NodeKind], *shapes: Shape) -> list[tuple[int, int, Short]]:
    found = judged(facts(shapes=shapes or SHAPES), Inventory(tuple(nodes)))
    return [(one.pilots, one.cores, one.short) for one in found.remnants]


def only(nodes: list[NodeKind], *shapes: Shape) -> Advice:
    [advice] = judged(facts(shapes=shapes or SHAPES), Inventory(tuple(nodes))).advice
    return advice


SHAPES = (Shape(8, 16_000, 0, RUNS, CORE_S),)


def test_nodes_of_36_cores_with_pilots_of_8_leave_4() -> None:
    advice = only([NodeKind("osg", 10, 36, 192_000, 0)])
    assert advice.id == "VF-21"
    assert "leave 40 cores of 10 nodes" in advice.said
    assert "a node with 36 cores and 192000 MB takes 4 pilots, and 4 cores are left" in advice.said
    assert advice.data == {"cores": 40, "nodes": 10, "short": "cores", "cpus": 9, "left": 0}
    assert "pilots of 9 cores and 18000 MB would leave 0 cores" in advice.todo


def test_nodes_that_are_filled_leave_nothing_and_say_nothing() -> None:
    nodes = [NodeKind("osg", 10, 64, 128_000, 0)]
    assert left(nodes) == [(8, 0, Short.CORES)]
    assert judged(facts(), Inventory(tuple(nodes))).advice == ()


def test_memory_that_runs_out_first_leaves_cores() -> None:
    advice = only([NodeKind("osg", 4, 64, 96_000, 0)])
    assert (advice.id, advice.key) == ("VF-22", "request.memory")
    assert advice.data == {"cores": 4 * 16, "nodes": 4, "short": "memory", "memory_mb": 12_000}
    assert "12000 MB of `memory`" in advice.todo


def test_gpus_that_run_out_first_leave_cores_and_that_is_a_note() -> None:
    advice = only([NodeKind("osg", 2, 64, 512_000, 4)], Shape(8, 16_000, 1, RUNS, CORE_S))
    assert advice.id == "VF-23"
    assert "16 `cpus` with the GPUs" in advice.todo


def test_a_pilot_that_is_larger_than_every_node_fits_nowhere() -> None:
    advice = only([NodeKind("osg", 2, 4, 512_000, 0)])
    assert (advice.id, "8 cores and 16000 MB" in advice.said) == ("VF-24", True)


def test_nodes_that_are_too_small_for_the_route_are_not_its_waste() -> None:
    nodes = [NodeKind("osg", 50, 4, 512_000, 0), NodeKind("osg", 2, 64, 512_000, 0)]
    assert judged(facts(), Inventory(tuple(nodes))).advice == ()


def test_what_a_smaller_shape_of_the_route_fills_is_not_left() -> None:
    nodes = [NodeKind("osg", 10, 36, 192_000, 0)]
    small = Shape(2, 4000, 0, RUNS, CORE_S / 5)
    assert left(nodes, *SHAPES, small) == [(4, 0, Short.CORES)]
    assert left(nodes, *SHAPES, small._replace(core_s=CORE_S / 100)) == [(4, 4, Short.CORES)], "too rare"


def test_nodes_of_other_queues_are_nothing_to_it() -> None:
    assert left([NodeKind("gpu", 10, 36, 192_000, 0)]) == []
    assert left([NodeKind(None, 10, 36, 192_000, 0)]) == [(4, 4, Short.CORES)], "it is in every queue"


def test_a_site_where_no_other_size_helps() -> None:
    advice = only([NodeKind("osg", 10, 8, None, 0), NodeKind("osg", 10, 9, None, 0)])
    assert (advice.id, advice.data) == ("VF-21", {"cores": 10, "nodes": 10, "short": "cores"})
    assert "no other size" in advice.todo


def test_a_shape_without_cores_fills_no_node() -> None:
    none = Shape(0, None, 0, RUNS, 2 * CORE_S)
    assert left([NodeKind("osg", 10, 64, 128_000, 0)], none) == []
    assert left([NodeKind("osg", 10, 36, 192_000, 0)], none, *SHAPES) == [(4, 4, Short.CORES)]
