"""What a form of our pages sends. Endpoints read it after they know who asks."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import Request

from hosted_ce.api.bodies.reading import BodyTooLarge, read_body, size_words
from hosted_ce.api.problems.kinds import INVALID_REQUEST, REQUEST_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE
from hosted_ce.api.problems.problem import FieldError, Problem, invalid

FORM_TYPE = "application/x-www-form-urlencoded"
LARGEST, MOST_FIELDS = 64 * 1024, 100
"""Bytes and fields of a form."""


async def read_form(request: Request) -> Mapping[str, str]:
    """The form's fields, each given once. Raises Problem for another type or a body too large."""
    given = request.headers.get("content-type", "")
    if given.split(";")[0].strip().lower() != FORM_TYPE:
        raise Problem(UNSUPPORTED_MEDIA_TYPE, f"the body is {given[:80] or 'of no type'}; send {FORM_TYPE}")
    try:
        body = await read_body(request, LARGEST)
    except BodyTooLarge as error:
        detail = f"the form {size_words(error.size)} is above the limit of {LARGEST}"
        raise Problem(REQUEST_TOO_LARGE, detail) from error
    return fields_of(body)


def fields_of(body: bytes) -> Mapping[str, str]:
    """The fields that a body spells. Raises Problem."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError as error:  # no ASCII, no UTF-8, or too many fields
        raise _wrong(f"is not a form in UTF-8 of {MOST_FIELDS} fields at most") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _wrong("has a field twice")
    return fields


def _wrong(what: str) -> Problem:
    return invalid(INVALID_REQUEST, [FieldError(path="", message=what)], f"the body {what}")
