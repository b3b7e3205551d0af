"""`hosted-ce site init`: from a kickoff's answers to a site file, a key, and a letter to the site."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hosted_ce.cli.errors import Misuse
from hosted_ce.cli.printing import note
from hosted_ce.site_init.question import Answers, Question
from hosted_ce.site_init.questions import BY_ID, QUESTIONS

if TYPE_CHECKING:
    from hosted_ce.cli.site.init.notebook import Notebook

BROKEN_OFF = 130
"""Exit code of what Ctrl-C has ended, as shells have it."""


def _init(
    *,
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", file_okay=False, help="Where all is written."),
    ] = Path(),
    answers: Annotated[
        Path | None,
        typer.Option("--answers", metavar="FILE", dir_okay=False, help="Take answers from a questionnaire."),
    ] = None,
    yes: Annotated[
        bool,
        typer.Option("--yes", "-y", help="Ask nothing: take defaults; pin what the site told."),
    ] = False,
    again: Annotated[
        list[str] | None,
        typer.Option("--again", metavar="QUESTION", help="Ask this anew; repeatable."),
    ] = None,
    questionnaire: Annotated[
        bool,
        typer.Option("--questionnaire", help="Print an empty questionnaire for --answers."),
    ] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="With --questionnaire: as Markdown, to send to the site.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what came of it as JSON.")] = False,
    **given: str | None,
) -> None:
    """Prepare a new site: ask what the kickoff settles; write its site file, a key, and a letter to the site.

    Each answer is kept in answers.yaml at once: what was broken off goes on where it was. Each question is
    an option, too. The letter says what the site must do, as text, Markdown and HTML. Nothing that a person
    changed is written over, and no host key is trusted by itself.
    """
    if questionnaire:
        _print_questionnaire(markdown=markdown)
        return
    from hosted_ce.cli.site.init.notebook import Notebook, read_file, read_options

    _check_names(again or [])
    written = (read_file(answers) if answers else {}) | read_options(given)
    _make(folder)
    book = Notebook(folder)
    book.answers.update(written)
    for question in again or []:
        book.take_back(question)
    book.save()
    asks = sys.stdin.isatty() and not yes
    try:
        _complete(book, asks=asks, defaults=yes)
        _finish(folder, book.answers, asks=asks, json=json)
    except (typer.Abort, KeyboardInterrupt) as error:
        note(f"\nbroken off: what was answered is in {book.path}; the same command goes on from there")
        raise typer.Exit(BROKEN_OFF) from error


def _print_questionnaire(*, markdown: bool) -> None:
    from hosted_ce.site_init.questionnaire import markdown_questionnaire, yaml_questionnaire

    typer.echo(markdown_questionnaire() if markdown else yaml_questionnaire(), nl=False)


def _check_names(names: list[str]) -> None:
    from hosted_ce.site_init.reading import no_such_question

    for name in names:
        if name not in BY_ID:
            raise Misuse(f"--again: {no_such_question(name)}")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misuse(f"{folder} cannot be made: {error.strerror}; name one that you can write to") from error


def _complete(book: Notebook, *, asks: bool, defaults: bool) -> None:
    """Gets the answers that are missing, or says which are."""
    from hosted_ce.cli.site.init.interview import interview, take_defaults
    from hosted_ce.cli.site.init.person import Terminal
    from hosted_ce.site_init.standing import conflicts, missing

    if asks:
        if book.answers:
            note(f"{book.path} has {len(book.answers)} answers already; --again QUESTION asks one anew")
        interview(book.answers, Terminal(), book.keep, before=book.before)
    elif defaults:
        take_defaults(book.answers, book.keep)
    if faults := conflicts(book.answers):
        raise Misuse("answers contradict each other", *(f"{name}: {fault}" for name, fault in faults.items()))
    left = [each for each in missing(book.answers) if not (defaults and each.default(book.answers))]
    if left:
        lines = [_missing_line(question, book.answers) for question in left]
        advice = "give them as --QUESTION=ANSWER, by --answers, or at a terminal"
        raise Misuse(f"these questions have no answer; {advice}", *lines)


def _missing_line(question: Question, answers: Answers) -> str:
    default = question.default(answers)
    return f"{question.id}: {question.title}{f' (--yes takes {default})' if default else ''}"


def _finish(folder: Path, answers: Answers, *, asks: bool, json: bool) -> None:
    from hosted_ce.cli.site.init.outcome import no_ce, prepare, report
    from hosted_ce.cli.site.init.person import Terminal
    from hosted_ce.site_init.questions.names import CONTAINERS

    if answers["option"] == CONTAINERS:
        no_ce(folder.resolve(), json=json)
    else:
        report(prepare(folder.resolve(), answers, Terminal() if asks else None), json=json)


def _option(question: Question) -> inspect.Parameter:
    meaning = "; ".join(f"{answer}: {words}" for answer, words in question.choices.items())
    text = f"{question.title}{f' ({meaning})' if meaning else ''}."
    name = f"--{question.id.replace('_', '-')}"
    annotation = Annotated[str | None, typer.Option(name, metavar="ANSWER", help=text, show_default=False)]
    return inspect.Parameter(question.id, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _with_questions(command: Any) -> Any:
    """The command with an option for each question in the place of its `given`."""
    signature = inspect.signature(command, eval_str=True)
    own = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
    command.__signature__ = signature.replace(parameters=[*own, *map(_option, QUESTIONS)])
    return command


init = _with_questions(_init)
"""The command."""
