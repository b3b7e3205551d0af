"""The questions on paper: as YAML to fill in, and as Markdown to send to the site."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from hosted_ce.site_init.question import Question
from hosted_ce.site_init.questions import SECTIONS

_WIDTH = 106
_HEAD = (
    "Answers for `hosted-ce site init --answers FILE`. Write each answer behind its colon.",
    "`unknown`: not known yet. `none`: there is none. What is left empty is asked, or as by default.",
    "A list is written as [first, second].",
)
_INTRODUCTION = """\
# OSPool integration: what we would like to know

Answers in plain words are fine, and so is "not known yet". What does not fit your cluster needs no answer."""


def yaml_questionnaire() -> str:
    """All questions, with explanations; without answers it says nothing."""
    lines = [f"# {line}" for line in _HEAD]
    for section, questions in SECTIONS.items():
        lines += ["", "#", f"# {section}", "#"]
        for question in questions:
            lines += ["", *_explained(question), f"{question.id}:"]
    return "\n".join(lines) + "\n"


def _explained(question: Question) -> Iterator[str]:
    words = [f"{question.title}. {question.why}"]
    words += [f"  {answer}: {meaning}" for answer, meaning in question.choices.items()]
    words += [] if question.choices else [f"Example: {question.example}"]
    for text in words:
        yield from textwrap.wrap(
            text, _WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False
        )


def markdown_questionnaire() -> str:
    """What only the site can answer."""
    parts, number = [_INTRODUCTION], 0
    for section, questions in SECTIONS.items():
        theirs = [question for question in questions if question.owner == "the site"]
        parts += [f"## {section}"] if theirs else []
        for question in theirs:
            number += 1
            parts.append(_on_paper(question, number))
    return "\n\n".join(parts) + "\n"


def _on_paper(question: Question, number: int) -> str:
    choices = "\n".join(f"- [ ] {answer}: {meaning}" for answer, meaning in question.choices.items())
    answer = choices or f"For example `{question.example}`.\n\nAnswer:"
    why = textwrap.fill(question.why, _WIDTH, break_on_hyphens=False, break_long_words=False)
    return f"### {number}. {question.title}\n\n{why}\n\n{answer}"
