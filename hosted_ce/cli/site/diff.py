"""The difference of two site files, told in lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hosted_ce.cli.words import cell, spelled, to_the_second

Found = Mapping[str, Any]
"""As the API answers a comparison."""

_NO_ROUTE = "no_route"


def lines_of(found: Found) -> Iterator[str]:
    """What differs, what becomes of the pilots, what is in the way, what is to be done."""
    if found["same"]:
        yield "the site files say the same"
    yield from (each["words"] for each in found["changes"])
    if found["waiting"] is not None:
        yield ""
        yield from _pilots(found)
    yield from _listed("the CE would refuse it now:", found["obstacles"])
    yield from _listed("then:", found["to_do"])


def file_lines(file: Mapping[str, Any] | None) -> Iterator[str]:
    """The site file in force, and why what it says now is not."""
    if file is None:
        return
    loaded = f"{cell(file['path'])}, loaded {to_the_second(file['loaded_at'])}, sha256 {file['sha256'][:12]}"
    yield loaded
    if file["problems"]:
        yield f"what it says now is NOT in force, since {to_the_second(file['failed_at'])}:"
    yield from (f"  {spelled(problem)}" for problem in file["problems"])
    yield from (f"to do: {spelled(chore)}" for chore in file["to_do"])


def is_bad(found: Found) -> bool:
    """Whether pilots would lose their routes, or the file would be refused."""
    lost = (each for each in found["shifts"] if _loses(each))
    return bool(found["obstacles"]) or next(lost, None) is not None


def _pilots(found: Found) -> Iterator[str]:
    moved = [each for each in found["shifts"] if each["before"] != each["after"]]
    still = found["waiting"] - sum(each["pilots"] for each in moved)
    number = found["waiting"]
    yield f"{number} pilot{'s wait' if number != 1 else ' waits'} in the CE, {still} of them as before"
    for each in moved:
        becomes = f"{_fate(each['before'])} -> {_fate(each['after'])}"
        yield f"  {each['pilots']:5}  {becomes}  {_some(each)}{'  LOSE THEIR ROUTE' if _loses(each) else ''}"


def _loses(shift: Mapping[str, Any]) -> bool:
    return bool(shift["after"]["fate"] == _NO_ROUTE and shift["before"]["fate"] != _NO_ROUTE)


def _fate(prospect: Mapping[str, Any]) -> str:
    match prospect["fate"]:
        case "begins":
            return f"goes to {prospect['route']}"
        case "waits":
            return f"waits for room in {prospect['route']}"
        case _:
            return "no route"


def _some(shift: Mapping[str, Any]) -> str:
    first = ", ".join(str(each) for each in shift["examples"])
    return f"({first}{', ...' if shift['pilots'] > len(shift['examples']) else ''})"


def _listed(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield title
        yield from (f"  {line}" for line in lines)
