"""A digest as text, Markdown and HTML. The same sentences in each."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from textwrap import wrap

from hosted_ce.digest.facts import DigestFacts
from hosted_ce.digest.sections import Section, moment, sections
from hosted_ce.verification.markdown import ONLY_PILOTS, escaped

WIDTH = 78


@dataclass(frozen=True, slots=True)
class Digest:
    """What is to be shown."""

    title: str
    span: str
    sections: Sequence[Section]


class Form(StrEnum):
    """How it is written; the values are names of files' ends."""

    TEXT = "txt"
    MARKDOWN = "md"
    HTML = "html"


def digest(facts: DigestFacts) -> Digest:
    """Of these facts."""
    span = f"{moment(facts.since)} to {moment(facts.until)}"
    return Digest(f"{facts.resource} at {facts.site}", span, sections(facts))


def written(of: Digest, form: Form) -> str:
    """In this form."""
    return _FORMS[form](of)


def _text(of: Digest) -> str:
    lines = [one_line(of.title), of.span, "", ONLY_PILOTS]
    for section in of.sections:
        lines += ["", section.title.upper()]
        for line in section.lines or (section.empty,):
            lines += wrap(one_line(line), WIDTH, initial_indent="- ", subsequent_indent="  ")
    return "\n".join(lines) + "\n"


def _markdown(of: Digest) -> str:
    lines = [f"# {escaped(of.title)}", "", f"{of.span}. {ONLY_PILOTS}"]
    for section in of.sections:
        lines += ["", f"## {section.title}", ""]
        lines += [f"- {escaped(line)}" for line in section.lines] or [section.empty]
    return "\n".join(lines) + "\n"


def _html(of: Digest) -> str:
    """A page of its own: mail programs show no style sheets."""
    title = html.escape(of.title)
    parts = [
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body>',
        f"<h1>{title}</h1>", f"<p>{of.span}. {ONLY_PILOTS}</p>",
    ]  # fmt: skip
    for section in of.sections:
        parts.append(f"<h2>{section.title}</h2>")
        items = "".join(f"<li>{html.escape(one_line(line))}</li>" for line in section.lines)
        parts.append(f"<ul>{items}</ul>" if items else f"<p>{section.empty}</p>")
    return "\n".join([*parts, "</body></html>"]) + "\n"


def one_line(text: str) -> str:
    """What a site printed, without its line breaks and control characters."""
    return "".join(sign if sign.isprintable() else " " for sign in " ".join(text.split()))


_FORMS: dict[Form, Callable[[Digest], str]] = {
    Form.TEXT: _text, Form.MARKDOWN: _markdown, Form.HTML: _html,
}  # fmt: skip
