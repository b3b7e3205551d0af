"""The OpenAPI schema: what FastAPI cannot see by itself, since endpoints read their bodies themselves."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from hosted_ce.api.bodies.batch import BatchRequest
from hosted_ce.api.bodies.hypothetical import HypotheticalPilot
from hosted_ce.api.bodies.submission import PilotRequest
from hosted_ce.api.bodies.test_pilot import PilotTest
from hosted_ce.api.problems.problem import ProblemBody
from hosted_ce.api.schemas.sessions import RemarkRequest, SessionRequest
from hosted_ce.api.schemas.site_files import CompareIn
from hosted_ce.api.schemas.tokens import TokenRequest

REF = "#/components/schemas/{model}"
UNSEEN: tuple[type[BaseModel], ...] = (
    ProblemBody, PilotRequest, BatchRequest, CompareIn, HypotheticalPilot, PilotTest, TokenRequest,
    SessionRequest, RemarkRequest,
)  # fmt: skip
"""Models that are only referred to by name."""
BYTES_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
TAGS = [
    {"name": "pilots", "description": "Submit pilots, watch them, remove them."},
    {"name": "entries", "description": "The entries of factories, summed up."},
    {"name": "events", "description": "What happens to pilots, as it happens."},
    {"name": "by hand", "description": "What an operator settles: doubts, pauses, another spool."},
    {"name": "files", "description": "Input files, uploaded once."},
    {"name": "site", "description": "The site behind this CE."},
    {"name": "charts", "description": "Numbers over a day, a week and a year; what pilots were given."},
    {"name": "routes", "description": "Why a pilot goes where it goes, or would."},
    {"name": "sessions", "description": "The live integration session: its checklist, notes and minutes."},
    {"name": "tokens", "description": "Who may do what: named tokens with roles."},
    {"name": "health", "description": "For probes and Prometheus."},
]


def guide() -> str:
    """The description of the API: how to use it, with examples."""
    return resources.files("hosted_ce.api").joinpath("guide.md").read_text("utf-8")


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """The `openapi_extra` of an operation whose body is this model in JSON."""
    schema = {"$ref": REF.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def written(version: str) -> dict[str, Any]:
    """The schema of this version of the CE, as `make reference` has written it.

    To make it takes most of a second, in which nobody is answered, and 10 MB that stay.
    """
    package = Path(__file__).resolve().parents[1]
    shipped, source = package / "_shipped" / "openapi.json", package.parent / "docs/reference/openapi.json"
    schema: dict[str, Any] = json.loads((shipped if shipped.exists() else source).read_bytes())
    schema["info"]["version"] = version
    return schema


def complete(app: FastAPI) -> dict[str, Any]:
    """The schema of `app`, with everything that it refers to."""
    schema = app.openapi()
    components = schema.setdefault("components", {}).setdefault("schemas", {})
    for model in UNSEEN:
        found = model.model_json_schema(ref_template=REF)
        components.update(found.pop("$defs", {}))
        components[model.__name__] = found
    return schema
