"""The agent as a file: it must run on whatever Python a login node has."""

from __future__ import annotations

import ast
import sys

from bosco.link import agent_source

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


def test_it_can_be_read_at_one_sitting() -> None:
    assert len(agent_source().splitlines()) <= 400
