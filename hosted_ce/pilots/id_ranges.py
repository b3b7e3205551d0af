"""Ids of many pilots in few words, for lines of the audit log. Pure."""

from __future__ import annotations

from collections.abc import Iterable


def ranges_of(ids: Iterable[int]) -> list[str]:
    """The ids in ascending order, neighbours together: 1, 2, 3, 7 are `1-3` and `7`."""
    found: list[tuple[int, int]] = []
    for each in sorted(set(ids)):
        if found and found[-1][1] == each - 1:
            found[-1] = found[-1][0], each
        else:
            found.append((each, each))
    return [str(first) if first == last else f"{first}-{last}" for first, last in found]


def in_ranges(wanted: int, ranges: object) -> bool:
    """Whether the id is in such ranges, or in a list of ids, as they are read; False for anything else."""
    return isinstance(ranges, list) and any(_has(text, wanted) for text in ranges)


def _has(text: object, wanted: int) -> bool:
    first, _, last = str(text).partition("-")
    try:
        return int(first) <= wanted <= int(last or first)
    except ValueError:
        return False
