"""The body of a question about a pilot that might come."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hosted_ce.api.bodies import strict_json
from hosted_ce.api.bodies.submission import Scalar
from hosted_ce.api.bodies.validation import field_errors, path_of
from hosted_ce.api.parameters import Word
from hosted_ce.api.problems.kinds import INVALID_REQUEST, MALFORMED_JSON
from hosted_ce.api.problems.problem import FieldError, Problem, invalid
from hosted_ce.pilots.spec import (
    MAX_ATTRIBUTES,
    MAX_COMMAND,
    MAX_FILES,
    FileName,
    FileRef,
    PilotSpec,
    attribute_problem,
    canonical_name,
)

MAX_BODY = 4 * 1024 * 1024
"""Bytes: what the attributes, arguments and environment of one pilot may come to, spelled as JSON."""
NO_CONTENT = "0" * 64
MAX_SHOWN = 50
"""Faults in one answer."""


class HypotheticalPilot(BaseModel):
    """A pilot that might come. What is left out is as if its sender had not said it."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "example": {
                "attributes": {"xcount": 8, "maxMemory": 16000, "maxWallTime": 4320, "queue": "osg"},
                "account": "osg01",
            }
        },
    )

    attributes: dict[str, Scalar] = Field(
        default_factory=dict, max_length=MAX_ATTRIBUTES, description="ClassAd attributes, as of a pilot."
    )
    account: Annotated[Word, Field(min_length=1)] | None = Field(
        default=None,
        description="The account that its submitter would be mapped to; null: any, as for pilots by REST.",
    )
    executable: FileName = Field(default="pilot.sh", description="What it runs; for the batch script only.")
    arguments: tuple[str, ...] = Field(
        default=(), max_length=MAX_COMMAND, description="Its arguments, one by one."
    )
    environment: dict[str, str] = Field(default_factory=dict, description="Its environment variables.")
    credentials: tuple[FileName, ...] = Field(
        default=(), max_length=MAX_FILES - 2, description="Input files that may be renewed while it runs."
    )
    proxy: FileName | None = Field(default=None, description="The input file that is its X.509 proxy.")


def hypothetical_of(body: bytes) -> HypotheticalPilot:
    """Reads the body of a question. Raises Problem."""
    try:
        return checked(strict_json.parse(body))
    except strict_json.BadJson as error:
        raise Problem(MALFORMED_JSON, str(error)) from error


def checked(document: Any) -> HypotheticalPilot:
    """The question that this value is. Raises Problem, with each fault and its place."""
    try:
        return HypotheticalPilot.model_validate(document)
    except ValidationError as error:
        raise invalid(INVALID_REQUEST, field_errors(error.errors(include_url=False))) from error


def spec_of(asked: HypotheticalPilot) -> PilotSpec:
    """The request of such a pilot, by the rules for all pilots. Raises Problem."""
    if wrong := [*_wrong_attributes(asked), *_wrong_credentials(asked)]:
        raise invalid(INVALID_REQUEST, wrong)
    files = dict.fromkeys([asked.executable, *asked.credentials, *filter(None, [asked.proxy])])
    try:
        return PilotSpec(
            inputs=tuple(
                FileRef(name=name, sha256=NO_CONTENT, executable=name == asked.executable) for name in files
            ),
            **asked.model_dump(exclude={"account"}),
        )
    except ValidationError as error:
        raise invalid(INVALID_REQUEST, field_errors(error.errors(include_url=False))) from error


def _wrong_attributes(asked: HypotheticalPilot) -> list[FieldError]:
    found = (
        (name, attribute_problem(canonical_name(name) or name, value))
        for name, value in asked.attributes.items()
    )
    wrong = [FieldError(path=path_of(("attributes", name)), message=fault) for name, fault in found if fault]
    return wrong[:MAX_SHOWN]


def _wrong_credentials(asked: HypotheticalPilot) -> list[FieldError]:
    fault = "is what the pilot runs, which cannot be replaced while it runs"
    return [
        FieldError(path=path, message=fault)
        for path, names in (("credentials", asked.credentials), ("proxy", (asked.proxy,)))
        if asked.executable in names
    ]
