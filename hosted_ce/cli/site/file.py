"""`hosted-ce site reload` and `hosted-ce site diff`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hosted_ce.cli.errors import Misuse, NoRunningCe, SiteFileRefused
from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import note, print_json
from hosted_ce.cli.words import spelled

BAD = 4
"""Exit code of --check for a file that one should not put in force."""
_MOST = 2


def reload(
    *,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Have a running CE read its site file again, now.

    It does so by itself a few seconds after a change, and on SIGHUP. A file that it refuses is told with the
    reasons, and exit code 1; what was in force stays in force.
    """
    from hosted_ce.cli.client import connect

    with connect(state_dir, url, token_file) as client:
        found = client.act("/site/reload", {})
    if json:
        print_json(found)
        return
    for line in [*(each["words"] for each in found["changes"]), *found["to_do"]]:
        typer.echo(spelled(line))
    note("the site file is in force" if found["outcome"] == "loaded" else "nothing has changed")


def diff(
    *,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="[OLD] NEW", help="Two site files; one: it and what the CE has in force."),
    ],
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help=f"Exit code {BAD} if waiting pilots would lose their routes, or the CE would refuse NEW.",
        ),
    ] = False,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Show what differs between two site files, and what would change for the pilots that wait.

    A running CE is asked about its pilots, and changes nothing. Without one only the files are compared. The
    exit code is 0 whether they differ or not.
    """
    from hosted_ce.cli.site.diff import is_bad, lines_of

    if len(files) > _MOST:
        raise Misuse("name one or two site files")
    texts = [_text(file) for file in files]
    found = _from_ce(texts, (state_dir, url, token_file)) or _from_files(files, texts)
    if json:
        print_json(found)
    else:
        for line in lines_of(found):
            typer.echo(spelled(line))
    if check and is_bad(found):
        raise typer.Exit(BAD)


def _from_ce(texts: list[str], where: tuple[StateFolder, Url, TokenFile]) -> dict[str, Any] | None:
    """What the CE says; None: there is none, and none is needed."""
    from hosted_ce.cli.client import connect

    old = texts[0] if len(texts) == _MOST else None
    try:
        with connect(*where) as client:
            return client.ask("/site/compare", {"old": old, "new": texts[-1]})
    except NoRunningCe as error:
        if old is None or where[1] is not None:
            raise
        note(f"only the files are compared: {error}")
        return None


def _from_files(files: list[Path], texts: list[str]) -> dict[str, Any]:
    from hosted_ce.routing.compile import check_expression
    from hosted_ce.site.change_words import as_record
    from hosted_ce.site.changes import differences
    from hosted_ce.site.source import check_text

    old, new = (
        check_text(text, file, check_expression=check_expression).site
        for file, text in zip(files, texts, strict=True)
    )
    changes = [as_record(each) for each in differences(old, new)]
    return {
        "same": not changes, "changes": changes, "waiting": None, "shifts": [], "obstacles": [], "to_do": [],
    }  # fmt: skip


def _text(file: Path) -> str:
    """The file's text, if it is a site file. Raises SiteFileRefused."""
    from hosted_ce.cli.site.problems import problem_line
    from hosted_ce.routing.compile import check_expression
    from hosted_ce.site import Problem, SiteFileError
    from hosted_ce.site.load import read_text
    from hosted_ce.site.source import check_text

    text = read_text(file)
    if isinstance(text, Problem):
        raise SiteFileRefused([problem_line(file, text)])
    try:
        check_text(text, file, check_expression=check_expression)
    except SiteFileError as error:
        raise SiteFileRefused([problem_line(file, problem) for problem in error.problems]) from error
    return text
