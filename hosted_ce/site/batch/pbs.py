"""PBS Pro, OpenPBS and Torque: which options of qsub a site may add, and which belong to the CE.

They become `#PBS` lines, whose reader takes several options from one line and knows quotes and backslashes of
its own; many options change what a job is (-J, -t, -W block, -W depend, -I). What is not known to be harmless
is refused.
"""

from __future__ import annotations

import re

from hosted_ce.site.batch.extra import ExtraOptions, set_by_the_ce
from hosted_ce.site.errors import BadValue, quote

OPTIONS = {
    "flavour": "openpbs, also for PBS Pro, or torque. If it is left out, the CE asks the site's commands, "
    "which say it themselves",
    "stage_host": "without a shared home: the login node's name for the worker nodes, which copy outputs "
    "to it. If it is left out, what hostname -f says there",
}
CHOICES = {"flavour": ("openpbs", "torque")}
_FORM = re.compile(r"(-[A-Za-z]) ([^\s\\'\"]+)\Z")
_ALLOWED = frozenset(["-l", "-P", "-p", "-M", "-W", "-c", "-u"])
_RESOURCES = {
    "walltime": "use request.walltime",
    "ncpus": "use request.cpus",
    "select": "use request.cpus, request.memory and request.gpus",
    "nodes": "use request.cpus, and request.gpus",
    "procs": "use request.cpus",
    "place": "use request.whole_node",
    "naccesspolicy": "use request.whole_node",
    "mem": "use request.memory",
    "pmem": "use request.memory",
    "ngpus": "use request.gpus",
    "gpus": "use request.gpus",
    "qos": "use request.qos",
}
_ATTRIBUTES = frozenset(["group_list", "x"])
_OWNED = {
    "-N": "the CE finds its jobs by this name",
    "-q": "use request.queue",
    "-A": "use request.account",
    "-v": "use request.environment",
    "-V": "use request.environment",
}
_EXTRA = ExtraOptions("qsub", _ALLOWED, _OWNED, example="-P physics")


def check_directive(text: str) -> str:
    """One option of qsub with its value, as in `-P physics`. Raises BadValue for what the CE sets."""
    option = text.split(" ", maxsplit=1)[0]
    _EXTRA.check_name(text, option)
    found = _FORM.match(text)
    if not found:
        raise BadValue(
            f"{quote(text)} is not one option and its value",
            "as in -P physics, without #PBS, quotes or spaces",
        )
    names = [item.partition("=")[0] for item in found[2].split(",")]
    if option == "-l" and (owned := [name for name in names if name in _RESOURCES]):
        raise set_by_the_ce(text, owned[0], _RESOURCES[owned[0]])
    if option == "-W" and names[0] not in _ATTRIBUTES:
        raise BadValue(f"{quote(text)} cannot be given here", "of -W, only group_list and x can be")
    return text
