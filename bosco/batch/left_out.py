"""Nodes that a job must not run on: their names, and each batch system's words for it. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator

NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}\Z")
"""Names of nodes that may go into a batch request."""
_HOST = ("h", "hostname")
_EXCLUDE = re.compile(r"(?:--exclude?(?:=|\s+)|-x\s*)(?P<nodes>.+)\Z", re.DOTALL)


def check_nodes(names: Iterable[str]) -> None:
    """Raises ValueError for what is no name of a node."""
    if wrong := [name for name in names if not NODE.match(name)]:
        raise ValueError(f"{wrong[0]!r} is not the name of a node")


def excluded(names: Iterable[str], extra: Iterable[str]) -> Iterator[str]:
    """sbatch's options: those of `extra`, and an --exclude with these names and what `extra` excludes.

    sbatch goes by the last --exclude alone (seen with 22.05).
    """
    left_out = list(names)
    if not left_out:
        yield from extra
        return
    for text in extra:
        if found := _EXCLUDE.match(text):
            left_out.append("".join(shlex.split(found["nodes"])))
        else:
            yield text
    yield f"--exclude={','.join(left_out)}"


def on_host(names: Iterable[str], node: str | None, extra: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """qsub's options: those of `extra`, as words, and a request for another host than `names`, or for `node`.

    qsub goes by the last request for a host alone (seen with 8.1.9), so theirs becomes a part of ours.
    """
    options, unwanted, theirs = [tuple(shlex.split(text)) for text in extra], "|".join(names), ""
    ours = [*([f"!({unwanted})"] if unwanted else []), *([node] if node else [])]
    if not ours:
        yield from options
        return
    for option in options:
        if option[0] != "-l":
            yield option
            continue
        resources = option[1].split(",")
        hosts = [resource for resource in resources if resource.partition("=")[0].strip() in _HOST]
        if hosts:
            theirs = f"({hosts[-1].partition('=')[2]})&"
        if others := [resource for resource in resources if resource not in hosts]:
            yield "-l", ",".join(others)
    yield "-l", f"h={theirs}{'&'.join(ours)}"


def no_member(names: Iterable[str]) -> Iterator[str]:
    """What HTCondor's requirements have to say; upper and lower case are the same to it."""
    if unwanted := ",".join(names):
        yield f'stringListIMember(TARGET.Machine, "{unwanted}") =!= true'


def selected(names: Iterable[str]) -> Iterator[str]:
    """LSF's section of a resource requirement. In quotes: a hyphen in a name would be taken for a minus."""
    if others := " && ".join(f"hname!='{name}'" for name in names):
        yield f"select[{others}]"
