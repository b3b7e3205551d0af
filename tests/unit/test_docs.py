"""Documentation and program say the same: links, files, errors, decisions, the batch script, commands."""

from __future__ import annotations

import inspect
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from bosco import errors
from bosco.batch.model import BatchRequest, InputFile
from bosco.batch.slurm import Slurm
from hosted_ce.api.kinds import CATALOGUE
from hosted_ce.cli.main import app

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ERRORS = DOCS / "operators" / "errors.md"
DECISIONS = DOCS / "decisions"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]

FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
HEADING = re.compile(r"^#{1,6} +(.+?)\s*$", re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
NAMED = re.compile(r"(?:bosco|hosted_ce|tests|routes|alembic|deploy)/[\w./-]*\w|(?:bosco|hosted_ce|tests)/")
TEST_NAME = re.compile(r"`(tests/[\w./-]+\.py)::(\w+)")
TRAP = re.compile(r"^\| ([A-Z]{2}\d+) \|(.*)\| (\w+) \|$", re.MULTILINE)
TRAP_ID = re.compile(r"(?:^|_)([A-Z]{2}\d+)(?=_|$)")
TEST = re.compile(r"def test_(\w+)")
COMMAND = re.compile(r"(?:^|[\s`(/])hosted-ce ((?:serve|demo|pilots|site|db)\b[^`\n|;&]*)", re.MULTILINE)


def example_script() -> str:
    """The batch script that the page for site administrators shows."""
    stamp = "hq3vz5xk2m7wdae"
    request = BatchRequest(
        stamp=stamp,
        executable="glidein_startup.sh",
        inputs=(InputFile("glidein_startup.sh", "0" * 64, executable=True),),
        walltime_s=72 * 3600,
        cpus=8,
        memory_mb=16 * 1024,
        arguments=("-v", "std", "-name", "gfactory instance"),
        environment={"OSG_WN_TMP": "/tmp"},
        queue="osg",
        account="osgproject",
        scratch="/tmp",
    )
    return Slurm().script(request, f"/home/osg01/hosted-ce/pilots/{stamp}").decode()


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _headings(page: Path) -> list[str]:
    return HEADING.findall(FENCE.sub("", _text(page)))


def _anchors(page: Path) -> set[str]:
    """As GitHub makes them: lower case, punctuation left out, hyphens for spaces, numbered when repeated."""
    anchors: set[str] = set()
    for heading in _headings(page):
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        number, unique = 0, anchor
        while unique in anchors:
            number += 1
            unique = f"{anchor}-{number}"
        anchors.add(unique)
    return anchors


def _links(page: Path) -> list[str]:
    """The relative links outside of code."""
    prose = CODE.sub("", FENCE.sub("", _text(page)))
    return [link for link in LINK.findall(prose) if not re.match(r"[a-z]+:", link)]


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in _links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_files_that_a_page_names_exist(page: Path) -> None:
    spans = [span.strip("`") for span in CODE.findall(FENCE.sub("", _text(page)))]
    named = [span.partition("::")[0] for span in spans if NAMED.fullmatch(span.partition("::")[0])]
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_tests_that_a_page_names_exist() -> None:
    named = [(page, *found) for page in PAGES for found in TEST_NAME.findall(_text(page))]
    absent = [
        f"{_name(page)}: {path}::{test}"
        for page, path, test in named
        if f"def {test}(" not in (ROOT / path).read_text(encoding="utf-8")
    ]
    assert absent == []


def test_every_error_class_is_explained() -> None:
    classes = [
        name
        for name, found in inspect.getmembers(errors, inspect.isclass)
        if issubclass(found, Exception) and found.__module__ == errors.__name__
    ]
    assert "Interrupted" in classes
    assert [name for name in classes if name not in _headings(ERRORS)] == []


def test_every_kind_of_api_problem_is_explained_under_its_anchor() -> None:
    anchors = _anchors(ERRORS)
    assert len(CATALOGUE) > 1
    assert [kind.type for kind in CATALOGUE if kind.type.partition("#")[2] not in anchors] == []


def test_every_decision_is_in_the_index_and_has_its_parts() -> None:
    records = sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))
    assert records
    assert sorted(link for link in _links(DECISIONS / "README.md") if link[0].isdigit()) == records
    assert len({name[:4] for name in records}) == len(records), "two have one number"
    for name in records:
        title, *parts = _headings(DECISIONS / name)
        assert title.startswith(name[:4])
        assert parts == ["Context", "Decision", "Consequences"], name


def test_the_batch_script_shown_to_site_administrators_is_the_real_one() -> None:
    assert f"```sh\n{example_script().rstrip()}\n```\n" in _text(DOCS / "site-administrators" / "README.md")


def _traps() -> list[tuple[str, str, str]]:
    """Id, text and state of each row."""
    return TRAP.findall(_text(DOCS / "developers" / "traps.md"))


def test_trap_list_is_whole() -> None:
    numbers = {"SS": 20, "SL": 26, "PB": 14, "HC": 6, "GE": 1, "EN": 10}
    wanted = [f"{group}{number}" for group, most in numbers.items() for number in range(1, most + 1)]
    assert [trap for trap, _, _ in _traps()] == wanted


def test_traps_that_are_called_tested_have_a_test() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    ids = {found for source in sources for name in TEST.findall(source) for found in TRAP_ID.findall(name)}
    untested = [
        trap for trap, text, state in _traps() if state == "tested" and trap not in ids and "::" not in text
    ]
    assert untested == []


def _commands() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for line in COMMAND.findall(_text(page).replace("\\\n", " ")):
            yield _name(page), line.strip()


def _fault(line: str) -> str | None:
    """What the command line would not take of this: an unknown command, or an unknown option."""
    words = shlex.split(line, comments=True)
    command: Any = typer.main.get_command(app)
    while words and (commands := getattr(command, "commands", None)) is not None:
        if words[0] not in commands:
            return f"no command {words[0]!r}"
        command, words = commands[words[0]], words[1:]
    own = words[: words.index("--")] if "--" in words else words
    known = {"--help"} | {option for parameter in command.params for option in parameter.opts}
    unknown = [word for word in own if word.startswith("--") and word.partition("=")[0] not in known]
    return f"no option {unknown[0]!r}" if unknown else None


def test_commands_that_pages_show_exist() -> None:
    shown = list(_commands())
    assert len(shown) > 20
    assert [(page, line, fault) for page, line in shown if (fault := _fault(line))] == []
