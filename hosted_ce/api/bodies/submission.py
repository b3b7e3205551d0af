"""The body of a submission: what it may be, and what the front door is given for it."""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    model_validator,
)

from hosted_ce.api.bodies import strict_json
from hosted_ce.api.bodies.validation import field_errors
from hosted_ce.api.problems.kinds import FILE_TOO_LARGE, INVALID_REQUEST, MALFORMED_JSON
from hosted_ce.api.problems.problem import Problem, invalid
from hosted_ce.pilots.spec import MAX_COMMAND, MAX_FILES, FileName, FileRef, PilotSpec
from hosted_ce.store.contents import SHA256


def checksum(text: str) -> str:
    """`text`, if it is a SHA-256 as we write it. Raises ValueError."""
    if not SHA256.match(text):
        raise ValueError("must be a SHA-256 in 64 lower-case hexadecimal digits")
    return text


def _from_base64(value: object) -> bytes:
    if not isinstance(value, str):
        raise ValueError("must be a text: the content in base64")
    try:
        return binascii.a2b_base64(value, strict_mode=True)
    except ValueError as error:
        raise ValueError(f"is not base64 (RFC 4648, with padding, without line breaks): {error}") from error


def _scalar(value: object) -> bool | int | float | str:
    if isinstance(value, bool | int | float | str):
        return value
    raise ValueError("must be a text, a number, true or false")


Base64 = Annotated[bytes, PlainValidator(_from_base64, json_schema_input_type=str)]
Scalar = Annotated[
    bool | int | float | str, PlainValidator(_scalar, json_schema_input_type=bool | int | float | str)
]
Checksum = Annotated[str, AfterValidator(checksum), Field(json_schema_extra={"pattern": "^[0-9a-f]{64}$"})]


class InputFile(BaseModel):
    """An input file: its content, or the checksum of what was uploaded before."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: FileName = Field(description="Its name in the pilot's working directory.")
    executable: bool = Field(
        default=False, strict=True, description="Whether it gets the execute permission."
    )
    content: Base64 | None = Field(
        default=None,
        description="Its content in base64.",
        json_schema_extra={"contentEncoding": "base64"},
    )
    sha256: Checksum | None = Field(default=None, description="SHA-256 of an uploaded file.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.content is None) == (self.sha256 is None):
            raise ValueError("give either `content` or `sha256`")
        return self

    def checksum(self) -> str:
        """The SHA-256 of its content."""
        return self.sha256 or hashlib.sha256(self.content or b"").hexdigest()


class PilotRequest(BaseModel):
    """A pilot request: what to run, with what, and the ClassAd attributes that routes look at."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "example": {
                "executable": "glidein_startup.sh",
                "arguments": ["-v", "std"],
                "environment": {"GLIDEIN_Site": "Example"},
                "attributes": {"xcount": 8, "maxMemory": 16000, "maxWallTime": 4320, "queue": "osg"},
                "inputs": [{"name": "glidein_startup.sh", "content": "IyEvYmluL3NoCmVjaG8gaGVsbG8K"}],
            }
        },
    )

    executable: FileName = Field(description="Which of the input files is run.")
    arguments: tuple[str, ...] = Field(
        default=(), max_length=MAX_COMMAND, description="Its arguments, one by one, passed unchanged."
    )
    environment: dict[str, str] = Field(default_factory=dict, description="Environment variables for it.")
    attributes: dict[str, Scalar] = Field(
        default_factory=dict,
        description="ClassAd attributes: xcount, maxMemory (MB), maxWallTime (minutes), queue, any other.",
    )
    inputs: tuple[InputFile, ...] = Field(
        min_length=1,
        max_length=MAX_FILES,
        description="The input files. Each has a `name`, and its `content` in base64 or the `sha256` of an "
        "uploaded file; `executable` gives it the execute permission.",
    )


@dataclass(frozen=True, slots=True)
class Submission:
    """What the front door takes: the request, and the contents that came with it, by checksum."""

    spec: PilotSpec
    uploads: Mapping[str, bytes]


def submission_of(body: bytes, max_file: int) -> Submission:
    """Reads a submission's body; `max_file` is the largest input file in bytes. Raises Problem."""
    with faults_as_problem():
        request = PilotRequest.model_validate(strict_json.parse(body))
        document, uploads = written_down(request, max_file)
        return Submission(PilotSpec.model_validate(document), uploads)


@contextmanager
def faults_as_problem() -> Iterator[None]:
    """What is wrong with a body is raised as Problem."""
    try:
        yield
    except strict_json.BadJson as error:
        raise Problem(MALFORMED_JSON, str(error)) from error
    except ValidationError as error:
        raise invalid(INVALID_REQUEST, field_errors(error.errors(include_url=False))) from error


def written_down(request: PilotRequest, max_file: int) -> tuple[dict[str, Any], Mapping[str, bytes]]:
    """What a request says, with checksums for contents; and the contents by checksum. Raises Problem."""
    _check_sizes(request, max_file)
    files = [(file, file.checksum()) for file in request.inputs]
    document = {
        **request.model_dump(include={"executable", "arguments", "environment", "attributes"}),
        "inputs": [
            FileRef(name=file.name, sha256=sha256, executable=file.executable) for file, sha256 in files
        ],
    }
    return document, {sha256: file.content for file, sha256 in files if file.content is not None}


def file_too_large(name: str, size: str, limit: int) -> Problem:
    """The problem of an input file above the limit, in bytes."""
    return Problem(
        FILE_TOO_LARGE,
        f"input file {name!r} {size}; the limit is {limit}. Make it smaller, or let the pilot download it",
    )


def _check_sizes(request: PilotRequest, max_file: int) -> None:
    for file in request.inputs:
        if file.content is not None and len(file.content) > max_file:
            raise file_too_large(file.name, f"has {len(file.content)} bytes", max_file)
