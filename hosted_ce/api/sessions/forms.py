"""What the forms of a session's page say, by the rules of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from hosted_ce.api.bodies.validation import field_errors
from hosted_ce.api.parameters import KEY, MAX_KEY
from hosted_ce.api.problems.kinds import INVALID_REQUEST
from hosted_ce.api.problems.problem import FieldError, invalid
from hosted_ce.api.schemas.sessions import RemarkRequest, SessionRequest
from hosted_ce.session.remark import Remark

_WORDS = ("said", "text", "item", "owner", "due")


def remark_in(fields: Mapping[str, str]) -> Remark:
    """What is said; fields that are left empty say nothing. Raises Problem."""
    given: dict[str, Any] = {name: fields[name] for name in _WORDS if fields.get(name, "").strip()}
    about = fields.get("about", "")
    if about:
        given["about"] = int(about) if about.isascii() and about.isdecimal() else about
    try:
        return RemarkRequest.model_validate(given).remark()
    except ValidationError as error:
        raise invalid(INVALID_REQUEST, field_errors(error.errors(include_url=False))) from error


def partner_in(fields: Mapping[str, str]) -> str:
    """With whom a session begins. Raises Problem."""
    try:
        return SessionRequest.model_validate({"partner": fields.get("partner", "")}).partner
    except ValidationError as error:
        raise invalid(INVALID_REQUEST, field_errors(error.errors(include_url=False))) from error


def key_in(fields: Mapping[str, str]) -> str | None:
    """What tells a form that is sent twice from two of them. Raises Problem."""
    key = fields.get("key", "")
    if key and not (KEY.match(key) and len(key) <= MAX_KEY):
        raise invalid(INVALID_REQUEST, [FieldError(path="key", message="is none of our pages'")])
    return key or None
