"""What a route says and HTCondor-CE's own transforms do not read, or write over."""

from __future__ import annotations

from collections.abc import Iterator

from hosted_ce.routing.htcondor import steps
from hosted_ce.routing.htcondor.lint.parts import Part, Subject, warning
from hosted_ce.routing.htcondor.place import Finding
from hosted_ce.routing.htcondor.references import references

_DEFAULT_MACROS = {
    name.lower(): name
    for name in (
        "default_maxMemory",
        "default_queue",
        "default_xcount",
        "default_maxWallTime",
        "default_pilot_job_env",
    )
}
_INSTEAD = {
    "requestmemory": "default_maxMemory",
    "requestcpus": "default_xcount",
    "batchruntime": "default_maxWallTime",
    "remote_smpgranularity": "default_xcount",
    "remote_nodenumber": "default_xcount",
}
_VANILLA = 5


def check(subject: Subject) -> Iterator[Finding]:
    """All rules of this module."""
    rewritten = _rewritten(subject)
    reads_universe = any(
        macro.name.lower() == "targetuniverse"
        for part in subject.of_kind("after")
        for _, text in part.texts()
        for macro in references(text)
    )
    for part in subject.parts:
        for step in part.program.steps:
            yield from _defaults(step)
            if part.kind == "route":
                yield from _written_over(step, rewritten)
                yield from _grid_resource(step)
        if part.kind == "route" and reads_universe:
            yield from _universe(part)
    yield from _pilot_environment(subject)


def _defaults(step: steps.Step) -> Iterator[Finding]:
    match step:
        case steps.Set(place, attribute) | steps.EvalSet(place, attribute):
            if macro := _DEFAULT_MACROS.get(attribute.lower()):
                message = f"HTCondor-CE reads the macro of that name: write `{macro} = …`"
                yield warning(place, "default-attribute", message)
        case steps.Assign(place, name) if name.source.lower() == "default_cerequirements":
            message = (
                'HTCondor-CE reads the attribute and not the macro: write `SET default_CERequirements "…"`'
            )
            yield warning(place, "default-macro", message)


def _rewritten(subject: Subject) -> dict[str, Part]:
    """Attributes that a transform behind the routes sets whatever they were before."""
    found: dict[str, Part] = {}
    for part in subject.of_kind("after"):
        wanted = part.program.requirements
        for step in part.program.steps:
            if isinstance(step, steps.EvalSet) or (isinstance(step, steps.Set) and not step.default):
                name = step.attribute.lower()
                read = name in step.value.source.lower()
                if not read and not (wanted and name in wanted.text.lower()):
                    found.setdefault(name, part)
    return found


def _written_over(step: steps.Step, rewritten: dict[str, Part]) -> Iterator[Finding]:
    if not isinstance(step, steps.Set | steps.EvalSet):
        return
    part = rewritten.get(step.attribute.lower())
    if part and (part.kind == "after"):
        instead = _INSTEAD.get(step.attribute.lower())
        hint = f"; write `{instead} = …`" if instead else ""
        message = f"the transform {part.name} sets {step.attribute} anew behind the route{hint}"
        yield warning(step.place, "written-over", message)


def _grid_resource(step: steps.Step) -> Iterator[Finding]:
    if not isinstance(step, steps.Assign) or step.name.source.lower() != "gridresource":
        return
    if any(macro.name.lower().startswith("my.") for macro in references(step.value)):
        message = "this is expanded when the route is loaded, without a pilot: write `SET GridResource …`"
        yield warning(step.place, "grid-resource", message)


def _universe(part: Part) -> Iterator[Finding]:
    assigned = any(
        isinstance(step, steps.Assign) and step.name.source.lower() == "targetuniverse"
        for step in part.program.steps
    )
    if part.program.universe == _VANILLA and not assigned:
        place = next(line.place for line in part.envelope.taken if line.text.lower().startswith("universe"))
        message = "UNIVERSE does not define TargetUniverse, which whole nodes go by: add `TargetUniverse = 5`"
        yield warning(place, "universe", message)


def _pilot_environment(subject: Subject) -> Iterator[Finding]:
    found = subject.config.find("CONDORCE_PILOT_JOB_ENV")
    if found and not found.text.strip():
        message = 'an empty environment is written "": with nothing, no environment is merged at all'
        yield warning(found.place, "empty-environment", message)
