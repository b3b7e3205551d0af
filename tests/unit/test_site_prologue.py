"""Prologues in site files: what is taken, what lint says; no pilot's text becomes shell or options."""

from __future__ import annotations

import asyncio
import json
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hosted_ce.api.schemas.explanations import explanation_out
from hosted_ce.daemon.explaining.offline import explain_by_file
from hosted_ce.pilots.spec import FileRef, PilotSpec
from hosted_ce.routing.compile import check_expression
from hosted_ce.site import Problem, SiteFileError, lint_site, load_site
from hosted_ce.site import prologue as prologues

LOCAL = {"transport": "local", "account": "osg01"}


def written(folder: Path, request: object, batch: str = "slurm") -> Path:
    path = folder / "site.yaml"
    clusters = {"main": {"batch": batch, **LOCAL}}
    routes = [{"name": "default", "request": request}]
    path.write_text(yaml.safe_dump({"site": "S", "resource": "R", "clusters": clusters, "routes": routes}))
    return path


def lint(folder: Path, request: object) -> list[Problem]:
    return lint_site(written(folder, request), check_expression=check_expression)


def spec(**attributes: object) -> PilotSpec:
    files = (FileRef(name="p.sh", sha256="0" * 64, executable=True),)
    return PilotSpec.model_validate({"executable": "p.sh", "inputs": files, "attributes": attributes})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "there is nothing in it"),
        (" \n\t\n", "there is nothing in it"),
        ("true\r\nfalse\r\n", "line 1 of the prologue ends with a carriage return"),
        ("true\necho \a\n", "line 2 of the prologue has a control character"),
        ("a\n#SBATCH --nice=1\n", "line 2 of the prologue is a directive"),
        ("#PBS -q osg", "line 1 of the prologue is a directive"),
        ("#BSUB -q osg", "line 1 of the prologue is a directive"),
        ("#$ -q osg", "line 1 of the prologue is a directive"),
        ("x" * 8193, "the prologue has 8193 characters"),
    ],
)
def test_what_is_no_prologue_is_refused_with_its_line(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(SiteFileError) as refused:
        load_site(written(tmp_path, {"prologue": text}))
    [problem] = refused.value.problems
    assert problem.path == "routes[0].request.prologue"
    assert problem.message.startswith(fault)
    assert problem.hint


def test_crlf_files_are_read_like_others(tmp_path: Path) -> None:
    path = written(tmp_path, {})
    text = path.read_text().replace("request: {}", "request:\n    prologue: |\n      a\n      b\n")
    path.write_bytes(text.replace("\n", "\r\n").encode())
    assert load_site(path).routes[0].request.prologue == "a\nb\n"


@pytest.mark.parametrize(
    "text", ["# PBS is here\n#SBATCHES\ntrue\n", "#!/bin/sh\ntrue", "a\tb\n", "echo é\n"]
)
def test_other_texts_are_taken(tmp_path: Path, text: str) -> None:
    assert load_site(written(tmp_path, {"prologue": text})).routes[0].request.prologue == text
    assert lint(tmp_path, {"prologue": text}) == []


@pytest.mark.parametrize("text", ["echo 'open\n", "if true; then\n", "a\n)\n", "case x in\n", "echo $(\n"])
def test_a_syntax_error_is_an_error_of_lint(tmp_path: Path, text: str) -> None:
    [problem] = lint(tmp_path, {"prologue": text})
    assert (problem.path, problem.severity) == ("routes[0].request.prologue", "error")
    assert problem.message.startswith("no shell can read it: line ")


def shell(folder: Path, name: str, code: int) -> None:
    (folder / name).write_text(
        f"#!/bin/sh\n[ $# = 1 ] && [ $1 = -n ] || exit 0\necho 'line 7: what' >&2\nexit {code}\n"
    )
    (folder / name).chmod(0o755)


def test_one_that_only_some_shells_can_read_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell(tmp_path, "sh", 2)
    shell(tmp_path, "bash", 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    [problem] = lint(tmp_path, {"prologue": "a=(1 2)\n"})
    assert (problem.severity, problem.message) == (
        "warning", "not every shell can read it: line 7: what",
    )  # fmt: skip


def test_without_a_shell_lint_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    [problem] = lint(tmp_path, {"prologue": "true\n"})
    assert (problem.severity, "was not checked" in problem.message) == ("warning", True)


def test_a_shell_that_hangs_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sh", "bash"):
        (tmp_path / name).write_text("#!/bin/sh\nexec /bin/sleep 600\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(prologues, "_PATIENCE_S", 0.01)
    [problem] = lint(tmp_path, {"prologue": "true\n"})
    assert "timed out" in problem.message


def test_expressions_are_linted_where_they_stand(tmp_path: Path) -> None:
    found = lint(tmp_path, {"extra": ["--nice=1", "= (("], "environment": {"A": "= 1 +", "B": "= x"}})
    assert {problem.path for problem in found} == {
        "routes[0].request.extra[1]", "routes[0].request.environment.A",
    }  # fmt: skip


PROLOGUE = "echo \"for $PROJECT\"\nmodule load 'apptainer'\n"


def test_what_runs_is_shown_as_it_is(tmp_path: Path) -> None:
    site = written(tmp_path, {"prologue": PROLOGUE, "environment": {"PROJECT": "= ProjectName"}})
    job = asyncio.run(explain_by_file(site, spec(ProjectName="$(id)"), None)).job
    assert job
    assert f"eval {shlex.quote(PROLOGUE)} >&2".encode() in job.script
    assert b"export PROJECT='$(id)'\n" in job.script
    shown = explanation_out(asyncio.run(explain_by_file(site, spec(ProjectName="$(id)"), None))).job
    assert shown
    assert shown.ask["prologue"] == PROLOGUE
    assert shown.ask["environment"] == {"PROJECT": "$(id)"}
    json.dumps(shown.ask)


HOSTILE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=40) | st.sampled_from(
    ["a --uid=0", 'a" --uid=0', "a' --uid=0 '", 'a" --uid=0 "b', "a\\ --uid=0", "a:1 -p x", "$(id)", "`id`",
     "x -W 1", "  --hold", "a\u00a0--uid=0", "\u2003-p\u2003x", "'", '"', "it's"]
)  # fmt: skip


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["slurm", "sge", "pbs", "lsf"]), HOSTILE)
@example("slurm", "a --uid=0")
def test_no_pilots_text_becomes_an_option_or_a_command(tmp_path: Path, batch: str, text: str) -> None:
    option = {"slurm": "--licenses=", "sge": "-P ", "pbs": "-W group_list=", "lsf": "-Jd "}[batch]
    request = {
        "extra": [f'= strcat("{option}", It)'], "environment": {"IT": "= It"},
        "prologue": 'printf "%s" "$IT"\n',
    }  # fmt: skip
    try:
        wanted = spec(It=text)
    except ValidationError:
        return  # no pilot can say so
    found = asyncio.run(explain_by_file(written(tmp_path, request, batch), wanted, None))
    if found.job is None:
        assert found.trials[0].obstacle
        assert "request.extra[0]" in found.trials[0].obstacle
        return
    [made] = found.job.ask["extra"]
    assert not set(made) & set("'\"\\`")
    assert made.isprintable()
    assert [word for word in made.split()[1:] if word.startswith("-")] == []
    parsed = subprocess.run(["bash", "-n"], input=found.job.script, capture_output=True, check=False)
    assert (parsed.returncode, parsed.stderr) == (0, b"")
