"""Who asks in the requests that Schemathesis makes, and what holds of each answer."""

from __future__ import annotations

import asyncio
from typing import Any

from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hosted_ce.access.roles import Role
from tests.api.world import TOKEN, World

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
STRANGER = "stranger"
READERS = (Role.VIEWER.value, STRANGER)
OPEN = ("/enter", "/api/v1/explain", "/api/v1/site/file/compare")
"""What changes nothing, or is how one comes in."""
FIRST_REFUSAL = 400


def callers_of(runner: asyncio.Runner, world: World) -> dict[str, dict[str, str]]:
    """Headers by who it is."""
    found: dict[str, dict[str, str]] = {Role.ADMIN.value: _bearing(TOKEN), STRANGER: {}}
    for role in (Role.OPERATOR, Role.VIEWER):
        made = world.services.tokens.create(f"fuzz {role}", role, lasting_s=None, by="tests")
        _, secret = runner.run(made)
        found[role.value] = _bearing(secret)
    return found


def check_answer(case: Any, answer: Any, caller: str) -> None:
    """Fails unless the schema describes the answer, and who may only read has changed nothing."""
    case.validate_response(answer, checks=CHECKS)
    operation = case.operation
    changing = operation.method.upper() not in ("GET", "HEAD") and operation.path not in OPEN
    if changing and caller in READERS:
        assert answer.status_code >= FIRST_REFUSAL, f"a {caller} did {operation.method} {operation.path}"


def _bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
