"""No data goes through a shell: found in the code itself, with the few places that start one named here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(file for folder in ("bosco", "hosted_ce") for file in (ROOT / folder).rglob("*.py"))
SHELL_CALLS = frozenset({
    "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput",
    "asyncio.create_subprocess_shell", "create_subprocess_shell", "commands.getoutput", "pty.spawn",
    "eval", "exec", "pickle.loads", "pickle.load", "yaml.load", "yaml.unsafe_load", "marshal.loads",
})  # fmt: skip
SHELLS = frozenset({"sh", "/bin/sh", "bash", "/bin/bash", "dash", "csh", "tcsh", "zsh"})
ALLOWED = {
    ("bosco/batch/slurm/carried.py", "sh -c"): "the text is a file of ours; values are its arguments",
    ("bosco/agent/guard.py", "sh -c"): "compares with such a command, and starts none",
    (
        "hosted_ce/demo/mini_session.py",
        "sh -c",
    ): "the demo's login node: what an SSH server does with a command",
}
"""Where a shell or an interpreter of texts is started, and why no data is in its text."""


def found(tree: ast.AST) -> Iterator[str]:
    """What in a module starts a shell, or runs data."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if (name := ast.unparse(node.func)) in SHELL_CALLS and not _safe_loader(node, name):
                yield name
            if any(each.arg == "shell" and not _is_false(each.value) for each in node.keywords):
                yield "shell=True"
        if isinstance(node, ast.List | ast.Tuple):
            words = [each.value if isinstance(each, ast.Constant) else None for each in node.elts]
            if any(word in SHELLS and "-c" in words[at + 1 : at + 3] for at, word in enumerate(words)):
                yield "sh -c"


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def _safe_loader(node: ast.Call, name: str) -> bool:
    named = [ast.unparse(each) for each in (*node.args[1:], *(key.value for key in node.keywords))]
    return name == "yaml.load" and any("Safe" in each or each.startswith("_") for each in named)


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_shell(file: Path) -> None:
    where = str(file.relative_to(ROOT))
    tree = ast.parse(file.read_text(), where)
    assert [what for what in found(tree) if (where, what) not in ALLOWED] == []


def test_what_is_allowed_is_there() -> None:
    there = {
        (str(file.relative_to(ROOT)), what) for file in SOURCES for what in found(ast.parse(file.read_text()))
    }
    assert there >= set(ALLOWED)


@pytest.mark.parametrize(
    "code",
    [
        "os.system(x)", "subprocess.run(x, shell=True)", "subprocess.run(x, shell=flag)",
        "await asyncio.create_subprocess_shell(x)", "run(['sh', '-c', f'rm {x}'])",
        "run(('bash', '-l', '-c', x))",
        "argv = ['/bin/sh', '-c', x]", "eval(x)", "yaml.load(x, Loader=yaml.Loader)",
    ],
)  # fmt: skip
def test_the_test_finds_them(code: str) -> None:
    assert list(found(ast.parse(f"async def f():\n    {code}")))


@pytest.mark.parametrize(
    "code", ["run(['sh', 'script'])", "run(x, shell=False)", "yaml.load(x, Loader=SafeLoader)"]
)
def test_and_nothing_else(code: str) -> None:
    assert list(found(ast.parse(code))) == []
