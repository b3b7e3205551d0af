"""Answers in YAML: reading them, with the line of every problem, and writing them."""

from __future__ import annotations

import difflib

import yaml

from hosted_ce.site.errors import BadValue, Problem, quote
from hosted_ce.site.positions import Document, Finding, parse_yaml
from hosted_ce.site.render import Remarks, render
from hosted_ce.site.syntax import explain_syntax
from hosted_ce.site_init.kinds import read_answer
from hosted_ce.site_init.question import Answers, Value
from hosted_ce.site_init.questions import BY_ID

_HEAD = (
    "What was answered to `hosted-ce site init`, which goes on from here. Change them here, or by --again.",
    "`unknown`: not known yet. `none`: there is none.",
)


def read_answers(text: str) -> tuple[dict[str, Value], list[Problem]]:
    """The answers in a YAML text, and what is wrong with it. Questions without an answer are no problem."""
    try:
        document = parse_yaml(text)
    except (yaml.MarkedYAMLError, yaml.reader.ReaderError) as error:
        return {}, list(explain_syntax(error, text))
    if document.data is None:
        return {}, []
    if not isinstance(document.data, dict):
        finding = Finding((), "the file does not begin with a question", "write answers as question: answer")
        return {}, [document.place(finding)]
    answers: dict[str, Value] = {}
    problems = [each for each in document.problems if document.data.get(each.path, "") is not None]
    for name, written in document.data.items():
        if written is None:
            continue
        try:
            answers[name] = read_named(name, written)
        except BadValue as fault:
            problems.append(_placed(document, name, fault))
    return answers, problems


def read_named(name: str, written: object) -> Value:
    """An answer to the question of this name. Raises BadValue, also where there is no such question."""
    if name not in BY_ID:
        raise no_such_question(name)
    return read_answer(BY_ID[name], written)


def no_such_question(name: str) -> BadValue:
    """Says which was meant, or where they are listed."""
    close = difflib.get_close_matches(name, BY_ID, n=1)
    hint = f"did you mean {close[0]}?" if close else "`hosted-ce site init --questionnaire` lists them"
    return BadValue(f"there is no question {quote(name)}", hint)


def answers_text(answers: Answers) -> str:
    """The answers in the order of the questions, as YAML that `read_answers` reads as the same.

    Those that mean nothing beside others are kept: the others may be changed back.
    """
    ordered = {name: answers[name] for name in BY_ID if name in answers}
    remarks = Remarks(beside={(name,): BY_ID[name].title for name in ordered})
    return render(ordered, remarks, _HEAD)


def _placed(document: Document, name: str, fault: BadValue) -> Problem:
    return document.place(Finding((name,), fault.message, fault.hint, at_key=name not in BY_ID))
