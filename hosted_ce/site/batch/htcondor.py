"""HTCondor: which lines of a submit description file a site may add, and which belong to the CE.

A line may set an attribute of the job ad (`+Name = value`, `My.Name = value`), for a site to match on, or be
one of the commands that are known to be harmless. There are too many that change what a job is.
"""

from __future__ import annotations

import re

from hosted_ce.site.errors import BadValue, quote

OPTIONS = {
    "filesystem_domain": "FILESYSTEM_DOMAIN of the nodes, where they and the login node have the home in "
    "common. If it is left out, HTCondor carries each job's files to the node and back",
}
LACKS = frozenset({"qos"})
_LINE = re.compile(
    r"(?:(?:\+|My\.)(?P<attribute>[A-Za-z_]\w*)|(?P<command>[A-Za-z_]\w*))\s*=\s*\S", re.IGNORECASE
)
_ALLOWED = frozenset(
    {
        "requirements", "rank", "request_disk", "require_gpus", "gpus_minimum_capability",
        "gpus_minimum_memory", "gpus_minimum_runtime", "concurrency_limits", "concurrency_limits_expr",
        "priority", "nice_user", "accounting_group_user",
    }
)  # fmt: skip
_INSTEAD = {
    "request_cpus": "use request.cpus",
    "request_memory": "use request.memory",
    "request_gpus": "use request.gpus",
    "accounting_group": "use request.account",
    "environment": "use request.environment",
    "getenv": "use request.environment",
    "allowed_execute_duration": "use request.walltime",
    "allowed_job_duration": "use request.walltime",
}
_OWNED = frozenset(
    {
        "accountinggroup", "acctgroup", "allowedexecuteduration", "allowedjobduration", "args", "arguments",
        "batchqueue", "clusterid", "cmd", "env", "environment", "err", "filesystemdomain", "hostedcestamp",
        "in", "iwd", "jobbatchname", "jobleaseduration", "jobmaxvacatetime", "jobstatus", "jobuniverse",
        "killsig", "leavejobinqueue", "onexithold", "onexitremove", "out", "owner", "periodichold",
        "periodicrelease", "periodicremove", "periodicvacate", "procid", "remotekillsig", "removekillsig",
        "requestcpus", "requestgpus", "requestmemory", "requirements", "shouldtransferfiles",
        "transferexecutable", "transferinput", "transferoutput", "transferoutputremaps", "user", "userlog",
        "wantioproxy", "whentotransferoutput",
    }
)  # fmt: skip


def check_directive(text: str) -> str:
    """One line, as in `+WantCVMFS = true` or `rank = Memory`. Raises BadValue for what the CE sets."""
    found = _LINE.match(text)
    if not found:
        raise BadValue(
            f"{quote(text)} is not a line of a submit description file", "write it as name = value"
        )
    if text.endswith("\\"):
        raise BadValue(f"{quote(text)} ends with a backslash: the next line would become part of it")
    if "$(" in text:
        raise BadValue(f"{quote(text)} has a macro of condor_submit in it", "write the value itself")
    attribute, command = found["attribute"], found["command"]
    if attribute and attribute.lower() in _OWNED:
        raise BadValue(f"{quote(text)} cannot be given here: {attribute} is set by the CE")
    if command and command.lower() not in _ALLOWED:
        raise BadValue(
            f"{quote(text)} cannot be given here",
            _INSTEAD.get(command.lower(), f"these can be: +Attribute, {', '.join(sorted(_ALLOWED))}"),
        )
    if command and command.lower() == "requirements" and not _closes_what_it_opens(text):
        raise BadValue(f"{quote(text)} has parentheses or quotes that do not match")
    return text


def _closes_what_it_opens(text: str) -> bool:
    depth = 0
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    for letter in outside:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth < 0:
            return False
    return depth == 0 and '"' not in outside
