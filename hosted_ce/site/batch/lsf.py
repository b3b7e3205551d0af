"""LSF: which options of bsub a site may add, and which belong to the CE.

They become arguments of bsub as they are, so each item is one option and its value.
"""

from __future__ import annotations

from hosted_ce.site.batch.extra import ExtraOptions
from hosted_ce.site.errors import BadValue, quote

LACKS = frozenset(["qos"])
_ALLOWED = frozenset(["-app", "-sla", "-G", "-g", "-sp", "-m", "-Lp", "-U", "-a", "-R", "-Jd"])
_OWNED = {
    "-J": "the CE finds its jobs by this name",
    "-q": "use request.queue",
    "-P": "use request.account",
    "-W": "use request.walltime",
    "-n": "use request.cpus",
    "-M": "use request.memory",
    "-x": "use request.whole_node",
    "-gpu": "use request.gpus",
    "-env": "use request.environment",
}
_EXTRA = ExtraOptions("bsub", _ALLOWED, _OWNED, example="-app pilots")


def check_directive(text: str) -> str:
    """One option of bsub with its value, as in `-app pilots`. Raises BadValue for what the CE sets."""
    option, value = _EXTRA.value_of(text)
    if option == "-R" and any(part in value.replace(" ", "") for part in ("rusage[mem", "span[")):
        raise BadValue(
            f"{quote(text)} cannot be given here: memory and span are set by the CE",
            "use request.memory; a pilot is on one node",
        )
    return text
