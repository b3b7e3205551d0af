"""Scripts that bosco lays at a site: what they print into every batch script, and blahp's settings.

Only a script that does nothing but print is understood; one with conditions is for a person, whole. What it
prints is a directive of Slurm, or a command that then runs before the pilot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hosted_ce.routing.htcondor.place import Place, shown
from hosted_ce.site import BadValue
from hosted_ce.site.batch.slurm import check_directive
from hosted_ce.site.prologue import check_prologue
from hosted_ce.site.text import check_directive_line
from hosted_ce.site_import.facts import Facts, Said
from hosted_ce.site_import.secrets import show, without_secrets
from hosted_ce.site_import.source import Source
from hosted_ce.site_import.values import Found

_DIRECTIVE = re.compile(r"#SBATCH\s+(-\S.*?)\s*\Z")
_OPTIONS = {
    "account": "account", "A": "account", "partition": "queue", "p": "queue", "qos": "qos", "q": "qos",
    "constraint": "constraint", "C": "constraint", "reservation": "reservation",
}  # fmt: skip
_OPTION = re.compile(r"--([a-z-]+)(?:=|\s+)(.+)\Z|-([A-Za-z])\s*(.+)\Z")
_ECHO = re.compile(r"""echo\s+(?:'([^']*)'|"([^"$`\\]*)"|([\w./=+:@,-]+(?:\s+[\w./=+:@,-]+)*))\s*;?""")
_IDLE = frozenset({"exit 0", "true", ":"})
_WRAPPER = (
    "nothing is wrapped around pilots here; what it does must be in a route's environment: or prologue:"
)
PAGE = "docs/operators/site-extras.md"
"""Where people read what became of such scripts."""
_BLAHPS_OWN = frozenset(
    {"blah_max_threaded_cmds", "alldone_interval", "purge_interval", "blah_debug_save_submit_info",
     "finalstate_query_interval", "blah_libexec_directory", "job_registry", "supported_lrms"}
)  # fmt: skip


def take_script(source: Source, facts: Facts) -> None:
    """Takes the `#SBATCH` lines that a `*_local_submit_attributes.sh` prints."""
    lines = list(_lines(source, facts))
    printed = [(place, line, _printed(line)) for place, line in lines]
    understood = all(text is not None for _, _, text in printed)
    for place, line, text in printed:
        if text is None:
            facts.notes.person(
                place, shown(line, 120), f"write by hand what it is for: request: or when: of a route; {PAGE}"
            )
        elif not understood and text:
            message = f"it may hang on the conditions in this script, and was not taken over; {PAGE}"
            facts.notes.person(place, shown(line, 120), message)
        elif text:
            _take_directive(text, place, shown(line, 120), facts)
    if not lines:
        facts.notes.unneeded(Place(source.name, 1), "the script", "it does nothing")


def _lines(source: Source, facts: Facts) -> Iterator[tuple[Place, str]]:
    for number, line in enumerate(without_secrets(source.name, source.text, facts.notes).split("\n"), 1):
        bare = line.strip()
        if bare and not bare.startswith("#") and bare not in _IDLE:
            yield Place(source.name, number), bare


def _printed(line: str) -> str | None:
    """What the line prints, always and exactly so; None where it does something else."""
    echo = _ECHO.fullmatch(line)
    return next(part for part in echo.groups() if part is not None) if echo else None


def _take_directive(text: str, place: Place, what: str, facts: Facts) -> None:
    directive = _DIRECTIVE.match(text)
    if not directive:
        _take_other(text, place, what, facts)
        return
    option = _OPTION.match(directive[1])
    target = _OPTIONS.get(option[1] or option[3]) if option else None
    if option and target:
        remark = "; whatever the pilot asks for" if target in ("queue", "account") else ""
        value = (option[2] or option[4]).strip().strip("\"'")
        facts.offer(target, value, Found(text, place, what), remark)
        return
    try:
        check_directive(check_directive_line(directive[1]))
    except BadValue as fault:
        facts.notes.person(place, what, str(fault))
        return
    facts.extra.append(Said(directive[1], place, what))
    facts.notes.mapped(place, what, "request.extra")


def _take_other(text: str, place: Place, what: str, facts: Facts) -> None:
    """A printed line that is no option of sbatch: a comment or another's directive, or a command."""
    bare = text.lstrip()
    if bare.startswith("#SBATCH"):
        facts.notes.person(place, what, f"it has no option that can be read; {PAGE}")
    elif bare.startswith("#"):
        message = "it is a directive of another batch system than Slurm; see what a route's request: can say"
        facts.notes.person(place, what, f"{message}; {PAGE}")
    else:
        _take_command(text, place, what, facts)


def _take_command(text: str, place: Place, what: str, facts: Facts) -> None:
    try:
        check_prologue("".join(f"{line}\n" for line in (*(said.value for said in facts.prologue), text)))
    except BadValue as fault:
        facts.notes.person(place, what, f"it cannot go to request.prologue: {fault.message}")
        return
    facts.prologue.append(Said(text, place, what))
    message = "request.prologue; when a command fails there, the pilot does not begin"
    facts.notes.mapped(place, what, message)


def take_blah(source: Source, facts: Facts) -> None:
    """Names the settings of a blah.config that matter at a site."""
    for place, line in _lines(source, facts):
        name, _, value = line.removeprefix("export ").partition("=")
        name = name.strip()
        if name in _BLAHPS_OWN:
            facts.notes.unneeded(place, show(name, value), "it is about blahp, which is not used")
        elif name.endswith("_binpath"):
            message = "the batch system's commands must be found in the PATH of a login at the login node"
            facts.notes.person(place, show(name, value), message)
        else:
            unknown = "blahp is not used here; see whether something else has to do this"
            message = _WRAPPER if name == "blah_job_wrapper" else unknown
            facts.notes.person(place, show(name, value), message)
