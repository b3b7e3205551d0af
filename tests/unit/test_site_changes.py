"""Differences of site files in words."""

from __future__ import annotations

from typing import Any

import pytest

from hosted_ce.site.change_words import in_words
from hosted_ce.site.changes import differences
from tests.fakes.sites import cluster, document, route, site

DOOR = {"host": "ce.example.edu", "certificate": "/c", "certificate_key": "/k"}
GPU = route("gpu", when="RequestGPUs > 0")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            document(),
            document(GPU, route("default")),
            ["route gpu is new, number 1 of 2: takes pilots with RequestGPUs > 0"],
        ),
        (document(GPU, route("default")), document(GPU), ["route default is taken out"]),
        (
            document(GPU, route("default")),
            document(route("default"), GPU),
            ["routes in another order: default, gpu (was gpu, default)"],
        ),
        (
            document(),
            document(route("default", limits={"pilots": 7})),
            ["route default: limits.pilots was 100, becomes 7"],
        ),
        (
            document(),
            document(route("default", request={"queue": "osg", "memory": "32 GB"})),
            [
                "route default: request.memory was 2000 MB, becomes 32 GB",
                "route default: request.queue osg is new",
            ],
        ),
        (document(GPU), document(route("gpu")), ["route gpu: when RequestGPUs > 0 is taken out"]),
        (
            document(route("default", request={"environment": {"A": "1"}})),
            document(),
            ["route default: request.environment.A 1 is taken out"],
        ),
        (
            document(),
            document(clusters={"main": cluster(poll="1m")}),
            ["cluster main: poll was 30s, becomes 1m"],
        ),
        (
            document(),
            document(clusters={"main": cluster("other.example.edu")}),
            [
                "cluster main: login (host login.example.edu, port 22) is taken out",
                "cluster main: login (host other.example.edu, port 22) is new",
            ],
        ),
        (
            document(route("default", cluster="main")),
            document(
                route("default", cluster="main"),
                clusters={"main": cluster(), "gpu": cluster("g.example.edu")},
            ),
            ["cluster gpu is new: slurm, osg01 at g.example.edu:22"],
        ),
        (document(), document(contacts=["a@example.edu"]), ["contacts a@example.edu is new"]),
        (
            document(issuers=[{"issuer": "https://x", "account": "osg01"}]),
            document(),
            ["issuers (issuer https://x, account osg01) is taken out"],
        ),
        (
            document(front_door=DOOR),
            document(front_door=DOOR | {"port": 9620}),
            ["front door: port was 9619, becomes 9620"],
        ),
    ],
)
def test_a_person_reads_what_differs(old: dict[str, Any], new: dict[str, Any], words: list[str]) -> None:
    before, after = (site(*said.pop("routes"), **said) for said in (old, new))
    assert [in_words(each) for each in differences(before, after)] == words


def test_a_default_that_is_written_out_is_no_difference() -> None:
    written = route("default", limits={"pilots": 100, "idle": 10}, request={"memory": "2000 MB"})
    assert differences(site(), site(written)) == ()
    assert differences(site(), site(route("default", cluster="main"))) != ()
