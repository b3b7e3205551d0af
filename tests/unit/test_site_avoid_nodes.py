"""The rule by which nodes are avoided, as a site file spells it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hosted_ce.daemon.nodes import rule_of
from hosted_ce.daemon.site_file.plan import plan
from hosted_ce.pilots.avoidance import Rule
from hosted_ce.site import Cluster
from hosted_ce.site.changes import differences
from tests.fakes import sites


def cluster(**given: Any) -> Cluster:
    return sites.site(clusters={"main": sites.cluster(**given)}).clusters["main"]


def test_without_it_there_is_no_rule() -> None:
    assert rule_of(cluster()) is None


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({}, Rule(5, 3600, 6 * 3600, 3, None)),
        ({"after": 2, "within": "10m", "lasting": "1d", "at_most": 1}, Rule(2, 600, 86400, 1, None)),
        ({"at_most": "5%"}, Rule(5, 3600, 6 * 3600, None, 0.05)),
    ],
)
def test_what_it_becomes(given: dict[str, Any], rule: Rule) -> None:
    assert rule_of(cluster(avoid_nodes=given)) == rule
    made = cluster(avoid_nodes=given).avoid_nodes
    assert made
    assert type(made).model_validate_json(made.model_dump_json()) == made


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"at_most": 0}, "write a number from 1 to 100, or a share from 1% to 99%"),
        ({"at_most": True}, "is no number of nodes"),
        ({"at_most": "100%"}, "is no number of nodes"),
        ({"at_most": "0%"}, "is no number of nodes"),
        ({"at_most": "3"}, "is no number of nodes"),
        ({"after": 1}, "greater than or equal to 2"),
        ({"within": "7h"}, "the most is 6h"),
        ({"lasting": "5m"}, "the least is 10m"),
        ({"for": "6h"}, "Extra inputs"),
    ],
)
def test_what_it_cannot_be(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        cluster(avoid_nodes=given)


def test_pbs_has_no_way_to_do_it() -> None:
    with pytest.raises(ValidationError, match="a job cannot ask PBS not to run on a node"):
        cluster(batch="pbs", avoid_nodes={})


def test_a_change_of_it_begins_no_link_anew() -> None:
    old = sites.site()
    new = sites.site(clusters={"main": sites.cluster(avoid_nodes={"at_most": 1})})
    found = differences(old, new)
    assert [each.path for each in found] == [("clusters", "main", "avoid_nodes")]
    assert plan(old, new, found).replace == ()
