"""Problems of a site file, as lines and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hosted_ce.daemon.site_file.route_findings import route_findings
from hosted_ce.routing.compile import check_expression
from hosted_ce.routing.htcondor.place import Finding
from hosted_ce.site import Problem, SiteFileError, lint_site, load_site
from hosted_ce.state_folder import own_faults


@dataclass(frozen=True, slots=True)
class Linted:
    """What is wrong with a site file, and with HTCondor-CE's files that it names."""

    file: Path
    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...]


def linted(file: Path) -> Linted:
    """All that is to be said of a site file. HTCondor-CE's files are looked at when the site file loads."""
    problems = tuple(lint_site(file, check_expression=check_expression))
    try:
        site = load_site(file)
    except SiteFileError:
        return Linted(file, problems, ())
    if any(problem.severity == "error" for problem in problems):
        return Linted(file, problems, ())
    return Linted(file, problems, tuple(route_findings(site, file)))


def of_state(folder: Path) -> list[tuple[Path, Problem]]:
    """What is wrong with the state folder, each with its path."""
    try:
        found = own_faults(folder)
    except OSError as error:
        said, todo = f"{folder} cannot be looked at: {error.strerror}", "run this as the service's user"
        return [(folder, Problem("", None, None, said, todo, "error"))]
    return [
        (each.path, Problem("", None, None, each.said, each.todo, "error" if each.fatal else "warning"))
        for each in found
    ]


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


def finding_json(finding: Finding) -> Mapping[str, object]:
    """A finding in HTCondor-CE's files, in the same form."""
    return {
        "file": finding.place.file,
        "line": finding.place.line or None,
        "column": None,
        "severity": finding.severity,
        "path": "",
        "message": finding.message,
        "hint": "",
        "code": finding.code,
    }
