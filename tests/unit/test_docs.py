"""Documentation and program say the same: links, files, errors, decisions, the batch script, commands."""

from __future__ import annotations

import inspect
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from bosco import errors
from bosco.batch.model import BatchRequest, InputFile
from bosco.batch.slurm.codec import Slurm
from hosted_ce.api.problems.kinds import CATALOGUE
from hosted_ce.cli.main import app
from hosted_ce.front_door import errors as front_door_errors
from hosted_ce.intake.condor.attributes import PREFIX, SHOWN
from hosted_ce.intake.condor.holds import HOLD_CODE, SubCode, hold_reason
from hosted_ce.pilots.pilot import Outcome
from hosted_ce.pilots.states import Stage, State
from hosted_ce.site import Policy, parse_duration
from hosted_ce.why.answer import Situation, Turn

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ERRORS = DOCS / "operators" / "errors.md"
API_ERRORS = DOCS / "operators" / "api-errors.md"
COMMAND_LINE = DOCS / "operators" / "command-line.md"
FACTORY_OPERATORS = DOCS / "factory-operators" / "README.md"
DECISIONS = DOCS / "decisions"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
SHOWING = [*PAGES, *sorted((ROOT / "deploy" / "systemd").iterdir())]

FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
HEADING = re.compile(r"^#{1,6} +(.+?)\s*$", re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
NAMED = re.compile(r"(?:bosco|hosted_ce|tests|routes|alembic|deploy)/[\w./-]*\w|(?:bosco|hosted_ce|tests)/")
PAGE_NAMED = re.compile(r"(docs/[\w/-]+\.md)(?:, ([A-Z][\w ]+)\))?")
TEST_NAME = re.compile(r"`(tests/[\w./-]+\.py)::(\w+)")
TRAP = re.compile(r"^\| ([A-Z]{2}\d+) \|(.*)\| (\w+) \|$", re.MULTILINE)
TRAP_ID = re.compile(r"(?:^|_)([A-Z]{2}\d+)(?=_|$)")
COMMAND = re.compile(
    r"(?<!-[ugo] )(?<!chown )(?:^|(?<=[\s`(/]))hosted-ce (?!hosted-ce)([a-z][^`\n|;&>]*)", re.MULTILINE
)
"""Not where hosted-ce is an account, or a service beside another."""
BLOCK = re.compile(r"^ {4}.*\bhosted-ce .*$", re.MULTILINE)


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


def test_pages_that_the_program_names_exist_with_their_headings() -> None:
    sources = [path for package in ("bosco", "hosted_ce") for path in (ROOT / package).rglob("*.py")]
    named = {found for path in sources for found in PAGE_NAMED.findall(_text(path))}
    assert len(named) > 3
    assert [page for page, _ in named if not (ROOT / page).exists()] == []
    assert [
        (page, heading) for page, heading in named if heading and heading not in _headings(ROOT / page)
    ] == []


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
        for module in (errors, front_door_errors)
        for name, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, Exception) and found.__module__ == module.__name__
    ]
    assert {"Interrupted", "MasterTrouble"} <= set(classes)
    assert [name for name in classes if name not in _headings(ERRORS)] == []


def test_every_kind_of_api_problem_is_explained_under_its_anchor() -> None:
    anchors = _anchors(API_ERRORS)
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


HOLD_ROW = re.compile(r"^\| (\d+) \| `([a-z ]+)` \|", re.MULTILINE)
POLICY_ROW = re.compile(r"^\| `(\w+)` \| (\d+\w) \|", re.MULTILINE)


def test_factory_operators_read_every_cause_of_a_hold() -> None:
    page = _text(FACTORY_OPERATORS)
    steps = {code.value: hold_reason("X", code, "why").split("] ")[1].split(":")[0] for code in SubCode}
    assert len(steps) > 5
    assert {int(number): step for number, step in HOLD_ROW.findall(page)} == steps
    assert f"`HoldReasonCode` {HOLD_CODE}" in page


def test_factory_operators_read_every_attribute_that_they_are_shown() -> None:
    page = _text(FACTORY_OPERATORS)
    assert len(SHOWN) > 5
    assert set(re.findall(rf"^\| `({PREFIX}\w+)` \|", page, re.MULTILINE)) == set(SHOWN)
    assert set(re.findall(rf"{PREFIX}\w+", page)) == set(SHOWN)


def test_factory_operators_read_every_policy_with_its_default() -> None:
    told = {name: parse_duration(value) for name, value in POLICY_ROW.findall(_text(FACTORY_OPERATORS))}
    assert told == dict(Policy())


def test_factory_operators_read_every_state_and_outcome() -> None:
    page = _text(FACTORY_OPERATORS)
    for name in (*State, *Stage, *Outcome):
        assert f"\n| `{name.value}` |" in page, name


def _traps() -> list[tuple[str, str, str]]:
    """Id, text and state of each row."""
    return TRAP.findall(_text(DOCS / "developers" / "traps.md"))


def test_trap_list_is_whole() -> None:
    numbers = {"SS": 20, "SL": 27, "PB": 14, "HC": 6, "GE": 1, "EN": 10}
    wanted = [f"{group}{number}" for group, most in numbers.items() for number in range(1, most + 1)]
    assert [trap for trap, _, _ in _traps()] == wanted


def test_each_trap_names_tests_that_carry_its_id() -> None:
    for trap, text, _ in _traps():
        tests = [name for _, name in TEST_NAME.findall(text)]
        assert tests, trap
        assert all(trap in TRAP_ID.findall(name.removeprefix("test_")) for name in tests), trap


def test_each_trap_that_is_open_says_what() -> None:
    for trap, text, state in _traps():
        assert state in {"tested", "partly"}, trap
        assert text.split(" | ")[1].strip(), trap
        assert state != "partly" or "Open:" in text, trap


def _commands(*, whole: bool = False) -> Iterator[tuple[str, str]]:
    """What is behind `hosted-ce`, page by page; `whole`: only lines that are to be copied."""
    for page in SHOWING:
        text = _text(page).replace("\\\n", " ")
        for line in COMMAND.findall("\n".join(BLOCK.findall(text)) if whole else text):
            yield _name(page), line.strip()


@cache
def _root() -> Any:
    """It takes a while to make."""
    return typer.main.get_command(app)


def _found(line: str) -> tuple[Any, list[str]]:
    """The command, or group of them, and the words that are left for it."""
    words, command = shlex.split(line, comments=True), _root()
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    return command, words


def _fault(line: str) -> str | None:
    """What the command line would not take of this: an unknown command, or an unknown option."""
    command, words = _found(line)
    if hasattr(command, "commands") and words and not words[0].startswith("--"):
        return f"no command {words[0]!r}"
    own = words[: words.index("--")] if "--" in words else words
    known = {"--help"} | {option for parameter in command.params for option in parameter.opts}
    unknown = [word for word in own if word.startswith("--") and word.partition("=")[0] not in known]
    return f"no option {unknown[0]!r}" if unknown else None


def _missing(line: str) -> list[str]:
    """What the command wants besides; its name, if it is a group that does nothing by itself."""
    command, words = _found(line)
    if hasattr(command, "commands"):
        return [] if "--help" in words or not command.no_args_is_help else [command.name]
    given, _, _ = command.make_parser(command.context_class(command, resilient_parsing=True)).parse_args(
        words
    )
    return [each.name for each in command.params if each.required and given.get(each.name) in (None, ())]


def test_commands_that_pages_show_exist() -> None:
    shown = list(_commands())
    assert len(shown) > 20
    assert [(page, line, fault) for page, line in shown if (fault := _fault(line))] == []


def test_sudo_is_told_where_the_program_is() -> None:
    """It has a PATH of its own, without /opt/hosted-ce/bin."""
    assert [_name(page) for page in SHOWING if re.search(r"sudo (-u \S+ )?hosted-ce ", _text(page))] == []


def test_commands_to_copy_have_all_that_they_need() -> None:
    shown = list(_commands(whole=True))
    assert len(shown) > 100
    assert [(page, line, missing) for page, line in shown if (missing := _missing(line))] == []


@pytest.mark.parametrize(
    ("line", "fault", "missing"),
    [
        ("site resume", None, ["cluster"]),
        ("site resume main --nicely", "no option '--nicely'", None),
        ("raamp show", "no command 'raamp'", None),
        ("session", None, ["session"]),
        ("session show --json   # all of it", None, []),
        ("nodes", None, []),
        ("pilots submit ./job.sh --cpus 4 -- --own-option", None, []),
    ],
)
def test_a_command_that_cannot_be_run_is_seen(
    line: str, fault: str | None, missing: list[str] | None
) -> None:
    assert _fault(line) == fault
    assert missing is None or _missing(line) == missing


def test_every_situation_of_a_pilot_is_explained() -> None:
    table = _text(COMMAND_LINE).partition("| `situation` |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (`[^|]*) \|[^|]*\| ([^|]*) \|$", table, re.MULTILINE)
    explained = {word: turns for names, turns in rows for word in re.findall(r"`(\w+)`", names)}
    assert {situation.value for situation in Situation} <= set(explained)
    named = {turn for turns in explained.values() for turn in re.findall(r"`(\w+)`", turns)}
    assert named == {turn.value for turn in Turn}
