"""Grid Engine: which options of qsub a site may add, and which belong to the CE.

They become arguments of qsub as they are, so each item is one option and its value.
"""

from __future__ import annotations

from hosted_ce.site.batch.extra import ExtraOptions, set_by_the_ce

OPTIONS = {
    "parallel_environment": "the parallel environment for pilots with more than one CPU; it must put all "
    "slots on one node ($pe_slots). smp, if it is left out",
    "memory_resource": "the resource that limits a job's memory, for each slot, as in h_vmem or mem_free. "
    "If it is left out, the batch system is not told how much memory a pilot wants",
    "gpu_resource": "the resource that counts GPUs; gpu, if it is left out",
    "exclusive_resource": "the resource that gives a job the whole node; exclusive, if it is left out",
}
LACKS = frozenset(["qos", "constraint", "reservation", "gpu_type"])
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
_EXTRA = ExtraOptions("qsub", _ALLOWED, _OWNED, example="-P physics")


def check_directive(text: str) -> str:
    """One option of qsub with its value, as in `-P physics`. Raises BadValue for what the CE sets."""
    option, value = _EXTRA.value_of(text)
    if option == "-l":
        _check_resources(text, value)
    return text


def _check_resources(text: str, value: str) -> None:
    for resource in value.split(","):
        name = resource.partition("=")[0].strip()
        if name in _RESERVED:
            raise set_by_the_ce(text, name, _RESERVED[name])
