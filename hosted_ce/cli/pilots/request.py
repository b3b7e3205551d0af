"""Makes the API's request of what the command line says."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hosted_ce.cli.errors import Misuse
from hosted_ce.cli.values import Scalar, megabytes, minutes, parse_pairs, parse_scalar

INLINE = 64 * 1024
"""Larger files, in bytes, are uploaded once, before the requests that name them."""


@dataclass(frozen=True, slots=True)
class Request:
    """The body of `POST /pilots`, and the contents, by checksum, that must be uploaded before."""

    body: dict[str, Any]
    uploads: Mapping[str, bytes]


def make_request(
    executable: Path,
    arguments: Sequence[str],
    inputs: Sequence[Path],
    environment: Mapping[str, str],
    attributes: Mapping[str, Scalar],
) -> Request:
    """The request that runs `executable` with these. Raises Misuse for a file it cannot read."""
    uploads: dict[str, bytes] = {}
    files = [_input(executable, uploads, runs=True)]
    files += [_input(path, uploads, runs=os.access(path, os.X_OK)) for path in inputs]
    body = {
        "executable": executable.name,
        "arguments": list(arguments),
        "environment": dict(environment),
        "attributes": dict(attributes),
        "inputs": files,
    }
    return Request(body, uploads)


def _input(path: Path, uploads: dict[str, bytes], *, runs: bool) -> dict[str, Any]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Misuse(f"{path} cannot be read: {error.strerror}") from error
    file = {"name": path.name, "executable": runs}
    if len(content) <= INLINE:
        return file | {"content": base64.b64encode(content).decode("ascii")}
    checksum = hashlib.sha256(content).hexdigest()
    uploads[checksum] = content
    return file | {"sha256": checksum}


def make_attributes(
    given: Iterable[str], *, cpus: int | None, memory: str | None, walltime: str | None, queue: str | None
) -> dict[str, Scalar]:
    """The pilot's attributes: `given` as NAME=VALUE, and the short options under HTCondor-CE's names.

    Raises Misuse.
    """
    found: dict[str, Scalar] = {
        name: parse_scalar(value) for name, value in parse_pairs(given, "--attribute").items()
    }
    short: dict[str, tuple[str, Scalar | None]] = {
        "xcount": ("--cpus", cpus),
        "maxMemory": ("--memory", None if memory is None else megabytes(memory, "--memory")),
        "maxWallTime": ("--walltime", None if walltime is None else minutes(walltime, "--walltime")),
        "queue": ("--queue", queue),
    }
    named = {name.lower() for name in found}
    for name, (option, value) in short.items():
        if value is None:
            continue
        if name.lower() in named:
            raise Misuse(f"{option} sets {name}, which --attribute sets too: give one of them")
        found[name] = value
    return found
