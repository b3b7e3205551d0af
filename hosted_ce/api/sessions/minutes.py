"""Minutes as answers, in the forms in which they are wanted."""

from __future__ import annotations

from enum import StrEnum

from starlette.responses import Response

from hosted_ce.mailable import as_html, as_text
from hosted_ce.session.board import Board
from hosted_ce.session.minutes.markdown import minutes, title


class Form(StrEnum):
    """A form of minutes that is a text."""

    MARKDOWN = "markdown"
    HTML = "html"
    """A page that needs nothing beside it, to mail."""
    TEXT = "text"


MEDIA = {Form.MARKDOWN: "text/markdown", Form.HTML: "text/html", Form.TEXT: "text/plain"}


def minutes_in(form: Form, board: Board, public_url: str) -> Response:
    """The minutes in this form."""
    text = minutes(board, public_url)
    match form:
        case Form.HTML:
            text = as_html(text, title(board))
        case Form.TEXT:
            text = as_text(text)
        case Form.MARKDOWN:
            pass
    return Response(text, media_type=MEDIA[form])
