"""The templates, and how values are shown in them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from hosted_ce.api.middleware.headers import HEADERS_OF_PAGES
from hosted_ce.api.pages.assets import address
from hosted_ce.api.pages.words import HOLD_CAUSES, TURNS, actor_words, duration, event_words, person
from hosted_ce.api.times import rfc3339

CODE, STRONG = re.compile(r"`([^`]+)`"), re.compile(r"\*\*([^*]+)\*\*")
_TEMPLATES = {
    file.name: (file.read_text(encoding="utf-8"), str(file), None)
    for file in resources.files("hosted_ce.api").joinpath("templates").iterdir()
    if file.name.endswith(".html")
}
"""As of when this was imported: what fills them is, however the package was upgraded meanwhile."""
MINUTE, HOUR, DAY = 60, 3600, 86400
STEPS = ((2 * DAY, DAY, "d"), (2 * HOUR, HOUR, "h"), (2 * MINUTE, MINUTE, "min"), (0, 1, "s"))


def clock(seconds: float) -> str:
    """A time for people, in UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def span(seconds: float) -> str:
    """A length of time in its largest sensible unit: 95 s, 15 min, 30 h, 3 d."""
    whole = max(0, int(seconds))
    return next(f"{whole // unit} {name}" for least, unit, name in STEPS if whole >= least)


def prose(text: str) -> list[tuple[str, str]]:
    """A text in paragraphs and fenced blocks of code: ("text" or "code", content)."""
    parts: list[tuple[str, str]] = []
    for number, block in enumerate(text.split("```")):
        if number % 2:
            parts.append(("code", block.strip("\n")))
        else:
            parts += [("text", each.strip()) for each in block.split("\n\n") if each.strip()]
    return parts


def inline(text: str) -> Markup:
    """A paragraph with its `code` and **strong** words marked, everything else escaped."""
    marked = CODE.sub(r"<code>\1</code>", str(escape(text)))
    return Markup(STRONG.sub(r"<strong>\1</strong>", marked))  # noqa: S704  escaped in the line before


def example(value: object) -> str:
    """An example of JSON, for people."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_TEMPLATES.get),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(hold_causes=HOLD_CAUSES, turns=TURNS, asset=address)
    environment.filters.update(
        clock=clock,
        span=span,
        example=example,
        inline=inline,
        prose=prose,
        duration=duration,
        rfc3339=rfc3339,
        event_words=event_words,
        actor_words=actor_words,
        person=person,
    )
    return environment


ENVIRONMENT = _environment()


def page(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """The response with this template, filled with `values`, all of them escaped."""
    text = ENVIRONMENT.get_template(template).render(values)
    return HTMLResponse(text, status, HEADERS_OF_PAGES)
