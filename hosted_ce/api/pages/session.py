"""The pages of the live session: how it stands, for both sides; forms for operators."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Path, Query, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hosted_ce.access.roles import Role
from hosted_ce.api.bodies.forms import read_form
from hosted_ce.api.callers.access import OperatorForm, ViewerPage
from hosted_ce.api.callers.caller import Caller
from hosted_ce.api.callers.identity import still_good
from hosted_ce.api.cursor import MAX_ID
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.pages.templates import page
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.problem import Problem
from hosted_ce.api.services import Services
from hosted_ce.api.sessions.forms import key_in, partner_in, remark_in
from hosted_ce.api.sessions.minutes import Form, minutes_in
from hosted_ce.api.sessions.problems import told
from hosted_ce.api.streams.bell import Room
from hosted_ce.api.streams.events import StreamResponse
from hosted_ce.api.streams.ring import rings
from hosted_ce.mailable import as_fragment
from hosted_ce.session.board import Board
from hosted_ce.session.log import Said
from hosted_ce.session.minutes.markdown import minutes
from hosted_ce.session.minutes.words import length

MOST = 50
REST_S = 1.0
HOME = "/session"
ENDINGS = {Form.MARKDOWN: "md", Form.HTML: "html", Form.TEXT: "txt"}
router = APIRouter(include_in_schema=False)
Number = Annotated[int, Path(ge=1, le=MAX_ID)]


@dataclass(frozen=True, slots=True)
class Clock:
    """How long a session has gone on, of what was planned."""

    elapsed: str
    planned: str
    minutes: int
    over: bool


@router.get(HOME)
async def session(
    services: ServicesDep, caller: ViewerPage, refresh: Annotated[bool, Query()] = True
) -> HTMLResponse:
    """The session that is open; without one, those of before."""
    latest = await services.sessions.latest(MOST)
    if latest and latest[0].ended_at is None:
        return _shown(services, caller, await services.sessions.board(latest[0].id), refresh=refresh)
    return page(
        "sessions.html", version=services.version, site=services.site(), now=services.now(), sessions=latest,
        operator=caller.role.covers(Role.OPERATOR), key=uuid4().hex,
    )  # fmt: skip


@router.get(f"{HOME}/live")
async def session_live(services: ServicesDep, caller: ViewerPage) -> Response:
    """Says `changed` after each change of a session, a run of checks, or a pilot."""
    if services.bell.full(Room.PAGES):
        detail = f"{Room.PAGES.value} pages are followed, as many as there may be; this one looks by itself"
        raise Problem(kinds.TOO_MANY_STREAMS, detail)
    pace = replace(services.pace, pause=REST_S)
    with ExitStack() as place:
        heard = place.enter_context(services.bell.ear(Room.PAGES))
        frames = rings(services.bell, heard, pace, lambda: still_good(services, caller))
        return StreamResponse(frames, pace.stall, place.pop_all())


@router.get(f"{HOME}/{{number}}")
async def one_session(
    services: ServicesDep, caller: ViewerPage, number: Number, refresh: Annotated[bool, Query()] = True
) -> HTMLResponse:
    """One of them, also after its end."""
    with told():
        board = await services.sessions.board(number)
    return _shown(services, caller, board, refresh=refresh)


@router.get(f"{HOME}/{{number}}/minutes")
async def session_minutes(
    services: ServicesDep, _: ViewerPage, number: Number,
    form: Annotated[Form | None, Query(alias="format")] = None,
) -> Response:  # fmt: skip
    """Its minutes, to read; or in a form, to keep."""
    with told():
        board = await services.sessions.board(number)
    if form is not None:
        name = f"session-{number}-minutes.{ENDINGS[form]}"
        response = minutes_in(form, board, services.public_url)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    text = as_fragment(minutes(board, services.public_url))
    return page(
        "session_minutes.html", version=services.version, board=board, number=number,
        text=Markup(text),  # noqa: S704 - the writer of it takes nothing for HTML
    )  # fmt: skip


@router.post(f"{HOME}/begin")
async def begin(request: Request, services: ServicesDep, caller: OperatorForm) -> Response:
    """Begins one."""
    fields = await read_form(request)
    with told():
        await services.sessions.begin(partner_in(fields), actor=caller.actor, key=key_in(fields))
    return _back(HOME)


@router.post(f"{HOME}/{{number}}/say")
async def say(request: Request, services: ServicesDep, caller: OperatorForm, number: Number) -> Response:
    """Takes what a form says."""
    fields = await read_form(request)
    with told():
        await services.sessions.say(remark_in(fields), number=number, actor=caller.actor, key=key_in(fields))
    return _back(_place(number, fields))


@router.post(f"{HOME}/{{number}}/run")
async def run(request: Request, services: ServicesDep, caller: OperatorForm, number: Number) -> Response:
    """Starts what an item is about."""
    fields = await read_form(request)
    with told():
        await services.sessions.run(
            fields.get("item") or None, number=number, actor=caller.actor, key=key_in(fields)
        )
    return _back(_place(number, fields))


@router.post(f"{HOME}/{{number}}/end")
async def end(request: Request, services: ServicesDep, caller: OperatorForm, number: Number) -> Response:
    """Ends it."""
    await read_form(request)
    with told():
        await services.sessions.end(number=number, actor=caller.actor)
    return _back(f"{HOME}/{number}")


def _shown(services: Services, caller: Caller, board: Board, *, refresh: bool) -> HTMLResponse:
    going = board.session.ended_at is None
    said = {kind.value: [entry for entry in board.entries if entry.said is kind] for kind in Said}
    return page(
        "session.html", version=services.version, site=services.site(), now=services.now(), board=board,
        clock=_clock(board), said=said, key=uuid4().hex, refresh=refresh and going, going=going,
        acts=going and caller.role.covers(Role.OPERATOR),
        here=f"{HOME}/{board.session.id}",
    )  # fmt: skip


def _clock(board: Board) -> Clock:
    minutes = round(board.elapsed_s / 60)
    planned = length(60 * board.minutes)
    return Clock(length(board.elapsed_s), planned, min(minutes, board.minutes), minutes > board.minutes)


def _place(number: int, fields: Mapping[str, str]) -> str:
    """Back to where the form was."""
    item = fields.get("item", "")
    return f"{HOME}/{number}" + (f"#item-{item}" if item.replace("-", "").isalnum() else "")


def _back(where: str) -> Response:
    return RedirectResponse(where, HTTPStatus.SEE_OTHER)
