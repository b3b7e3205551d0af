"""What an idle CE does not have in memory: libraries that it uses seldom or never."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from hosted_ce.cli.left_out import left_out

SELDOM = {"alembic", "mako", "httpx", "markdown_it"}
NEVER = {"rich", "pygments", "watchfiles", "typer.rich_utils", "hosted_ce.demo"}
OF_THE_CHILD = {"sqlalchemy", "pydantic", "fastapi", "asyncio", "structlog", "bosco", "hosted_ce.settings"}


def modules_after(program: str) -> set[str]:
    """The modules that a process has after these lines."""
    told = f"{program}\nimport json, sys\nprint(json.dumps([n for n, m in sys.modules.items() if m]))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True, text=True)
    return set(json.loads(done.stdout))


def test_the_service_begins_without_what_it_seldom_needs() -> None:
    found = modules_after(
        "from hosted_ce.cli.serve import left_out, UNUSED\nwith left_out(*UNUSED): import hosted_ce.daemon"
    )
    assert "hosted_ce.daemon.assembly" in found
    assert found & (SELDOM | NEVER) == set()


def test_the_child_that_talks_to_the_schedd_is_htcondors_library_and_little_else() -> None:
    found = modules_after("import hosted_ce.intake.condor.child")
    assert "htcondor2" in found
    assert found & OF_THE_CHILD == set()


def test_what_is_left_out_can_be_had_afterwards() -> None:
    sys.modules.pop("this", None)
    with left_out("this", "json"), pytest.raises(ImportError):
        import this  # noqa: F401
    assert "this" not in sys.modules
    assert sys.modules["json"] is json
