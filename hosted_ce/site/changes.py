"""What differs between two site files. Pure, and of every key that there is: also of those to come.

Routes and clusters are compared by name, other lists by their entries. What a file leaves out and what it
says as the default is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hosted_ce.site.model import SiteFile

Path = tuple[str, ...]
"""Keys from the top; an entry of a list with names stands under its name: ("routes", "gpu", "limits")."""


class What(StrEnum):
    """How something differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    ORDER = "order"
    """The same entries, in another order."""
    CONTENT = "content"
    """The same file, with another content."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `old` and `new` are as the file would spell them; None where there is nothing.

    `place` is where an added entry of a list with an order stands: (3, 7) is the third of seven.
    """

    path: Path
    what: What
    old: Any = None
    new: Any = None
    place: tuple[int, int] | None = None


def differences(old: SiteFile, new: SiteFile) -> tuple[Difference, ...]:
    """Everything that is not the same, in the order of the file's keys."""
    return tuple(_differ((), spelled_out(old), spelled_out(new)))


def spelled_out(site: SiteFile) -> Any:
    """The whole file as plain values, defaults included, each spelled as in a file."""
    return site.model_dump(mode="json")


def _differ(path: Path, old: Any, new: Any) -> Iterator[Difference]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _of_mappings(path, old, new)
    elif _is_list(old) and _is_list(new):
        yield from _of_lists(path, old, new)
    elif type(old) is not type(new) or old != new:
        yield Difference(path, _what(old, new), old, new)


def _what(old: Any, new: Any) -> What:
    return What.ADDED if old is None else What.REMOVED if new is None else What.CHANGED


def _of_mappings(path: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for key in dict.fromkeys([*old, *new]):
        here = (*path, key)
        if key not in old:
            yield Difference(here, What.ADDED, new=new[key])
        elif key not in new:
            yield Difference(here, What.REMOVED, old[key])
        else:
            yield from _differ(here, old[key], new[key])


def _of_lists(path: Path, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Difference]:
    before, after = _named(old), _named(new)
    if before is None or after is None:
        yield from _of_entries(path, old, new)
        return
    order = list(after)
    for difference in _of_mappings(path, before, after):
        added = difference.what is What.ADDED and len(difference.path) == len(path) + 1
        place = (order.index(difference.path[-1]) + 1, len(order)) if added else None
        yield Difference(
            difference.path, difference.what, difference.old, difference.new, place or difference.place
        )
    yield from _order(path, list(before), order)


def _named(entries: Sequence[Any]) -> dict[str, Any] | None:
    """By name, if all have one; the name itself is then not looked at again."""
    if not all(isinstance(entry, Mapping) and isinstance(entry.get("name"), str) for entry in entries):
        return None
    return {entry["name"]: entry for entry in entries}


def _of_entries(path: Path, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Difference]:
    gone, come = _without(old, new), _without(new, old)
    yield from (Difference(path, What.REMOVED, entry) for entry in gone)
    yield from (Difference(path, What.ADDED, new=entry) for entry in come)
    yield from _order(path, _without(old, gone), _without(new, come))


def _without(entries: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """Those that `others` does not have, as often as it lacks them."""
    left, missing = list(others), []
    for entry in entries:
        if entry in left:
            left.remove(entry)
        else:
            missing.append(entry)
    return missing


def _order(path: Path, old: list[Any], new: list[Any]) -> Iterator[Difference]:
    before, after = ([each for each in some if each in other] for some, other in ((old, new), (new, old)))
    if before != after:
        yield Difference(path, What.ORDER, before, after)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)
