"""Problems are public: what may be a secret is not in them, and they say all the same what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosted_ce.daemon.site_file.in_force import SiteInForce, compiled
from hosted_ce.routing.compile import check_expression
from hosted_ce.site import Problem
from hosted_ce.site.lint.site_file import lint_site
from hosted_ce.site.source import read_source
from tests.fakes.sites import cluster, route, write_site

SECRET = "opaque7secret"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (f"OPAQUE={SECRET}", "a group of keys is expected here, not text"),
        ([SECRET], "a group of keys is expected here, not a list"),
        ({"OPAQUE": 7777777}, "text is expected here, not a number; put it in quotes"),
        ({"OPAQUE": True}, "text is expected here, not true or false; put it in quotes"),
        ({"OPAQUE": {"a": SECRET}}, "text is expected here, not a group of keys"),
        ({"OPAQUE": f"{SECRET}\x07"}, "as character 14"),
    ],
)
def test_no_value_of_an_environment_is_shown(tmp_path: Path, given: object, said: str) -> None:
    place = write_site(tmp_path / "c.yaml", clusters={"main": cluster(environment=given)})
    other = write_site(tmp_path / "r.yaml", route("a", request={"environment": given}))
    for path in (place, other):
        (problem,) = lint_site(path, check_expression=check_expression)
        told = problem.describe(path)
        assert "environment" in told
        assert said in told
        assert not any(secret in told for secret in (SECRET, "7777777"))


@pytest.mark.parametrize("request_", [{"environment": {"OPAQUE": f"={SECRET} ("}}, {"prologue": [SECRET]}])
def test_neither_an_expression_nor_a_prologue_is_shown(tmp_path: Path, request_: dict[str, object]) -> None:
    path = write_site(tmp_path / "x.yaml", route("a", request=request_))
    (problem,) = lint_site(path, check_expression=check_expression)
    assert problem.path.startswith("routes[0].request.")
    assert SECRET not in problem.describe(path)


@pytest.mark.parametrize("written", [f"!{SECRET}", f"!{SECRET}!x", f"*{SECRET}"])
def test_text_without_its_quotes_is_not_shown(tmp_path: Path, written: str) -> None:
    path = write_site(tmp_path / "x.yaml", route("a", request={"environment": {"OPAQUE": "here"}}))
    path.write_text(path.read_text().replace("here", written))
    (problem,) = lint_site(path, check_expression=None)
    assert "not readable as YAML" in problem.message
    assert SECRET not in problem.describe(path)


def test_what_everybody_is_shown_is_looked_at_once_more(tmp_path: Path) -> None:
    source = read_source(write_site(tmp_path / "x.yaml"), check_expression=check_expression)
    force = SiteInForce(compiled(source), 0.0)
    force.failed((Problem("site", 1, 2, f"bad: password={SECRET}"),), 5.0)
    view = force.view()
    assert view.problems == (f"{source.path}:1:2: site: bad: password=[redacted]",)
    assert view.failed_at == 5.0
