"""A pilot that might come, as the command line says it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hosted_ce.api.bodies.hypothetical import HypotheticalPilot, checked, spec_of
from hosted_ce.api.problems.problem import Problem
from hosted_ce.cli.errors import Misuse
from hosted_ce.cli.printing import note
from hosted_ce.cli.values import Scalar, parse_pairs, parse_scalar
from hosted_ce.intake.condor.request import BadRequest, routing_attributes, wanted_files
from hosted_ce.routing.htcondor.ad_text import AdTextError, read_ad
from hosted_ce.routing.htcondor.command import Unreadable, arguments_of, environment_of

EXPRESSIONS_NAMED = 10


def asked_pilot(pairs: Sequence[str], ad: Path | None, account: str | None) -> HypotheticalPilot:
    """The pilot with these NAME=VALUE attributes, over those of the ad file. Raises Misuse."""
    if not pairs and ad is None:
        raise Misuse("which pilot? Give its number, attributes as NAME=VALUE, or its ad: --ad FILE")
    document = _of_ad(ad) if ad else {}
    given = {name: parse_scalar(value) for name, value in parse_pairs(pairs, "attribute").items()}
    document["attributes"] = _over(given, document.get("attributes", {}))
    document["account"] = account
    try:
        asked = checked(document)
        spec_of(asked)
    except Problem as problem:
        faults = [
            f"{e['path']}: {e['message']}" if e["path"] else e["message"] for e in problem.data["errors"]
        ]
        raise Misuse(faults[0], *(f"error: {fault}" for fault in faults[1:])) from problem
    return asked


def _over(given: dict[str, Scalar], before: dict[str, Scalar]) -> dict[str, Scalar]:
    """Names are case-insensitive."""
    named = {name.lower() for name in given}
    return {name: value for name, value in before.items() if name.lower() not in named} | given


def _of_ad(file: Path) -> dict[str, Any]:
    """What the front door would take of this ad. What it leaves out is told."""
    try:
        ad = read_ad(file.read_text(encoding="utf-8", errors="surrogateescape"), str(file))
        plain = {name: value for name in ad if (value := ad.literal(name)) is not None}
        attributes = routing_attributes(plain)
        files = wanted_files(plain) if "Cmd" in plain else None
        document: dict[str, Any] = {
            "attributes": attributes, "arguments": arguments_of(plain), "environment": environment_of(plain)
        }  # fmt: skip
    except OSError as error:
        raise Misuse(f"{file} cannot be read: {error.strerror}") from error
    except AdTextError as error:
        raise Misuse(str(error)) from error
    except (BadRequest, Unreadable) as error:
        raise Misuse(f"{file}: {error}") from error
    _tell_left_out(file, [name for name in ad if name not in plain])
    if files:
        document |= {"executable": files.executable, "credentials": files.credentials, "proxy": files.proxy}
    return document


def _tell_left_out(file: Path, expressions: list[str]) -> None:
    if expressions:
        named = ", ".join(expressions[:EXPRESSIONS_NAMED])
        more = f" and {rest} more" if (rest := len(expressions) - EXPRESSIONS_NAMED) > 0 else ""
        note(f"{file}: left out, as by the front door, since they are no plain values: {named}{more}")
