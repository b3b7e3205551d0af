"""Requests made of the schema, good ones and bad ones: every answer is one that the schema describes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hosted_ce.api import openapi
from hosted_ce.api.app import create_app
from tests.api.world import TOKEN, open_world

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
EXAMPLES = 8


@pytest.fixture(scope="module")
def api(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The schema, with the application that it is of."""
    with asyncio.Runner() as runner:
        opened = open_world(template, tmp_path_factory.mktemp("ce"))
        world = runner.run(opened.__aenter__())
        runner.run(world.run(runner.run(world.from_factory()).id))
        world.services.bell.close()  # streams of events end at once
        app = create_app(world.services)
        openapi.complete(app)
        yield schemathesis.openapi.from_asgi("/openapi.json", app)
        runner.run(opened.__aexit__(None, None, None))


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE"])
def test_answers_are_those_of_the_schema(api: Any, method: str, mode: GenerationMode) -> None:
    operations = [found.ok() for found in api.get_all_operations()]
    chosen = [operation for operation in operations if operation.method.upper() == method]
    assert chosen
    for operation in chosen:
        try_operation(operation, mode)


def try_operation(operation: Any, mode: GenerationMode) -> None:
    """Sends some requests of one operation."""

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, phases=[Phase.generate], database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers(case: Any) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {TOKEN}"})
        case.validate_response(answer, checks=CHECKS)

    with contextlib.suppress(Unsatisfiable):  # what takes no parameters cannot be asked wrongly
        answers()
