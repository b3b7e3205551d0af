"""Where the memory of a CE with nothing to do goes: `python -m tests.bench.memory [PID ...]`.

Without processes: what the imports of the service leave behind, package by package. With those of a CE, its
daemon and the child that talks to the schedd: what each has, by what is mapped. A page that n processes
share counts as an n-th in each (PSS).
"""

from __future__ import annotations

import importlib
import re
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from importlib.machinery import ExtensionFileLoader, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from hosted_ce.cli.service import UNUSED

TOLD = 25
EXECUTE = "exec_module"
_MAPPING = re.compile(r"[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+ *(.*)")


def main(pids: list[str]) -> None:
    """Prints the table."""
    if not pids:
        _print("traced while the service is imported", imported())
    for pid in pids:
        _print(f"PSS of {pid}", mapped(Path(f"/proc/{pid}/smaps").read_text().splitlines()))


def mapped(smaps: Iterable[str]) -> dict[str, int]:
    """Bytes of a process by the file that is mapped, the kernel's name for it, or `[anonymous]`."""
    found, name = Counter[str](), ""
    for line in smaps:
        if begins := _MAPPING.fullmatch(line):
            name = begins[1] or "[anonymous]"
        elif line.startswith("Pss:"):
            found[name.rpartition("/")[2]] += 1024 * int(line.split()[1])
    return found


def imported() -> dict[str, int]:
    """Bytes that Python has more after each package's own modules, without what those import."""
    sys.modules.update(dict.fromkeys(UNUSED))  # type: ignore[arg-type]  # as the service does
    own, inner = Counter[str](), [0]
    for loader in (SourceFileLoader, ExtensionFileLoader):
        setattr(loader, EXECUTE, _counting(getattr(loader, EXECUTE), own, inner))
    tracemalloc.start()
    importlib.import_module("hosted_ce.cli.running")
    return own


def _counting(
    execute: Callable[[Any, ModuleType], None], own: Counter[str], inner: list[int]
) -> Callable[[Any, ModuleType], None]:
    def counted(loader: Any, module: ModuleType) -> None:
        inner.append(0)
        before = tracemalloc.get_traced_memory()[0]
        try:
            execute(loader, module)
        finally:
            grown = tracemalloc.get_traced_memory()[0] - before
            own[module.__name__.partition(".")[0]] += grown - inner.pop()
            inner[-1] += grown

    return counted


def _print(title: str, found: Mapping[str, int]) -> None:
    print(f"{title}: {sum(found.values()) / 2**20:.1f} MB")
    for name, size in Counter(found).most_common(TOLD):
        print(f"{size / 2**20:8.1f}  {name}")


if __name__ == "__main__":
    main(sys.argv[1:])
