"""Problems in the OpenAPI schema."""

from __future__ import annotations

from functools import cache
from itertools import groupby
from typing import Any

from hosted_ce.api.problems.kind import Kind
from hosted_ce.api.problems.kinds import (
    DATABASE_AWAY,
    FORBIDDEN,
    INTERNAL_ERROR,
    ISSUER_AWAY,
    RESTART_NEEDED,
    TOO_MANY_REQUESTS,
    UNAUTHORIZED,
)
from hosted_ce.api.problems.problem import MEDIA_TYPE, Problem

SCHEMA = {"$ref": "#/components/schemas/ProblemBody"}


def problems(*kinds: Kind) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an operation that answers with these kinds of problem, each with an example."""
    by_status = sorted(kinds, key=lambda kind: kind.status)
    return {
        status.value: _response(tuple(group))
        for status, group in groupby(by_status, key=lambda kind: kind.status)
    }


def guarded_problems(*kinds: Kind) -> dict[int | str, dict[str, Any]]:
    """Like `problems`, with those that every operation with a token has."""
    usual = (
        UNAUTHORIZED, FORBIDDEN, TOO_MANY_REQUESTS, ISSUER_AWAY, DATABASE_AWAY, RESTART_NEEDED,
        INTERNAL_ERROR,
    )  # fmt: skip
    return problems(*usual, *kinds)


@cache
def _response(kinds: tuple[Kind, ...]) -> dict[str, Any]:
    """All operations share it: most have the same."""
    examples = {
        kind.slug: {"summary": kind.title, "value": Problem(kind, kind.example).body()} for kind in kinds
    }
    return {
        "description": ". ".join(kind.title for kind in kinds) + ".",
        "content": {MEDIA_TYPE: {"schema": SCHEMA, "examples": examples}},
    }
