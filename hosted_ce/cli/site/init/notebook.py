"""`answers.yaml`: what was answered so far, on disk after each answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hosted_ce.cli.errors import Misuse
from hosted_ce.cli.whole_files import write_whole
from hosted_ce.site.errors import BadValue
from hosted_ce.site_init.question import Value
from hosted_ce.site_init.reading import answers_text, read_answers, read_named

NAME = "answers.yaml"


class Notebook:
    """The answers for one folder."""

    def __init__(self, folder: Path) -> None:
        """Reads those of an earlier run. Raises Misuse where they cannot be read."""
        self.path = folder / NAME
        self.answers: dict[str, Value] = read_file(self.path) if self.path.exists() else {}
        self.before: dict[str, Value] = {}
        """Answers that were taken back, to be asked anew."""

    def keep(self, question: str, value: Value) -> None:
        """Writes an answer down."""
        self.answers[question] = value
        self.save()

    def save(self) -> None:
        """Writes all of them down, and those that were taken back until they are given anew."""
        write_whole({self.path: answers_text(self.before | self.answers)}, force=True)

    def take_back(self, question: str) -> None:
        """Has a question asked anew."""
        if question in self.answers:
            self.before[question] = self.answers.pop(question)


def read_file(path: Path) -> dict[str, Value]:
    """The answers in a file. Raises Misuse with every problem and its line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Misuse(f"{path} is not UTF-8", "save it with UTF-8 encoding") from error
    except OSError as error:
        raise Misuse(f"{path} cannot be read: {error.strerror}") from error
    answers, problems = read_answers(text)
    if problems:
        raise Misuse(f"{path} has answers that cannot be used", *(each.describe(path) for each in problems))
    return answers


def read_options(given: Mapping[str, str | None]) -> dict[str, Value]:
    """The answers on the command line. Raises Misuse with every one that cannot be."""
    answers: dict[str, Value] = {}
    problems = []
    for name, written in given.items():
        try:
            if written is not None:
                answers[name] = read_named(name, written)
        except BadValue as fault:
            problems.append(f"--{name.replace('_', '-')}: {fault}")
    if problems:
        raise Misuse("an answer on the command line cannot be used", *problems)
    return answers
