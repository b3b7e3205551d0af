"""The body of a submission of many pilots: what they share, and how many there are or how each differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hosted_ce.api.bodies import strict_json
from hosted_ce.api.bodies.batch_size import Room
from hosted_ce.api.bodies.submission import PilotRequest, Scalar, faults_as_problem, written_down
from hosted_ce.api.bodies.validation import field_errors
from hosted_ce.api.problems.kinds import INVALID_REQUEST
from hosted_ce.api.problems.problem import FieldError, invalid
from hosted_ce.pilots.spec import MAX_COMMAND, FileRef, PilotSpec

MOST = 10_000
"""Pilots of a request, whatever the settings say: while they are written down, nothing else is."""
MAX_NUMBER = 1_000_000_000


class PilotDifference(BaseModel):
    """In what one pilot differs from what all of a batch share."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    arguments: tuple[str, ...] | None = Field(
        default=None, max_length=MAX_COMMAND, description="Its arguments, in place of the shared ones."
    )
    environment: dict[str, str] = Field(
        default_factory=dict, description="Environment variables besides the shared ones, or in their place."
    )
    attributes: dict[str, Scalar] = Field(
        default_factory=dict, description="ClassAd attributes besides the shared ones, or in their place."
    )


class BatchRequest(PilotRequest):
    """Many pilots: what they share, as of one pilot, and `count` or `pilots`."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "executable": "glidein_startup.sh",
                "arguments": ["-v", "std"],
                "attributes": {"xcount": 8, "maxMemory": 16000, "maxWallTime": 4320, "queue": "osg"},
                "inputs": [{"name": "glidein_startup.sh", "content": "IyEvYmluL3NoCmVjaG8gaGVsbG8K"}],
                "count": 100,
            }
        }
    )

    count: int | None = Field(
        default=None, ge=1, le=MOST, strict=True, description="So many equal ones; not with `pilots`."
    )
    pilots: tuple[PilotDifference, ...] | None = Field(
        default=None,
        min_length=1,
        max_length=MOST,
        description="One for each entry, which says how it differs from what is shared; not with `count`.",
    )
    first: int = Field(
        default=1,
        ge=1,
        le=MAX_NUMBER,
        strict=True,
        description="The number of the first of them: with more pilots than one request may have, the "
        "requests share their idempotency key, and each goes on behind the last number of the one before.",
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.count is None) == (self.pilots is None):
            raise ValueError("give either `count` or `pilots`")
        return self


@dataclass(frozen=True, slots=True)
class Batch:
    """What the front door takes: how many of each request, and the contents that came with them."""

    wanted: Sequence[tuple[PilotSpec, int]]
    uploads: Mapping[str, bytes]
    first: int

    @property
    def pilots(self) -> int:
        """How many they are."""
        return sum(number for _, number in self.wanted)

    @property
    def inputs(self) -> Sequence[FileRef]:
        """The input files, which all share."""
        return self.wanted[0][0].inputs


def batch_of(body: bytes, *, max_file: int, max_pilots: int, max_bytes: int) -> Batch:
    """Reads the body; `max_bytes` is for all pilots, each written out by itself. Raises Problem."""
    with faults_as_problem():
        request = BatchRequest.model_validate(strict_json.parse(body))
        _check_number(request, max_pilots)
        shared, uploads = written_down(request, max_file)
        one = PilotSpec.model_validate(shared)
    room = Room(one, max_bytes)
    if request.count:
        room.take(request.count)
        return Batch([(one, request.count)], uploads, request.first)
    return Batch([(spec, 1) for spec in _each(request, shared, room)], uploads, request.first)


def _check_number(request: BatchRequest, most: int) -> None:
    field, number = ("count", request.count) if request.count else ("pilots", len(request.pilots or ()))
    if number and number > most:
        said = (
            f"{number} pilots are above this CE's limit of {most} in one request (HOSTED_CE_MAX_BATCH): send "
            "several, with the same Idempotency-Key and each with `first` behind the last number before it"
        )
        raise invalid(INVALID_REQUEST, [FieldError(path=field, message=said)])


def _each(request: BatchRequest, shared: Mapping[str, Any], room: Room) -> list[PilotSpec]:
    """Room is taken for each before it is looked at: a small body could make much work, too."""
    found, wrong = list[PilotSpec](), list[dict[str, Any]]()
    for index, difference in enumerate(request.pilots or ()):
        room.take(
            arguments=difference.arguments,
            environment=difference.environment,
            attributes=difference.attributes,
        )
        try:
            found.append(PilotSpec.model_validate(_applied(difference, shared)))
        except ValidationError as error:
            wrong += _placed(error, index)
    if wrong:
        raise invalid(INVALID_REQUEST, field_errors(wrong))
    return found


def _applied(difference: PilotDifference, shared: Mapping[str, Any]) -> dict[str, Any]:
    given = {name.lower() for name in difference.attributes}
    kept = {name: value for name, value in shared["attributes"].items() if name.lower() not in given}
    return {
        **shared,
        "arguments": shared["arguments"] if difference.arguments is None else difference.arguments,
        "environment": {**shared["environment"], **difference.environment},
        "attributes": {**kept, **difference.attributes},
    }


def _placed(error: ValidationError, index: int) -> Iterator[dict[str, Any]]:
    for each in error.errors(include_url=False):
        yield {**each, "loc": ("pilots", index, *each["loc"])}
