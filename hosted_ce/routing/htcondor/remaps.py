"""TransferOutputRemaps: `name = new name; name = new name`, of files and of folders, again and again."""

from __future__ import annotations

import re
from collections.abc import Mapping

MOST_REMAPS = 128
_PAIR = re.compile(r"((?:\\=|[^=;])*)=((?:\\;|[^;])*)(?:;|\Z)")


def remapped(remaps: str, file: str) -> str | None:
    """Where a file goes; None if nowhere else. A loop of remaps is followed 128 times and no further."""
    return _remapped(_read(remaps), file, MOST_REMAPS)


def _read(remaps: str) -> Mapping[str, str]:
    text = remaps.replace("\t", "").replace("\n", "")
    pairs: dict[str, str] = {}
    for found in _PAIR.finditer(text):
        pairs.setdefault(found[1].replace("\\=", "=").strip(), found[2].replace("\\;", ";").strip())
    return pairs


def _remapped(pairs: Mapping[str, str], file: str, left: int) -> str | None:
    if not left:
        return None
    if file in pairs:
        return _remapped(pairs, pairs[file], left - 1) or pairs[file]
    folder, slash, entry = file.rpartition("/")
    if not slash:
        return None
    moved = _remapped(pairs, folder, left - 1)
    return None if moved is None else f"{moved}/{entry}"
