"""Problems of a site file, as lines and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hosted_ce.site import Problem


def problem_line(file: Path, problem: Problem) -> str:
    """`FILE:LINE:COLUMN: SEVERITY: PATH: MESSAGE; HINT`, the form that editors and compilers share."""
    place = str(file) if problem.line is None else f"{file}:{problem.line}:{problem.column}"
    text = ": ".join(part for part in (place, problem.severity, problem.path, problem.message) if part)
    return f"{text}; {problem.hint}" if problem.hint else text


def problem_json(file: Path, problem: Problem) -> Mapping[str, object]:
    """The same as an object; line and column are null when the whole file is meant."""
    return {
        "file": str(file),
        "line": problem.line,
        "column": problem.column,
        "severity": problem.severity,
        "path": problem.path,
        "message": problem.message,
        "hint": problem.hint,
    }
