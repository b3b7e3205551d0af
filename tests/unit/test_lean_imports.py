"""What an idle CE does not have in memory: libraries that it uses seldom or never, columns of code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import cache_from_source, find_spec
from pathlib import Path

import pytest

from hosted_ce.cli import service

SELDOM = {"alembic", "mako", "httpx", "markdown_it"}
NOT_UNTIL_ASKED = {"fastapi", "jinja2", "hosted_ce.api.app", "hosted_ce.api.schemas"}
NEVER = {"rich", "pygments", "watchfiles", "pydantic.v1", "typer", "hosted_ce.cli.main", "hosted_ce.demo"}
OF_OTHER_SITES = {
    "sqlalchemy.dialects.postgresql",
    "psycopg",
    "bosco.batch.slurm.codec",
    "bosco.batch.lsf.codec",
}
NOT_OF_THE_CHILD = {
    "sqlalchemy", "pydantic", "fastapi", "asyncio", "structlog", "bosco", "hosted_ce.settings",
    "importlib.metadata", "email", "zipfile",
}  # fmt: skip


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("HOSTED_CE_")}


def modules_after(program: str) -> set[str]:
    """The modules that a process has after these lines."""
    told = f"{program}\nimport json, sys\nprint(json.dumps([n for n, m in sys.modules.items() if m]))"
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, check=True, text=True, env=_environment()
    )
    return set(json.loads(done.stdout))


def test_the_service_begins_without_what_it_seldom_needs() -> None:
    found = modules_after(
        "from hosted_ce.cli import service; service.main()"  # which names no site, so it does not last
    )
    assert "hosted_ce.daemon.assembly" in found
    assert found & (SELDOM | NOT_UNTIL_ASKED | NEVER | OF_OTHER_SITES) == set()


def test_the_child_that_talks_to_the_schedd_is_htcondors_library_and_little_else() -> None:
    found = modules_after("import hosted_ce.intake.condor.child")
    assert "htcondor2" in found
    assert found & NOT_OF_THE_CHILD == set()


@pytest.mark.parametrize("compiled", [True, False])
def test_the_service_has_no_columns_of_code_and_no_docstrings_where_they_were_compiled_away(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, compiled: bool
) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    for package in service.LARGE if compiled else service.LARGE[1:]:
        spec = find_spec(package)
        assert spec
        assert spec.origin
        bytecode = Path(cache_from_source(spec.origin, optimization=2))
        bytecode.parent.mkdir(parents=True)
        bytecode.touch()
    begun: list[list[str]] = []
    monkeypatch.setattr(os, "execve", lambda program, argv, environment: begun.append(argv))
    service.become_service({})
    [[*python, _, _]] = begun  # what is behind it is -m and the module
    told = (
        "print({column for *_, column, _ in compile('a = 1', '', 'exec').co_positions()}, sys.flags.optimize)"
    )
    done = subprocess.run([*python, "-c", f"import sys; {told}"], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == f"{{None}} {2 if compiled else 0}"
