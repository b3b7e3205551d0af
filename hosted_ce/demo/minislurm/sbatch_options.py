"""The options of `sbatch`, on its command line and in the head of the script, checked as Slurm does."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping

from . import units
from .arguments import Grammar, UsageError
from .errors import Refused

_WITHOUT_EFFECT = {
    "qos=": "q",
    "no-requeue": "",
    "requeue": "",
    "signal=": "",
    "gres=": "",
    "gpus=": "G",
    "gpus-per-node=": "",
    "constraint=": "C",
    "mem-per-cpu=": "",
    "nodelist=": "w",
    "exclude=": "x",
    "licenses=": "L",
    "reservation=": "",
    "nice=?": "",
    "mail-type=": "",
    "mail-user=": "",
}
"""Taken, and their syntax checked as Slurm does. Nothing comes of them on a site of one machine."""
_GRAMMAR = Grammar(
    {
        **_WITHOUT_EFFECT,
        "job-name=": "J",
        "output=": "o",
        "error=": "e",
        "chdir=": "D",
        "partition=": "p",
        "time=": "t",
        "cpus-per-task=": "c",
        "ntasks=": "n",
        "nodes=": "N",
        "ntasks-per-node=": "",
        "mem=": "",
        "comment=": "",
        "account=": "A",
        "exclusive=?": "",
        "open-mode=": "",
        "export=": "",
        "parsable": "",
    }
)
_MAGIC = "#SBATCH"
_BAD_OPTION = 255
_SIGNAL = re.compile(r"(?:[RB]+:)?(?:SIG)?[A-Z0-9]+(?:@(\d{1,5}))?\Z")
_GRES = re.compile(r"none\Z|[A-Za-z]\w*(?::[A-Za-z]\w*)?(?::\d+)?\Z")
_GPUS = re.compile(r"(?:[A-Za-z]\w*:)?\d+\Z")
_NODES = re.compile(r"(\d+)(?:-(\d+))?\Z")
_LONGEST_WARNING_S = 65535


def directives(script: str) -> dict[str, str]:
    """Options of the `#SBATCH` lines before the first command. Raises Refused."""
    found: dict[str, str] = {}
    for line in script.split("\n"):
        if line.startswith(_MAGIC):
            found.update(command_line(_words(line.removeprefix(_MAGIC)))[0])
        elif line.strip() and not line.lstrip().startswith("#"):
            break
    return found


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text, comments=True)
    except ValueError as problem:
        raise Refused(f"sbatch: error: {_MAGIC}{text}: {problem}", exit_code=_BAD_OPTION) from None


def command_line(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Options, and the script with its arguments. Raises Refused."""
    try:
        arguments = _GRAMMAR.parse(words, permute=False)
    except UsageError as problem:
        hint = 'Try "sbatch --help" for more information'
        raise Refused(f"sbatch: {problem}", hint, exit_code=_BAD_OPTION) from None
    options = arguments.last()
    for name, check in _CHECKS.items():
        if name in options:
            check(name, options[name])
    return options, arguments.operands


def _invalid(name: str) -> Refused:
    return Refused(f"sbatch: error: Invalid --{name} specification", exit_code=_BAD_OPTION)


def _check_unit(convert: Callable[[str], int]) -> Callable[[str, str], None]:
    def check(name: str, value: str) -> None:
        try:
            convert(value)
        except ValueError:
            raise _invalid(name) from None

    return check


def _check_count(name: str, value: str) -> None:
    if not value.isdecimal() or int(value) < 1:
        raise Refused(f'sbatch: error: Invalid numeric value "{value}" for --{name}.')


def _check_nodes(_name: str, value: str) -> None:
    nodes = _NODES.match(value)
    if not nodes:
        raise Refused(f'sbatch: error: "{value}" is not a valid node count', exit_code=_BAD_OPTION)
    least, most = int(nodes[1]), int(nodes[2] or nodes[1])
    if most < least:
        complaint = f"Maximum node count {most} is less than minimum node count {least}"
        raise Refused(f"sbatch: error: {complaint}", exit_code=_BAD_OPTION)


def _check_exclusive(name: str, value: str) -> None:
    if value not in ("", "exclusive", "user", "mcs"):
        raise _invalid(name)


def _check_open_mode(name: str, value: str) -> None:
    if value not in ("append", "a", "truncate", "t"):
        raise _invalid(name)


def _check_signal(name: str, value: str) -> None:
    signal = _SIGNAL.match(value)
    if not signal or int(signal[1] or 0) > _LONGEST_WARNING_S:
        raise _invalid(name)


def _check_generic(pattern: re.Pattern[str]) -> Callable[[str, str], None]:
    def check(_name: str, value: str) -> None:
        if not all(pattern.match(item) for item in value.split(",")):
            raise Refused("sbatch: error: Invalid generic resource (gres) specification")

    return check


_CHECKS: Mapping[str, Callable[[str, str], None]] = {
    "time": _check_unit(units.time_limit),
    "mem": _check_unit(units.megabytes),
    "mem-per-cpu": _check_unit(units.megabytes),
    "cpus-per-task": _check_count,
    "ntasks": _check_count,
    "ntasks-per-node": _check_count,
    "nodes": _check_nodes,
    "exclusive": _check_exclusive,
    "open-mode": _check_open_mode,
    "signal": _check_signal,
    "gres": _check_generic(_GRES),
    "gpus": _check_generic(_GPUS),
}
