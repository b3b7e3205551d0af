"""LSF: which options of bsub a site may add, and which belong to the CE.

They become arguments of bsub as they are, so each item is one option and its value. What is not known to be
harmless is refused.
"""

from __future__ import annotations

import shlex

from hosted_ce.site.errors import BadValue, quote

LACKS = frozenset(["qos"])
_WORDS = 2
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


def check_directive(text: str) -> str:
    """One option of bsub with its value, as in `-app pilots`. Raises BadValue for what the CE sets."""
    try:
        words = shlex.split(text)
    except ValueError:
        raise BadValue(f"{quote(text)} has a quote that is not closed") from None
    option = words[0] if words else ""
    if option in _OWNED:
        raise BadValue(f"{quote(text)} cannot be given here: {option} is set by the CE", _OWNED[option])
    if option not in _ALLOWED:
        allowed = f"these can be: {' '.join(sorted(_ALLOWED))}"
        raise BadValue(f"{quote(text)} is not an option of bsub that can be given here", allowed)
    if len(words) != _WORDS:
        raise BadValue(f"{quote(text)} is not one option and its value", "as in -app pilots, each an item")
    if option == "-R" and ("rusage[mem" in words[1].replace(" ", "") or "span[" in words[1].replace(" ", "")):
        raise BadValue(
            f"{quote(text)} cannot be given here: memory and span are set by the CE",
            "use request.memory; a pilot is on one node",
        )
    return text
