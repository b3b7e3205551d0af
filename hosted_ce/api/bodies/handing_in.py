"""What submissions have in common, whether of one pilot or of many: their body, and their input files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from fastapi import Request

from hosted_ce.api.bodies.reading import BodyTooLarge, check_json_type, read_body, size_words
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.problem import FieldError, Problem, invalid
from hosted_ce.api.services import Services
from hosted_ce.pilots.spec import FileRef
from hosted_ce.store.arrivals import KeyReused
from hosted_ce.store.contents import ContentMissing


async def body_of_submission(request: Request, limit: int) -> bytes:
    """The body, which is JSON and has no more than `limit` bytes. Raises Problem."""
    check_json_type(request)
    try:
        return await read_body(request, limit)
    except BodyTooLarge as error:
        raise Problem(
            kinds.REQUEST_TOO_LARGE,
            f"the body {size_words(error.size)} is above the limit of {limit}; upload input files one by one "
            "with PUT /api/v1/files/{sha256} and name their checksums instead",
        ) from error


async def check_uploaded(services: Services, inputs: Sequence[FileRef], uploads: Mapping[str, bytes]) -> None:
    """Raises Problem unless all inputs are here or come along.

    It looks before the front door does: that keeps what came along, and then says what is missing.
    """
    named = {file.sha256 for file in inputs} - uploads.keys()
    if missing := {sha256 for sha256 in named if not await services.contents.has(sha256)}:
        raise _missing(inputs, missing)


@contextmanager
def refusals_as_problems(inputs: Sequence[FileRef]) -> Iterator[None]:
    """What the front door refuses is raised as Problem."""
    try:
        yield
    except KeyReused as error:
        raise Problem(kinds.KEY_REUSED, str(error), pilot_id=error.pilot_id) from error
    except ContentMissing as error:
        raise _missing(inputs, {error.sha256}) from error


def _missing(inputs: Sequence[FileRef], missing: Collection[str]) -> Problem:
    errors = [
        FieldError(
            path=f"inputs[{index}].sha256",
            message=f"{file.name} is not here; upload it with PUT /api/v1/files/{file.sha256}",
        )
        for index, file in enumerate(inputs)
        if file.sha256 in missing
    ]
    return invalid(
        kinds.CONTENT_MISSING,
        errors,
        f"{len(missing)} input file(s) not here; upload each with PUT /api/v1/files/{{sha256}}, then repeat "
        "the request",
    )
