"""The schema, and the page made of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest

from hosted_ce.access.roles import Role
from hosted_ce.scitokens.scopes import Scope
from tests.api.requests import PILOTS, a_pilot, submit
from tests.api.world import World


@pytest.fixture
async def schema(stranger: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await stranger.get("/openapi.json")).json()
    return found


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def check(schema: dict[str, Any], model: str, value: Any) -> None:
    """Checks a value against a model of the schema."""
    wanted = {"$ref": f"#/components/schemas/{model}", "components": schema["components"]}
    jsonschema.Draft202012Validator(wanted).validate(value)


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


async def test_what_it_refers_to_is_there(schema: dict[str, Any]) -> None:
    found = set(references(schema))
    assert found
    for reference in found:
        assert reference.removeprefix("#/components/schemas/") in schema["components"]["schemas"], reference


async def test_names_of_schemas_do_not_say_where_our_code_is(schema: dict[str, Any]) -> None:
    """Two models of one name would both be called by their modules, and programs made of the schema broken by
    whoever moves a file."""
    assert [name for name in schema["components"]["schemas"] if "__" in name] == []


async def test_every_operation_tells_its_problems(schema: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(schema)]
    assert len(names) == len(set(names)) >= 11
    for name, operation in operations(schema):
        assert operation["description"], name
        assert "500" in operation["responses"], name
        if "/api/v1" in name:
            [[role, *scopes]] = [need["token"] for need in operation["security"]]
            assert role in set(Role), name
            assert set(scopes) <= set(Scope), name
            assert {"401", "403"} <= operation["responses"].keys(), name
    assert "HTTPValidationError" not in json.dumps(schema)


async def test_examples_of_problems_are_problems(schema: dict[str, Any]) -> None:
    seen = 0
    for _, operation in operations(schema):
        for status, answer in operation["responses"].items():
            examples = answer.get("content", {}).get("application/problem+json", {}).get("examples", {})
            for example in examples.values():
                check(schema, "ProblemBody", example["value"])
                assert example["value"]["status"] == int(status)
                seen += 1
    assert seen > 30


async def test_its_example_is_taken(client: httpx.AsyncClient, schema: dict[str, Any]) -> None:
    example = schema["components"]["schemas"]["PilotRequest"]["example"]
    check(schema, "PilotRequest", example)
    assert (await client.post(PILOTS, json=example)).status_code == 201


async def test_answers_are_what_it_says(
    client: httpx.AsyncClient, world: World, schema: dict[str, Any]
) -> None:
    check(schema, "PilotRequest", a_pilot())
    await submit(client, 2)
    await world.complete(1)
    check(schema, "PilotPage", (await client.get(PILOTS)).json())
    check(schema, "PilotDetail", (await client.get(f"{PILOTS}/1")).json())
    check(schema, "PilotDetail", (await client.get(f"{PILOTS}/2")).json())
    check(schema, "SiteOut", (await client.get("/api/v1/site")).json())
    check(schema, "ProblemBody", (await client.get(f"{PILOTS}/1/stdout")).json())
    check(schema, "ProblemBody", (await client.post(PILOTS, json={})).json())


async def test_the_page_lists_every_operation(stranger: httpx.AsyncClient, schema: dict[str, Any]) -> None:
    page = (await stranger.get("/docs")).text
    for name, operation in operations(schema):
        assert f"<code>{name}</code>" in page
        if "/api/v1" in name:
            role = operation["security"][0]["token"][0]
            assert (
                f"Needs the role <code>{role}</code>." in page.partition(f"<code>{name}</code>")[2][:9000]
            ), name
    assert "```" not in page
    assert "curl -sS -X POST" in page
