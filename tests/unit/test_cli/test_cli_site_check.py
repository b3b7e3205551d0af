"""`hosted-ce site check`: runs in a CE or by a site file, reports in every form, exit codes for scripts."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from hosted_ce.api.schemas.checks import run_out, runs_out
from hosted_ce.checks.catalogue import CATALOGUE
from hosted_ce.checks.result import Result
from hosted_ce.checks.run import Asked, Run, RunState, Worse, counted
from hosted_ce.checks.verdict import Verdict
from hosted_ce.cli.site.check import follow

from .ce import Ce, found, problem
from .conftest import Run as RunCommand

PASS, WARN, FAIL, SKIPPED = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.SKIPPED
AT, ALL, ONE = 1_772_368_200.0, "/api/v1/site/checks", "/api/v1/site/checks/7"
REACHED = Result("SSH-2", PASS, "taken after 2 ms", "login1:22")
NOISY = Result("SSH-9", WARN, "12 bytes, beginning with '\x1b[1m<b>'", "login1:22")
NO_QUEUE = Result("BS-2", FAIL, "asks for the queue ogs", "osg", {"todo": "there are: osg"})
BLOCKED = Result(
    "BS-4", SKIPPED, "not looked at, since BS-2 (queue-exists) failed", "osg", {"because": "BS-2"}
)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "FIRST_LOOK_S", 0.0)
    monkeypatch.setattr(follow, "LOOK_S", 0.0)


def document(*results: Result, state: RunState = RunState.DONE, **other: Any) -> dict[str, Any]:
    """A run as the API gives it."""
    run = Run(
        7, "main", state, Asked(), "rest:operator", AT, AT + 60 if state is not RunState.RUNNING else None,
        results=results, counts=counted(results),
    )  # fmt: skip
    shown: dict[str, Any] = run_out(replace(run, **other)).model_dump(mode="json")
    return shown


def serve(ce: Ce, *results: Result, **other: Any) -> None:
    ce.answers["POST", ALL] = found(document(state=RunState.RUNNING, doing="it begins"))
    ce.answers["GET", ONE] = found(document(*results, **other))


def test_what_is_wrong_comes_first_with_why_and_what_to_do(run: RunCommand, ce: Ce) -> None:
    serve(ce, REACHED, NOISY, NO_QUEUE, BLOCKED, worse=(Worse("BS-2", "osg", PASS, FAIL, "asks"),))
    done = run("site", "check", "--cluster", "main")
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "Checks of cluster main, 2026-03-01T12:30:00Z: 1 fail, 1 warn, 1 pass, 1 skipped"
    assert lines[1] == "Worse: BS-2 queue-exists at osg, pass before: fail"
    assert lines[3] == "FAIL BS-2 queue-exists at osg"
    assert "  To do: there are: osg" in lines
    assert lines.index("FAIL BS-2 queue-exists at osg") < lines.index("WARN SSH-9 shell-quiet at login1:22")
    assert "  pass     SSH-2  login-reachable at login1:22: taken after 2 ms" in lines
    assert "\x1b" not in done.stdout
    assert "main: it begins" in done.stderr
    assert ce.calls("POST")[0].query == {"cluster": ["main"], "login_only": ["false"], "sample": ["0"]}


@pytest.mark.parametrize(
    ("results", "options", "code"),
    [
        ((REACHED,), [], 0),
        ((REACHED, NOISY), [], 0),
        ((REACHED, NOISY), ["--fail-on", "warn"], 1),
        ((NO_QUEUE,), [], 1),
    ],
)
def test_exit_codes(
    run: RunCommand, ce: Ce, results: tuple[Result, ...], options: list[str], code: int
) -> None:
    serve(ce, *results)
    assert run("site", "check", "--cluster", "main", *options).exit_code == code


def test_a_run_that_was_cut_off_says_so(run: RunCommand, ce: Ce) -> None:
    serve(ce, REACHED, state=RunState.INTERRUPTED, problem="the connection was lost")
    done = run("site", "check", "--cluster", "main")
    assert done.exit_code == 4
    assert "It did not get to its end: the connection was lost" in done.stdout


def test_nodes_and_samples_are_asked_for(run: RunCommand, ce: Ce) -> None:
    serve(ce, REACHED)
    run("site", "check", "--cluster", "main", "--nodes", "n1,n2", "--sample", "3")
    assert ce.calls("POST")[0].query["node"] == ["n1", "n2"]
    assert ce.calls("POST")[0].query["sample"] == ["3"]
    assert (
        "goes on there already, begun by rest:operator"
        in run("site", "check", "--cluster", "main", "--nodes", "n1").stderr
    )


def test_json_is_what_the_api_gives(run: RunCommand, ce: Ce) -> None:
    serve(ce, REACHED, NO_QUEUE)
    assert json.loads(run("site", "check", "--cluster", "main", "--json").stdout) == document(
        REACHED, NO_QUEUE
    )


def test_markdown_cannot_be_broken_by_what_was_seen(run: RunCommand, ce: Ce) -> None:
    serve(ce, replace(NOISY, seen="a | b <b> `c`"))
    text = run("site", "check", "--cluster", "main", "--markdown").stdout
    assert "| SSH-9 shell-quiet at login1:22 | warn | a \\| b \\<b\\> \\`c\\` |" in text
    assert "- **Why it matters:** Text that start-up files print" in text


def test_one_html_file_that_needs_nothing_besides(run: RunCommand, ce: Ce, folder: Path) -> None:
    serve(ce, REACHED, NOISY, NO_QUEUE)
    run("site", "check", "--cluster", "main", "--html", "report.html")
    text = (folder / "report.html").read_text()
    seen = _Tags()
    seen.feed(text)
    assert {"script", "link", "img", "iframe"} & seen.tags == set()
    assert "http" not in text
    assert "&lt;b&gt;" in text
    assert "queue-exists at osg" in text


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)


def test_the_catalogue_is_listed_and_explained_without_a_ce(run: RunCommand) -> None:
    lines = run("site", "check", "--list").stdout.splitlines()
    assert len(lines) == len(CATALOGUE)
    assert lines[0].startswith("SSH-8   own-key")
    explained = run("site", "check", "--explain", "login-reachable").stdout
    assert explained.startswith("SSH-2 login-reachable: ")
    assert "If it is not so:" in explained
    unknown = run("site", "check", "--explain", "SSH-99")
    assert (unknown.exit_code, "--list" in unknown.stderr) == (2, True)


def test_the_history(run: RunCommand, ce: Ce) -> None:
    runs = [Run(8, "main", RunState.DONE, Asked(), "schedule", AT, AT, counts={"pass": 3, "warn": 1})]
    ce.answers["GET", ALL] = found(json.loads(runs_out(runs).model_dump_json()))
    assert run("site", "check", "history", "--cluster", "main").stdout.splitlines() == [
        "RUN  CLUSTER  BEGUN                 STATE  VERDICT  WORSE  BY        RESULTS",
        "8    main     2026-03-01T12:30:00Z  done   warn     -      schedule  1 warn, 3 pass",
    ]
    assert ce.calls("GET")[0].query == {"limit": ["20"], "cluster": ["main"]}
    ce.answers["GET", ONE] = found(document(REACHED))
    assert "taken after 2 ms" in run("site", "check", "history", "--run", "7").stdout


def test_a_cluster_that_there_is_not(run: RunCommand, ce: Ce) -> None:
    ce.answers["POST", ALL] = problem(404, "no-such-cluster", "there is no cluster 'mian'")
    done = run("site", "check", "--cluster", "mian")
    assert (done.exit_code, done.stderr) == (1, "error: there is no cluster 'mian'\n")


@pytest.mark.parametrize(
    "options",
    [
        ["--login-only", "--nodes", "n1"],
        ["--login-only", "--sample", "2"],
        ["--site", "x.yaml", "--nodes", "n1"],
    ],
)
def test_options_that_contradict_each_other(run: RunCommand, folder: Path, options: list[str]) -> None:
    (folder / "x.yaml").write_text("")
    assert run("site", "check", *options).exit_code == 2


SITE = """\
site: X
resource: Y
clusters:
  main: {batch: slurm, login: [{host: login.invalid}], account: osg01, key: /no/key, known_hosts: /no/hosts}
routes: [{name: osg}]
"""


def test_by_a_site_file_without_a_ce(run: RunCommand, folder: Path) -> None:
    (folder / "site.yaml").write_text(SITE)
    done = run("site", "check", "--site", "site.yaml", "--json")
    [report] = json.loads(done.stdout)
    assert done.exit_code == 1
    assert [each["check"] for each in report["results"] if each["verdict"] == "fail"] == ["SSH-8"]
    assert report["actor"] == "no CE"
    assert "that needs a running CE" in done.stderr


def test_a_site_file_without_that_cluster(run: RunCommand, folder: Path) -> None:
    (folder / "site.yaml").write_text(SITE)
    done = run("site", "check", "--site", "site.yaml", "--cluster", "other")
    assert (done.exit_code, "it has: main" in done.stderr) == (2, True)


def test_a_site_file_that_is_wrong(run: RunCommand, folder: Path) -> None:
    (folder / "site.yaml").write_text("site: [")
    done = run("site", "check", "--site", "site.yaml")
    assert (done.exit_code, "site.yaml:1:" in done.stderr) == (2, True)
