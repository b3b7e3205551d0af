"""The letter to the site: what it has to do, in Markdown, as plain text and as HTML, from one source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import jinja2

from hosted_ce.site.units import parse_duration, parse_memory
from hosted_ce.site_init.kinds import split_login
from hosted_ce.site_init.open_items import OpenItem
from hosted_ce.site_init.question import UNKNOWN, Answers, Value, known
from hosted_ce.site_init.questions.names import LOCAL
from hosted_ce.site_init.questions.pilots import has_gpus

OUTBOUND_PORTS = (80, 1094, 2880, 8000, 8443, 27017)
"""TCP ports on which the OSPool's pilots try the way out when they begin, and say so if one is shut."""

BATCH_NAMES = {"slurm": "Slurm", "htcondor": "HTCondor", "pbs": "PBS", "lsf": "LSF", "sge": "Grid Engine"}


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What a letter has besides the answers."""

    line: str
    """Ours for authorized_keys; empty for a CE at the site."""
    pinned: Sequence[str]
    """Fingerprints that are pinned, each with its host."""
    items: Sequence[OpenItem]
    jump_line: str = ""
    """The line for jump hosts, if there are any."""


def letter_markdown(answers: Answers, enclosed: Enclosed) -> str:
    """The letter."""
    text = _template().render(_context(answers, enclosed))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def code(value: object) -> str:
    """A value as code, whatever is in it: nothing in it means something to Markdown."""
    text = str(value)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence, pad = "`" * (longest + 1), " " if longest else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def codes(values: Sequence[object]) -> str:
    """Several of them: `a`, `b` and `c`."""
    *first, last = map(code, values)
    return f"{', '.join(first)} and {last}" if first else last


def _context(answers: Answers, enclosed: Enclosed) -> Mapping[str, Any]:
    batch = str(answers.get("batch"))
    trial = _TRIALS.get(batch)
    return {
        "a": _Known(answers),
        "local": answers.get("option") == LOCAL,
        "batch": BATCH_NAMES.get(batch, batch),
        "logins": [split_login(each) for each in _list(answers, "login")],
        "addresses": _list(answers, "our_addresses"),
        "jumps": [split_login(each) for each in _list(answers, "jump")],
        "jump_line": enclosed.jump_line,
        "line": enclosed.line,
        "trial": f"sudo -iu {known(answers, 'account') or 'osg01'} {trial(answers)}" if trial else "",
        "gpus": has_gpus(answers),
        "pinned": enclosed.pinned,
        "items": enclosed.items,
        "ports": ", ".join(map(str, OUTBOUND_PORTS)),
    }


class _Known:
    """Answers for a template: None for what is not known, or not there; `open` says that it is not known."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def __getitem__(self, question: str) -> Value | None:
        return known(self._answers, question)

    def open(self, question: str) -> bool:
        """Whether it is not known yet."""
        return self._answers.get(question, UNKNOWN) == UNKNOWN


def _list(answers: Answers, question: str) -> list[str]:
    value = known(answers, question)
    return value if isinstance(value, list) else []


def _slurm_trial(answers: Answers) -> str:
    """Whether Slurm would take such a pilot."""
    options = {
        "partition": known(answers, "queue"),
        "account": known(answers, "charge"),
        "qos": known(answers, "qos"),
        "nodes": 1,
        "ntasks": 1,
        "cpus-per-task": answers["cpus"],
        "mem": f"{parse_memory(str(answers['memory']))}M",
        "time": parse_duration(str(answers["walltime"])) // 60,
    }
    given = [f"--{name}={value}" for name, value in options.items() if value is not None]
    if answers.get("whole_node") is True:
        given.append("--exclusive")
    return f"sbatch --test-only {' '.join(given)} --wrap=hostname"


def _grid_engine_trial(answers: Answers) -> str:
    """Whether Grid Engine could run such a pilot on an empty cluster."""
    cpus, memory = int(str(answers["cpus"])), parse_memory(str(answers["memory"]))
    options = [f"-l h_rt={parse_duration(str(answers['walltime']))}"]
    if cpus > 1:
        options.append(f"-pe {known(answers, 'parallel_environment') or 'ENVIRONMENT'} {cpus}")
    if resource := known(answers, "memory_resource"):
        options.append(f"-l {resource}={-(-memory // cpus)}M")
    options += [
        f"{option} {value}"
        for option, name in (("-q", "queue"), ("-A", "charge"))
        if (value := known(answers, name))
    ]
    return f"qsub -w v {' '.join(options)} -b y /bin/true"


_TRIALS = {"slurm": _slurm_trial, "sge": _grid_engine_trial}
"""By the batch system's name: the command by which a site sees whether its batch system takes a pilot."""


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("hosted_ce.site_init", "templates"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - this is Markdown: values go through `code`
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(code=code, codes=codes)
    return environment.get_template("letter.md.j2")
