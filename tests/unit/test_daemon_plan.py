"""What a new site file asks of a running CE, and what keeps it from being done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hosted_ce.daemon.site_file.plan import Door, Plan, all_differences, chores, obstacles, plan
from hosted_ce.site import SiteFile
from hosted_ce.site.source import ABSENT, Source
from tests.fakes.sites import cluster, route, site

DOOR = {"host": "ce.example.edu", "certificate": "/c", "certificate_key": "/k"}


def source(said: SiteFile, **named: str) -> Source:
    return Source(Path("x.yaml"), said, "0" * 64, {f"/{name}": mark for name, mark in named.items()})


def planned(old: SiteFile, new: SiteFile, was: str = "1", becomes: str = "1") -> Plan:
    before, after = source(old, k=was, h="1"), source(new, k=becomes, h="1")
    return plan(old, new, all_differences(before, after))


def why_not(
    old: SiteFile, new: SiteFile, there: dict[str, list[int]], at_door: tuple[int, ...] = ()
) -> list[str]:
    found = obstacles(
        old, source(new), plan(old, new, all_differences(source(old), source(new))), there, at_door
    )
    return [message for _, message, _ in found]


def with_clusters(**clusters: dict[str, Any]) -> SiteFile:
    return site(route("default", cluster=next(iter(clusters))), clusters=clusters)


def test_clusters_begin_go_on_and_end_by_name() -> None:
    old = with_clusters(a=cluster(), b=cluster(), c=cluster())
    new = with_clusters(a=cluster(), b=cluster(poll="9s"), d=cluster())
    assert planned(old, new) == Plan(begin=("d",), replace=("b",), end=("c",))


def test_what_only_routing_goes_by_replaces_no_cluster() -> None:
    old = with_clusters(main=cluster())
    new = with_clusters(main=cluster(squid="squid.example.edu:3128", limits={"pilots": 5}))
    assert planned(old, new) == Plan()


def test_a_new_key_behind_the_same_path_replaces_nothing_and_is_tried() -> None:
    assert planned(site(), site(), "1", "2") == Plan(touched=("main",))
    assert planned(site(), site(clusters={"main": cluster(poll="9s")}), "1", "2") == Plan(replace=("main",))


def test_routes_that_are_not_what_they_were() -> None:
    old = site(route("a"), route("b"), route("c"))
    assert planned(old, site(route("a"), route("b", limits={"pilots": 1}), route("d"))).routes == {
        "b",
        "c",
        "d",
    }
    assert planned(old, site(route("b"), route("a"), route("c"))).routes == set()


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (None, None, Door.STAYS),
        (DOOR, DOOR, Door.STAYS),
        (None, DOOR, Door.OPENS),
        (DOOR, None, Door.CLOSES),
        (DOOR, DOOR | {"poll": "9s"}, Door.REPLACED),
    ],
)
def test_the_door(old: Any, new: Any, what: Door) -> None:
    before, after = (site(**({"front_door": each} if each else {})) for each in (old, new))
    assert planned(before, after).door is what


def test_another_resource_is_another_name_in_the_reasons_of_holds() -> None:
    assert planned(site(front_door=DOOR), site(front_door=DOOR, resource="Other")).door is Door.REPLACED


def test_a_cluster_with_pilots_does_not_go() -> None:
    old, new = with_clusters(a=cluster(), b=cluster()), with_clusters(a=cluster())
    assert why_not(old, new, {"b": []}) == []
    assert why_not(old, new, {"b": [4]}) == ["cluster b is taken out, and 1 pilot is (4) there"]
    [said] = why_not(old, new, {"b": list(range(1, 31))})
    assert "30 pilots are (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ...) there" in said


def test_pilots_would_not_be_found_under_another_account() -> None:
    new = site(clusters={"main": cluster(account="osg02")})
    assert why_not(site(), new, {"main": []}) == []
    [said] = why_not(site(), new, {"main": [1, 2]})
    assert said == "it was osg01, becomes osg02, and 2 pilots are (1, 2) there, never to be found again"


def test_SL14_pilots_would_not_be_found_in_another_of_several_clusters() -> None:
    named = site(clusters={"main": cluster(batch_options={"cluster": "campus"})})
    assert why_not(site(), named, {"main": []}) == []
    [said] = why_not(site(), named, {"main": [1]})
    assert said == "it was not there, becomes campus, and 1 pilot is (1) there, never to be found again"
    [said] = why_not(named, site(), {"main": [1]})
    assert said == "it was campus, becomes nothing, and 1 pilot is (1) there, never to be found again"


def test_a_cluster_that_changes_needs_its_files_and_others_do_not() -> None:
    changed = site(clusters={"main": cluster(poll="9s")})

    def found(old: SiteFile, new: SiteFile, was: str) -> list[tuple[str, ...]]:
        before, after = source(old, k=was, h="1"), source(new, k=ABSENT, h="1")
        intended = plan(old, new, all_differences(before, after))
        return [where for where, _, _ in obstacles(old, after, intended, {}, ())]

    assert found(site(), changed, ABSENT) == [("clusters", "main", "key")]
    assert found(site(), site(), "1") == [("clusters", "main", "key")]
    assert found(site(), site(route("other")), ABSENT) == []


def test_a_batch_system_that_was_upgraded_before_its_first_use_waits_for_a_restart() -> None:
    new = with_clusters(main=cluster(), other=cluster(batch="pbs"))

    def found(old: SiteFile, *replaced: str) -> list[tuple[tuple[str, ...], str]]:
        intended = plan(old, new, all_differences(source(old), source(new)))
        seen = obstacles(old, source(new), intended, {}, (), replaced=replaced)
        return [(where, todo) for where, _, todo in seen]

    restart = "restart the CE: systemctl restart hosted-ce"
    assert found(with_clusters(main=cluster()), "pbs") == [(("clusters", "other", "batch"), restart)]
    assert found(with_clusters(main=cluster())) == []
    assert found(new, "pbs") == []


def test_the_door_stays_while_it_has_pilots() -> None:
    assert why_not(site(front_door=DOOR), site(), {}) == []
    [said] = why_not(site(front_door=DOOR), site(), {}, (7,))
    assert "1 pilot is (7) in its queue" in said


@pytest.mark.parametrize(
    ("old", "new", "todo"),
    [
        ({}, {"contacts": ["a@example.edu"]}, None),
        ({}, {"bans": [{"issuer": "https://x"}]}, "front-door config"),
        ({}, {"routes": [route("other")]}, "front-door config"),
        ({"front_door": DOOR}, {"front_door": DOOR | {"max_jobs": 7}}, "front-door config"),
        ({"front_door": DOOR}, {"front_door": DOOR | {"port": 9620}}, "restart"),
        ({"front_door": None}, {}, "restart"),
    ],
)
def test_what_is_left_for_the_operator(old: Any, new: Any, todo: str | None) -> None:
    def made(more: dict[str, Any]) -> SiteFile:
        said = {"routes": [route("default")], "front_door": DOOR, **more}
        routes = said.pop("routes")
        return site(*routes, **{key: value for key, value in said.items() if value is not None})

    before, after = made(old), made(new)
    found = chores(after, all_differences(source(before), source(after)))
    assert (len(found) == 0) if todo is None else (todo in found[0])
    assert chores(site(), all_differences(source(before), source(site()))) == ()


def test_a_cluster_of_this_machine_has_no_files_that_could_change() -> None:
    here = {"batch": "slurm", "transport": "local", "account": "osg01"}
    old, new = with_clusters(main=here), with_clusters(main={**here, "account": "osg02"})
    intended = planned(old, new)
    assert [*intended.replace, *intended.touched] == ["main"]
    assert why_not(old, new, {}) == []
