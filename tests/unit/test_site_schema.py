"""The JSON schema: current on disk, valid itself, and of one mind with the loader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hosted_ce.site import load_site
from hosted_ce.site.positions import parse_yaml
from hosted_ce.site.schema import main, schema_text, site_schema

ROUTES = Path(__file__).parents[2] / "routes"


@pytest.fixture
def example() -> Any:
    return parse_yaml((ROUTES / "example.yaml").read_text(encoding="utf-8")).data


@pytest.fixture
def validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(site_schema())
    return Draft202012Validator(site_schema())


def test_the_schema_on_disk_is_current() -> None:
    assert (ROUTES / "site.schema.json").read_text(encoding="utf-8") == schema_text()


def test_the_example_fits_the_schema_and_loads(example: Any, validator: Draft202012Validator) -> None:
    validator.validate(example)
    site = load_site(ROUTES / "example.yaml")
    assert [route.name for route in site.routes] == ["gpu", "default"]


def test_the_example_names_the_schema_for_editors() -> None:
    first = (ROUTES / "example.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=site.schema.json"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["colour"], "red"),
        (["site"], 12),
        (["resource_group"], None),
        (["clusters"], {}),
        (["clusters", "my cluster"], {}),
        (["clusters", "main", "batch"], "cobalt"),
        (["clusters", "main", "transport"], "telepathy"),
        (["clusters", "main", "transport"], "local"),
        (["clusters", "main", "path"], ["bin"]),
        (["clusters", "main", "login"], []),
        (["clusters", "main", "login", 0, "port"], 0),
        (["clusters", "main", "spool"], "~bob/x"),
        (["clusters", "main", "scratch"], "$TMPDIR"),
        (["clusters", "main", "key"], "-----BEGIN OPENSSH PRIVATE KEY-----"),
        (["clusters", "main", "poll"], 30),
        (["clusters", "main", "poll"], "30"),
        (["clusters", "main", "submit_window"], 33),
        (["routes", 0, "request", "walltime"], "72 hours long"),
        (["routes", 0, "request", "walltime"], "1:30"),
        (["routes", 0, "request", "memory"], "16"),
        (["routes", 0, "request", "queue"], "a b"),
        (["routes", 0, "request", "whole_node"], "no"),
        (["routes", 0, "request", "extra"], ["--constraint=a\nb"]),
        (["routes", 0, "request", "environment"], {"A-B": "c"}),
        (["routes", 0, "request", "environment"], {"A": 8}),
        (["routes", 0, "name"], "a b"),
        (["clusters", "main", "squid"], "squid.example.edu"),
        (["issuers", 0, "issuer"], "https://a,b"),
        (["issuers", 0, "subjects"], []),
        (["issuers", 0, "subjects"], ["a,b"]),
        (["issuers", 0, "account"], "osg01@x"),
        (["issuers", 0, "account"], "root"),
        (["bans"], [{"subject": "x"}]),
        (["front_door"], None),
        (["front_door", "host"], "CE.example.edu"),
        (["front_door", "port"], "9619"),
        (["front_door", "advertise_to"], ["collector"]),
        (["front_door", "bind"], "eth0"),
        (["front_door", "max_jobs"], 0),
        (["front_door", "policy"], {"held_remove": 5}),
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(
    example: Any, validator: Draft202012Validator, tmp_path: Path, path: list[Any], value: object
) -> None:
    place = example
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    assert not validator.is_valid(example)
    (tmp_path / "x.yaml").write_text(json.dumps(example))
    with pytest.raises(Exception, match=r"x\.yaml:1:"):
        load_site(tmp_path / "x.yaml")


def test_every_field_is_described_and_every_default_fits_its_own_schema() -> None:
    schema = site_schema()
    for model in [schema, *schema["$defs"].values()]:
        assert model["description"]
        for name, field in model["properties"].items():
            assert field["description"].endswith("."), name
            resolvable = {"$defs": schema["$defs"], **field}
            shown = [field["default"]] if "default" in field else []
            for value in [*shown, *field.get("examples", [])]:
                Draft202012Validator(resolvable).validate(value)


def test_defaults_with_units_are_shown_with_their_units() -> None:
    properties = site_schema()["$defs"]["Request"]["properties"]
    assert properties["walltime"]["default"] == "72h"
    assert properties["memory"]["default"] == "2000 MB"


def test_the_command_writes_and_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "schema.json"
    assert main(["--check", str(path)]) == 1
    assert main([str(path)]) == 0
    assert main(["--check", str(path)]) == 0
    path.write_text(path.read_text() + " ")
    assert main(["--check", str(path)]) == 1
    out_of_date = f"{path} is out of date; run: python -m hosted_ce.site.schema {path}\n"
    assert capsys.readouterr().err == out_of_date * 2
