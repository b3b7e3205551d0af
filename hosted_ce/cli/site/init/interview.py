"""Asks what is not answered yet, question by question."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hosted_ce.cli.site.init.person import Person
from hosted_ce.site.errors import BadValue
from hosted_ce.site_init.kinds import read_answer
from hosted_ce.site_init.question import Answers, Question, Value
from hosted_ce.site_init.questions import SECTIONS
from hosted_ce.site_init.standing import conflict, next_question, outlook

Keep = Callable[[str, Value], None]
"""Writes an answer down, by its question's id; what it is from now on is in the answers that were given."""


def interview(answers: Answers, person: Person, keep: Keep, *, before: Answers) -> None:
    """Asks until all is answered. Each answer is kept at once; `before` has those that were taken back.

    `answers` must show what was kept.
    """
    section = ""
    while question := next_question(answers):
        if section != (section := _section_of(question)):
            person.tell("")
            person.tell(section.upper(), strong=True)
        keep(question.id, _answer(question, answers, person, before))


def take_defaults(answers: Answers, keep: Keep) -> None:
    """Takes the default of each question that has one, and asks nothing. Stops before one that has none."""
    while (question := next_question(answers)) and question.id not in answers:
        if (default := question.default(answers)) is None:
            return
        keep(question.id, read_answer(question, default))


def _section_of(question: Question) -> str:
    return next(name for name, questions in SECTIONS.items() if question in questions)


def _answer(question: Question, answers: Answers, person: Person, before: Mapping[str, Value]) -> Value:
    _introduce(question, answers, person)
    earlier = before.get(question.id, answers.get(question.id))
    default = question.default(answers) if earlier is None else spelled_answer(earlier)
    while True:
        try:
            value = read_answer(question, person.ask(question.id, default))
            if fault := conflict(question.id, {**answers, question.id: value}):
                raise fault
        except BadValue as fault:
            person.tell(str(fault), mark="  ! ")
        else:
            return value


def _introduce(question: Question, answers: Answers, person: Person) -> None:
    questions = outlook(answers)
    person.tell("")
    person.tell(f"{questions.index(question) + 1}/{len(questions)}  {question.title}", strong=True)
    person.tell(question.why, mark="  ")
    for answer, meaning in question.choices.items():
        person.tell(meaning, mark=f"    {answer:<9} ")
    if not question.choices:
        person.tell(f"Example: {question.example}", mark="  ")
    if question.unknown:
        person.tell("Type unknown if you do not know yet.", mark="  ")
    if question.id in answers and (fault := conflict(question.id, answers)):
        person.tell(f"{spelled_answer(answers[question.id])} was answered, but {fault}", mark="  ! ")


def spelled_answer(value: Value) -> str:
    """An answer as one would type it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(value)
        case _:
            return str(value)
