"""Grid Engine: which options of qsub a site may add, and which belong to the CE.

They become arguments of qsub as they are, so each item is one option and its value. There are too many that
change what a job is (-soft, -t, -sync, -now) for a list of those to be refused: what is not known to be
harmless is refused.
"""

from __future__ import annotations

import shlex

from hosted_ce.site.errors import BadValue, quote

OPTIONS = {
    "parallel_environment": "the parallel environment for pilots with more than one CPU; it must put all "
    "slots on one node ($pe_slots). smp, if it is left out",
    "memory_resource": "the resource that limits a job's memory, for each slot, as in h_vmem or mem_free. "
    "If it is left out, the batch system is not told how much memory a pilot wants",
    "gpu_resource": "the resource that counts GPUs; gpu, if it is left out",
    "exclusive_resource": "the resource that gives a job the whole node; exclusive, if it is left out",
}
LACKS = frozenset(["qos", "constraint", "reservation", "gpu_type"])
_WORDS = 2
_ALLOWED = frozenset(
    ["-l", "-P", "-p", "-ac", "-sc", "-R", "-js", "-M", "-m", "-ar", "-binding", "-w", "-masterq"]
)
_RESERVED = {"h_rt": "use request.walltime", "s_rt": "use request.walltime"}
_OWNED = {
    "-N": "the CE finds its jobs by this name",
    "-q": "use request.queue",
    "-A": "use request.account",
    "-pe": "use request.cpus, and batch_options.parallel_environment",
    "-v": "use request.environment",
    "-V": "use request.environment",
}


def check_directive(text: str) -> str:
    """One option of qsub with its value, as in `-P physics`. Raises BadValue for what the CE sets."""
    try:
        words = shlex.split(text)
    except ValueError:
        raise BadValue(f"{quote(text)} has a quote that is not closed") from None
    option = words[0] if words else ""
    if option in _OWNED:
        raise BadValue(f"{quote(text)} cannot be given here: {option} is set by the CE", _OWNED[option])
    if option not in _ALLOWED:
        allowed = f"these can be: {' '.join(sorted(_ALLOWED))}"
        raise BadValue(f"{quote(text)} is not an option of qsub that can be given here", allowed)
    if len(words) != _WORDS:
        raise BadValue(f"{quote(text)} is not one option and its value", "as in -P physics, each an item")
    if option == "-l":
        _check_resources(text, words[1])
    return text


def _check_resources(text: str, value: str) -> None:
    for resource in value.split(","):
        name = resource.partition("=")[0].strip()
        if name in _RESERVED:
            raise BadValue(f"{quote(text)} cannot be given here: {name} is set by the CE", _RESERVED[name])
