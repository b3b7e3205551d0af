"""Tokens: made, listed, revoked."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import ValidationError

from hosted_ce.access.book import NameTaken, NoSuchToken
from hosted_ce.api.bodies import strict_json
from hosted_ce.api.bodies.reading import BodyTooLarge, check_json_type, read_body, size_words
from hosted_ce.api.bodies.validation import field_errors
from hosted_ce.api.callers.access import Admin
from hosted_ce.api.cursor import MAX_ID
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.openapi import body_of
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.problem import Problem, invalid
from hosted_ce.api.schemas.tokens import (
    TokenMade,
    TokenOut,
    TokenRequest,
    TokensOut,
    link_of,
    token_made,
    token_out,
)
from hosted_ce.site import parse_duration

MAX_BODY = 16 * 1024
router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"])
TokenId = Annotated[int, Path(ge=1, le=MAX_ID, description="The token's id.", examples=[3])]


@router.get("", responses=guarded_problems())
async def list_tokens(services: ServicesDep, _: Admin) -> TokensOut:
    """Every token but the one of the state folder: its name, role and times, never its secret."""
    now = services.now()
    return TokensOut(tokens=[token_out(token, now) for token in services.tokens.all()])


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    openapi_extra=body_of(TokenRequest),
    responses=guarded_problems(
        kinds.MALFORMED_JSON, kinds.NAME_TAKEN, kinds.REQUEST_TOO_LARGE, kinds.UNSUPPORTED_MEDIA_TYPE,
        kinds.INVALID_REQUEST, kinds.SHUTTING_DOWN,
    ),
)  # fmt: skip
async def create_token(request: Request, services: ServicesDep, caller: Admin) -> TokenMade:
    """Makes a token. This answer alone has its secret: the CE keeps only a checksum of it.

    Asking again is refused, since the name is taken. If the answer was lost, revoke the token and ask again.
    """
    check_json_type(request)
    asked = _asked(await _body(request))
    lasting_s = None if asked.expires is None else float(parse_duration(asked.expires))
    try:
        token, secret = await services.tokens.create(
            asked.name, asked.role, lasting_s=lasting_s, by=caller.actor, once=asked.once
        )
    except NameTaken as error:
        raise Problem(kinds.NAME_TAKEN, str(error)) from error
    return token_made(token, secret, services.now(), link_of(services.public_url, secret, asked.to))


@router.delete(
    "/{token_id}",
    responses=guarded_problems(kinds.NO_SUCH_TOKEN, kinds.INVALID_REQUEST, kinds.SHUTTING_DOWN),
)
async def revoke_token(services: ServicesDep, caller: Admin, token_id: TokenId) -> TokenOut:
    """Ends a token: the next request with it is refused. Asking again changes nothing."""
    try:
        token = await services.tokens.revoke(token_id, by=caller.actor)
    except NoSuchToken as error:
        raise Problem(kinds.NO_SUCH_TOKEN, str(error)) from error
    return token_out(token, services.now())


async def _body(request: Request) -> bytes:
    try:
        return await read_body(request, MAX_BODY)
    except BodyTooLarge as error:
        raise Problem(
            kinds.REQUEST_TOO_LARGE, f"the body {size_words(error.size)} is above the limit of {MAX_BODY}"
        ) from error


def _asked(body: bytes) -> TokenRequest:
    try:
        return TokenRequest.model_validate(strict_json.parse(body))
    except strict_json.BadJson as error:
        raise Problem(kinds.MALFORMED_JSON, str(error)) from error
    except ValidationError as error:
        raise invalid(kinds.INVALID_REQUEST, field_errors(error.errors(include_url=False))) from error
