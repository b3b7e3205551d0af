"""A route's ramp, as a site file spells it, and what the controller makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from hosted_ce.daemon.ramps.rules import rules_of
from hosted_ce.daemon.site_file.routes import table_of
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.ramp.rules import FAULTS, Rules
from hosted_ce.site import SiteFile
from hosted_ce.site.lint.site_file import lint_site
from hosted_ce.site.ramp import FAULTS as WRITTEN
from hosted_ce.site.ramp import End
from tests.fakes import sites


def rules(**route: Any) -> dict[str, Rules]:
    site = sites.site(sites.route("default", **route))
    return dict(rules_of(site, table_of(site, Path())))


@pytest.mark.parametrize("given", [{}, {"ramp": False}])
def test_without_it_there_is_none(given: dict[str, Any]) -> None:
    assert rules(**given) == {}


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({"ramp": True}, Rules(2, 100)),
        ({"ramp": {}}, Rules(2, 100)),
        ({"ramp": True, "limits": {"pilots": 30}}, Rules(2, 30)),
        ({"ramp": {"target": 300}, "limits": {"pilots": 30}}, Rules(2, 30)),
        ({"ramp": {"start": 4, "target": 20, "factor": 3, "rest": "1h"}}, Rules(4, 20, 3.0, rest_s=3600)),
        (
            {"ramp": {"gates": {"started": "50%", "ran_for": "5m", "failures": "2.5%", "queue_wait": "2h"}}},
            Rules(2, 100, started=0.5, ran_for_s=300, failures=0.025, queue_wait_s=7200),
        ),
        (
            {"ramp": {"gates": {"classes": ["vanished", "preempted"]}}},
            Rules(2, 100, classes=frozenset({EndClass.VANISHED, EndClass.PREEMPTED})),
        ),
    ],
)
def test_what_it_becomes(given: dict[str, Any], made: Rules) -> None:
    assert rules(**given) == {"default": made}


def test_the_target_is_the_highest_limit_that_is_ever_in_force() -> None:
    night = {"begin": "20:00", "end": "06:00", "pilots": 80}
    day = {"begin": "08:00", "end": "18:00", "pilots": 5}
    assert rules(ramp=True, limits={"pilots": 20, "windows": [day, night]})["default"].target == 80


def test_it_is_spelled_as_it_was_written() -> None:
    site = sites.site(sites.route("default", ramp={"gates": {"failures": "2.5%", "ran_for": "5m"}}))
    [route] = site.model_dump(mode="json")["routes"]
    assert route["ramp"]["gates"]["failures"] == "2.5%"
    assert route["ramp"]["gates"]["started"] == "75%"
    assert route["ramp"]["rest"] == "30m"
    assert SiteFile.model_validate(site.model_dump(mode="json", exclude_none=True)).routes == site.routes


@pytest.mark.parametrize(
    ("ramp", "words"),
    [
        ("yes", "valid dictionary"),
        ({"start": 0}, "greater than or equal to 1"),
        ({"factor": 1}, "greater than or equal to 1.1"),
        ({"target": "100"}, "valid integer"),
        ({"gates": {"failures": 10}}, "write it as in 10%, from 0% to 50%"),
        ({"gates": {"failures": "60%"}}, "from 0% to 50%"),
        ({"gates": {"started": "0%"}}, "from 1% to 100%"),
        ({"gates": {"ran_for": 600}}, "has no unit"),
        ({"gates": {"ran_for": "2d"}}, "the most is 1d"),
        ({"gates": {"classes": ["normal"]}}, "Input should be"),
        ({"begin": 2}, "Extra inputs"),
    ],
)
def test_what_it_cannot_be(ramp: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        sites.site(sites.route("default", ramp=ramp))


@pytest.mark.parametrize(
    ("route", "said"),
    [
        ({"ramp": True}, []),
        (
            {"ramp": {"target": 200}},
            ["target (200) is more than the route's limit of pilots (100), which counts"],
        ),
        ({"ramp": True, "limits": {"pilots": 2, "idle": 1}}, ["start (2) is not less than the target (2)"]),
        ({"ramp": {"start": 9, "target": 8}}, ["start (9) is not less than the target (8)"]),
        ({"ramp": {"gates": {"ran_for": "7h"}}}, ["with so long a ran_for the ramp takes days"]),
    ],
)
def test_what_is_linted(tmp_path: Path, route: dict[str, Any], said: list[str]) -> None:
    path = sites.write_site(tmp_path / "site.yaml", sites.route("default", **route))
    found = [one for one in lint_site(path, check_expression=None) if ".ramp" in one.path]
    assert [one.severity for one in found] == ["warning"] * len(said)
    for one, words in zip(found, said, strict=True):
        assert words in one.message
        assert one.line


def test_routes_of_htcondors_files_have_each_their_own(tmp_path: Path) -> None:
    (tmp_path / "10.conf").write_text(
        "JOB_ROUTER_ROUTE_NAMES = a b\n"
        "JOB_ROUTER_ROUTE_a @=jrt\n  UNIVERSE VANILLA\n  MaxJobs = 40\n@jrt\n"
        "JOB_ROUTER_ROUTE_b @=jrt\n  UNIVERSE VANILLA\n  MaxJobs = 7\n@jrt\n"
    )
    site = sites.site(sites.route("theirs", htcondor={"files": ["10.conf"]}, ramp=True))
    found = rules_of(site, table_of(site, tmp_path))
    assert {name: made.target for name, made in found.items()} == {"a": 40, "b": 7}


def test_the_site_file_names_the_classes_that_there_are() -> None:
    assert set(get_args(End)) == {end.value for end in EndClass} - {"normal"}
    assert set(WRITTEN) == {end.value for end in FAULTS}
