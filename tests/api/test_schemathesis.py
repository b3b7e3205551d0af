"""Requests made of the schema, good ones and bad ones: every answer is one that the schema describes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from hosted_ce.access.roles import Role
from hosted_ce.api import openapi
from hosted_ce.api.app import create_app
from tests.api.callers import callers_of, check_answer
from tests.api.world import open_world

EXAMPLES = 8
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
Callers = Mapping[str, Mapping[str, str]]
OF_OTHERS = 4
"""Good requests that each other role makes of an operation."""


@pytest.fixture(scope="module")
def api(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Callers]]:
    """The schema, with the application that it is of, and who asks it."""
    with asyncio.Runner() as runner:
        opened = open_world(template, tmp_path_factory.mktemp("ce"))
        world = runner.run(opened.__aenter__())
        runner.run(world.run(runner.run(world.from_factory()).id))
        world.services.bell.close()  # streams of events end at once
        app = create_app(world.services)
        openapi.complete(app)
        yield schemathesis.openapi.from_asgi("/openapi.json", app), callers_of(runner, world)
        runner.run(opened.__aexit__(None, None, None))


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("method", METHODS)
def test_answers_are_those_of_the_schema(api: tuple[Any, Callers], method: str, mode: GenerationMode) -> None:
    schema, callers = api
    for operation in operations_of(schema, method):
        try_operation(operation, mode, EXAMPLES, {Role.ADMIN.value: callers[Role.ADMIN.value]})


@pytest.mark.parametrize("method", METHODS)
def test_so_are_those_to_others_and_who_may_only_read_changes_nothing(
    api: tuple[Any, Callers], method: str
) -> None:
    schema, callers = api
    others = {who: headers for who, headers in callers.items() if who != Role.ADMIN.value}
    assert len(others) == len(Role)  # a stranger in the place of the administrator
    for operation in operations_of(schema, method):
        try_operation(operation, GenerationMode.POSITIVE, OF_OTHERS, others)


def operations_of(schema: Any, method: str) -> Iterator[Any]:
    """All of a method."""
    chosen = [found.ok() for found in schema.get_all_operations()]
    chosen = [operation for operation in chosen if operation.method.upper() == method]
    assert chosen
    yield from chosen


def try_operation(operation: Any, mode: GenerationMode, examples: int, callers: Callers) -> None:
    """Sends some requests of one operation, each by all of these callers."""

    @settings(
        max_examples=examples, deadline=None, derandomize=True, phases=[Phase.generate], database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers(case: Any) -> None:
        for caller, headers in callers.items():
            check_answer(case, case.call(headers=dict(headers)), caller)

    with contextlib.suppress(Unsatisfiable):  # what takes no parameters cannot be asked wrongly
        answers()
