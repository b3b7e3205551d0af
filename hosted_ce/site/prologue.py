"""A route's prologue: shell text for the worker node. What it may be, and what a shell says of its syntax."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator

from hosted_ce.site.errors import BadValue, Loc
from hosted_ce.site.positions import Finding

LONGEST = 8_192
"""In characters. Each attempt keeps its own."""
_DIRECTIVE = re.compile(r"#(?:SBATCH|PBS|BSUB|\$)(?=\s|$)|#\$\s*-")
_NUMBERED = re.compile(r"(?:line )?(\d+): (.*)")
"""How shells begin: dash with the number alone."""
_PATIENCE_S = 10.0


def check_prologue(text: str) -> str:
    """Text of lines with Unix ends, some of which are more than blanks. Raises BadValue with the line."""
    if not text.strip():
        raise BadValue("there is nothing in it", "leave prologue: out")
    if len(text) > LONGEST:
        hint = "put a script where the worker nodes see it, and call that"
        raise BadValue(f"the prologue has {len(text)} characters; the most is {LONGEST}", hint)
    for number, line in enumerate(text.split("\n"), 1):
        _check_line(number, line)
    return text


def _check_line(number: int, line: str) -> None:
    if line.endswith("\r"):
        hint = "write it as a block behind `prologue: |`, with Unix line ends"
        raise BadValue(f"line {number} of the prologue ends with a carriage return", hint)
    if not line.replace("\t", " ").isprintable():
        raise BadValue(f"line {number} of the prologue has a control character in it", "delete it")
    if _DIRECTIVE.match(line):
        hint = "write what it asks for into request:, or into extra:"
        raise BadValue(f"line {number} of the prologue is a directive, which is only a comment there", hint)


def check_syntax(loc: Loc, text: str) -> Iterator[Finding]:
    """What the shells of this machine say of the text; they only read it. A node's sh is like one of them."""
    shells = [path for name in ("sh", "bash") if (path := shutil.which(name))]
    faults = [fault for shell in shells if (fault := _fault(shell, text))]
    if not shells:
        message = "its syntax was not checked, since there is no shell here"
        yield Finding(loc, message, "run `hosted-ce site lint` on a machine that has one", "warning")
    elif len(faults) == len(shells):
        yield Finding(loc, f"no shell can read it: {faults[0]}", "no pilot of the route could begin")
    elif faults:
        hint = "see that /bin/sh of the worker nodes is one that can, or spell it in another way"
        yield Finding(loc, f"not every shell can read it: {faults[0]}", hint, "warning")


def _fault(shell: str, text: str) -> str | None:
    """Read from stdin and never run. Without an environment, so that no start-up file is looked for."""
    try:
        found = subprocess.run(
            [shell, "-n"], input=text.encode(), capture_output=True, env={}, timeout=_PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if found.returncode == 0:
        return None
    said = found.stderr.decode("utf-8", "replace").strip().split("\n")[0]
    return _NUMBERED.sub(r"line \1: \2", said.removeprefix(f"{shell}: ")) or f"exit code {found.returncode}"
