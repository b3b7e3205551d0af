"""Asks a running front door about itself, with a deadline."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hosted_ce.front_door import probe


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered, by question; `errors` says why the others were not."""

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def and_(self, others: Answers) -> Answers:
        """These and others."""
        return Answers({**self.values, **others.values}, {**self.errors, **others.errors})


def ask(config: Path, *questions: str, timeout_s: float) -> Answers:
    """The answers to these questions of `probe`, or to all; never raises for what a daemon does."""
    argv = [sys.executable, "-P", "-m", probe.__name__, *questions]
    asked = questions or tuple(probe.QUESTIONS)
    try:
        done = subprocess.run(
            argv,
            env={**os.environ, "CONDOR_CONFIG": str(config)},
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answers(errors=dict.fromkeys(asked, f"no answer within {timeout_s:g} s"))
    try:
        found = json.loads(done.stdout)
    except ValueError:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        return Answers(errors=dict.fromkeys(asked, said[-1] if said else f"exit code {done.returncode}"))
    return Answers({name: value for name, value in found.items() if name != "errors"}, found["errors"])
