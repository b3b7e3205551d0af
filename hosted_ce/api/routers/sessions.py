"""The live integration session."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ValidationError

from hosted_ce.api.bodies import strict_json
from hosted_ce.api.bodies.reading import BodyTooLarge, check_json_type, read_body, size_words
from hosted_ce.api.bodies.validation import field_errors
from hosted_ce.api.callers.access import Operator, Viewer
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.openapi import body_of
from hosted_ce.api.parameters import Duration, idempotency_key
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.problem import FieldError, Problem, invalid
from hosted_ce.api.schemas.sessions import (
    LinkOut,
    RemarkRequest,
    SessionEntryOut,
    SessionHead,
    SessionOut,
    SessionRequest,
    SessionsOut,
    session_out,
)
from hosted_ce.api.sessions.links import DEFAULT, LONGEST_S, site_link
from hosted_ce.api.sessions.minutes import MEDIA, Form, minutes_in
from hosted_ce.api.sessions.problems import CHANGED, TOLD, told
from hosted_ce.site import parse_duration

MAX_BODY = 32 * 1024
CURRENT, LATEST = "current", "latest"
Model = TypeVar("Model", bound=BaseModel)
router = APIRouter(prefix="/api/v1/sessions", tags=["sessions"])
Which = Annotated[
    str,
    Path(
        pattern=r"^(current|latest|[1-9][0-9]{0,17})$",
        description="Its number; `current`: the one that is open; `latest`: the newest.",
        examples=[CURRENT],
    ),
]  # fmt: skip
Key = Annotated[str | None, Depends(idempotency_key)]
MINUTES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The minutes.",
        "content": {media: {"schema": {"type": "string"}} for media in MEDIA.values()},
    },
    **guarded_problems(*TOLD),
}
BODY = (kinds.MALFORMED_JSON, kinds.REQUEST_TOO_LARGE, kinds.UNSUPPORTED_MEDIA_TYPE)


async def session_number(services: ServicesDep, which: Which) -> int | None:
    """The session's number; None: the one that is open. Raises Problem."""
    if which != LATEST:
        return None if which == CURRENT else int(which)
    newest = await services.sessions.latest(1)
    if not newest:
        raise Problem(kinds.NO_SUCH_SESSION, "there was no session yet; see hosted-ce session begin")
    return newest[0].id


Number = Annotated[int | None, Depends(session_number)]


@router.get("", responses=guarded_problems(kinds.INVALID_REQUEST))
async def list_sessions(
    services: ServicesDep, _: Viewer, limit: Annotated[int, Query(ge=1, le=1000)] = 50
) -> SessionsOut:
    """Sessions in short, the newest first."""
    found = await services.sessions.latest(limit)
    return SessionsOut(sessions=[SessionHead.model_validate(each) for each in found])


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    openapi_extra=body_of(SessionRequest),
    responses=guarded_problems(*BODY, kinds.SESSION_OPEN, kinds.INVALID_REQUEST, kinds.SHUTTING_DOWN),
)
async def begin_session(request: Request, services: ServicesDep, caller: Operator, key: Key) -> SessionHead:
    """Begins a session; there is one at a time. The same Idempotency-Key gives the same session."""
    asked = await _asked(request, SessionRequest)
    with told():
        begun = await services.sessions.begin(asked.partner, actor=caller.actor, key=key)
    return SessionHead.model_validate(begun)


@router.get("/{which}", responses=guarded_problems(*TOLD))
async def get_session(services: ServicesDep, _: Viewer, number: Number) -> SessionOut:
    """How the session stands: its checklist, what is seen of each item, what was said, what is left to do."""
    with told():
        return session_out(await services.sessions.board(number))


@router.get("/{which}/minutes", response_class=Response, responses=MINUTES)
async def get_minutes(
    services: ServicesDep, _: Viewer, number: Number,
    form: Annotated[Form, Query(alias="format", description="How they are written.")] = Form.MARKDOWN,
) -> Response:  # fmt: skip
    """The minutes: who, when, decisions, open items, what was run and found, notes, and what comes next.

    Written from what GET /api/v1/sessions/{which} gives; once it has ended, they are the same each time.
    """
    with told():
        return minutes_in(form, await services.sessions.board(number), services.public_url)


@router.post(
    "/{which}/entries",
    status_code=HTTPStatus.CREATED,
    openapi_extra=body_of(RemarkRequest),
    responses=guarded_problems(*BODY, kinds.CANNOT_SAY, *CHANGED),
)
async def say_in_session(
    request: Request, services: ServicesDep, caller: Operator, number: Number, key: Key
) -> SessionEntryOut:
    """Says that an item is done or left out, or writes down a note, a decision, or what is left to do.

    The same Idempotency-Key gives the same entry.
    """
    remark = (await _asked(request, RemarkRequest)).remark()
    with told():
        entry = await services.sessions.say(remark, number=number, actor=caller.actor, key=key)
    return SessionEntryOut.model_validate(entry)


@router.post("/{which}/run", responses=guarded_problems(kinds.CANNOT_SAY, kinds.CANNOT_RUN, *CHANGED))
async def run_in_session(
    services: ServicesDep, caller: Operator, number: Number, key: Key,
    item: Annotated[str | None, Query(max_length=32, description="The item's id; none: the next.")] = None,
) -> SessionEntryOut:  # fmt: skip
    """Starts what the item is about. What comes of it is seen at the item, if the entry does not say it."""
    with told():
        entry = await services.sessions.run(item, number=number, actor=caller.actor, key=key)
    return SessionEntryOut.model_validate(entry)


@router.post("/{which}/link", responses=guarded_problems(*TOLD, kinds.SHUTTING_DOWN))
async def link_to_session(
    services: ServicesDep, caller: Operator, number: Number,
    lasting: Annotated[Duration, Query(alias="for", description="For how long, 14d at most.")] = DEFAULT,
) -> LinkOut:  # fmt: skip
    """Makes a link by which the site looks on and changes nothing. It ends the one of before."""
    seconds = float(parse_duration(lasting))
    if not 0 < seconds <= LONGEST_S:
        wrong = FieldError(path="query.for", message="give more than nothing, and 14d at most")
        raise invalid(kinds.INVALID_REQUEST, [wrong])
    with told():
        return await site_link(services, number, seconds, caller.actor)


@router.post("/{which}/end", responses=guarded_problems(*TOLD, kinds.SHUTTING_DOWN))
async def end_session(services: ServicesDep, caller: Operator, number: Number) -> SessionOut:
    """Ends the session. From now on it stays as it is; ending it again changes nothing."""
    with told():
        return session_out(await services.sessions.end(number=number, actor=caller.actor))


async def _asked(request: Request, model: type[Model]) -> Model:
    """The body. Raises Problem."""
    check_json_type(request)
    try:
        return model.model_validate(strict_json.parse(await read_body(request, MAX_BODY)))
    except BodyTooLarge as error:
        detail = f"the body {size_words(error.size)} is above the limit of {MAX_BODY}"
        raise Problem(kinds.REQUEST_TOO_LARGE, detail) from error
    except strict_json.BadJson as error:
        raise Problem(kinds.MALFORMED_JSON, str(error)) from error
    except ValidationError as error:
        found: list[Any] = error.errors(include_url=False)
        raise invalid(kinds.INVALID_REQUEST, field_errors(found)) from error
