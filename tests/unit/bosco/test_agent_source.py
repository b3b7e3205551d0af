"""The agent as a file: it must run on whatever Python a login node has."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import bosco
from bosco.link import AGENT_FILES, agent_source

FOLDER = Path(bosco.__file__).parent

TREE = ast.parse(agent_source(), feature_version=(3, 6))
LATER_METHODS = {"removeprefix", "removesuffix", "fromisoformat", "time_ns", "isascii", "to_thread"}
LATER_KEYWORDS = {"capture_output", "text", "missing_ok", "dirs_exist_ok", "umask", "user", "process_group"}
"""What Python 3.6 does not have, and the syntax does not show."""


def imported() -> set[str]:
    names = set()
    for node in ast.walk(TREE):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(node.module or "")
    return names


def test_it_imports_the_standard_library_alone() -> None:
    assert {name.split(".")[0] for name in imported()} <= sys.stdlib_module_names


def test_it_uses_nothing_that_python_3_6_does_not_have() -> None:
    keywords = {node.arg for node in ast.walk(TREE) if isinstance(node, ast.keyword)}
    methods = {node.attr for node in ast.walk(TREE) if isinstance(node, ast.Attribute)}
    assert "start_new_session" in keywords, "this test looks at the calls"
    assert not keywords & LATER_KEYWORDS
    assert not methods & LATER_METHODS


def test_its_files_are_one_program_and_each_can_be_read_at_one_sitting() -> None:
    sent = agent_source().splitlines()
    for name in AGENT_FILES:
        lines = (FOLDER / name).read_bytes().splitlines()
        assert len(lines) <= 400
        assert [line for line in lines if line not in sent] == [
            line for line in lines if line.startswith(b"from bosco.")
        ]
    assert sent[-1] == b"main()"
    assert sum(b"bosco" in line for line in sent if b"import" in line) == 0


def test_a_process_keeps_the_agent_that_it_began_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package may be upgraded before the service is restarted, and links are made anew meanwhile."""
    monkeypatch.setattr("importlib.resources.files", None)
    assert ast.dump(ast.parse(agent_source())) == ast.dump(TREE)


def test_all_that_one_of_its_files_takes_from_another_comes_before_it() -> None:
    seen: set[str] = set()
    for name in AGENT_FILES:
        tree = ast.parse((FOLDER / name).read_bytes())
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bosco."):
                assert {alias.name for alias in node.names} <= seen
                assert not [alias for alias in node.names if alias.asname]
                assert node.lineno == node.end_lineno, "only whole lines are left out when it is sent"
            seen |= {target.id for target in getattr(node, "targets", ()) if isinstance(target, ast.Name)}
            seen |= {node.name} if isinstance(node, ast.ClassDef | ast.FunctionDef) else set()
