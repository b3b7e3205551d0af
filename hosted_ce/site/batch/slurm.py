"""Extra `#SBATCH` directives: which options a site may add, and which belong to the CE.

sbatch (seen with 22.05) takes several options from one directive line, ends a word at a space behind a
backslash, drops quotes inside an option's name, takes `--outp` for `--output`, and `-Hn2` for `-H -n2`.
Hence the strictness.
"""

from __future__ import annotations

import re
import shlex

from hosted_ce.site.errors import BadValue, quote

OPTIONS = {
    "cluster": "of several clusters that the login node's commands serve, the one for the pilots, as "
    "sacctmgr names it. If it is left out, it is the login node's own; in a federation it has to be named",
}
_CLUSTERS = "use batch_options.cluster: with the variable, sacct would ask another cluster than sbatch"
VARIABLES = dict.fromkeys(("SLURM_CLUSTERS", "SBATCH_CLUSTERS"), _CLUSTERS)
"""That a cluster's `environment` may not have."""

_FLAGS = "hsvHOQVW"
"""One-letter options without a value: another option may follow in the same word."""

_NAMES_JOB = "the CE finds its jobs by this name and comment"
_OWNS_FILES = "the CE reads what the pilot prints from its own folder in the spool"
_NEEDS_REPLY = "the CE needs the job's id, and at once"
_ONE_JOB = "each pilot is one job, run once"
_ONE_NODE = "a pilot is one task on one node"
_ENVIRONMENT = "the CE sets the pilot's environment; use request.environment"

_OWNED = {
    "job-name": _NAMES_JOB,
    "comment": _NAMES_JOB,
    "output": _OWNS_FILES,
    "error": _OWNS_FILES,
    "input": _OWNS_FILES,
    "chdir": _OWNS_FILES,
    "open-mode": _OWNS_FILES,
    "parsable": _NEEDS_REPLY,
    "wait": _NEEDS_REPLY,
    "wrap": _NEEDS_REPLY,
    "test-only": _NEEDS_REPLY,
    "array": _ONE_JOB,
    "requeue": _ONE_JOB,
    "no-requeue": _ONE_JOB,
    "signal": "the CE has the job told ahead of its time limit, so that it can end in order",
    "hold": "a job that is held never starts",
    "clusters": "use batch_options.cluster; each cluster that gets pilots is one under clusters:",
    "export": _ENVIRONMENT,
    "export-file": _ENVIRONMENT,
    "nodes": _ONE_NODE,
    "ntasks": _ONE_NODE,
    "ntasks-per-node": _ONE_NODE,
    "account": "use request.account",
    "partition": "use request.queue",
    "qos": "use request.qos",
    "time": "use request.walltime",
    "mem": "use request.memory",
    "mem-per-cpu": "use request.memory",
    "mem-per-gpu": "use request.memory",
    "cpus-per-task": "use request.cpus",
    "gpus": "use request.gpus",
}

_HARD_TO_MERGE = re.compile(rf"-(?:[{_FLAGS}]+x|x=)")

_LETTERS = {
    "J": "job-name",
    "o": "output",
    "e": "error",
    "i": "input",
    "D": "chdir",
    "W": "wait",
    "a": "array",
    "H": "hold",
    "M": "clusters",
    "N": "nodes",
    "n": "ntasks",
    "A": "account",
    "p": "partition",
    "q": "qos",
    "t": "time",
    "c": "cpus-per-task",
    "G": "gpus",
}


def check_directive(text: str) -> str:
    """One sbatch option: `--name`, `--name=value` or `-x value`. Raises BadValue for what the CE sets."""
    if not re.match(r"-[A-Za-z]|--[A-Za-z]", text):
        raise BadValue(
            f"{quote(text)} is not an option of sbatch", "write it as --name=value, without #SBATCH"
        )
    option = _only_word_with_an_option(text)
    if owned := _find_owned(option):
        raise BadValue(f"{quote(text)} cannot be given here: --{owned} is set by the CE", _OWNED[owned])
    if _HARD_TO_MERGE.match(option):
        raise BadValue(
            f"{quote(text)}: the CE adds nodes that it avoids to this option", "write --exclude=NODES"
        )
    return text


def _only_word_with_an_option(text: str) -> str:
    if "\\" in text:
        raise BadValue(f"{quote(text)} has a backslash", 'quote a value that has spaces: --name="a b"')
    try:
        words = shlex.split(text)
    except ValueError:
        raise BadValue(f"{quote(text)} has a quote that is not closed") from None
    if len(words) > 2 or any(word.startswith("-") for word in words[1:]):  # noqa: PLR2004
        raise BadValue(f"{quote(text)} holds more than one option", "write each option as an item of its own")
    return words[0]


def _find_owned(option: str) -> str | None:
    """The long name of the CE's own option that sbatch would understand, if any."""
    if option.startswith("--"):
        name = option[2:].partition("=")[0]
        return name if name in _OWNED else next((owned for owned in _OWNED if owned.startswith(name)), None)
    for letter in option[1:]:
        if letter in _LETTERS:
            return _LETTERS[letter]
        if letter not in _FLAGS:
            return None
    return None
