"""The long runs, one target after the other: `python -m tests.fuzz [--seconds 60] [TARGET ...]`."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.fuzz.catalogue import TARGETS


def main() -> None:
    """Exits with 1 when there were faults."""
    asked = _arguments()
    faults = 0
    for name in asked.targets or TARGETS:
        code, figures = _run(name, asked.seconds, asked.folder / name)
        faults += len(figures.get("faults", {})) + (code != 0)
        print(
            f"{name}: {figures.get('tried', 0)} inputs in {figures.get('seconds', 0)} s, exit code {code}",
            flush=True,
        )
        for place, known in figures.get("faults", {}).items():
            print(f"    {place}: {known['times']} times", flush=True)
    print(*table(asked.folder), sep="\n")
    sys.exit(1 if faults else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("tests.fuzz", description=__doc__)
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help=f"one of {', '.join(TARGETS)}; default: all"
    )
    parser.add_argument("--seconds", type=float, default=60, help="for each of them")
    parser.add_argument(
        "--folder", type=Path, default=Path("build/fuzz"), help="for inputs, faults and figures"
    )
    asked = parser.parse_args()
    if unknown := set(asked.targets) - set(TARGETS):
        parser.error(f"no target {', '.join(sorted(unknown))}")
    return asked


def _run(name: str, seconds: float, folder: Path) -> tuple[int, Mapping[str, Any]]:
    folder.mkdir(parents=True, exist_ok=True)
    figures = folder / "figures.json"
    figures.unlink(missing_ok=True)
    argv = [sys.executable, "-m", "tests.fuzz.campaign", name, f"{seconds:g}", str(folder)]
    with (folder / "log").open("wb") as log:
        code = subprocess.run(argv, stdout=log, stderr=log, check=False).returncode
    found: dict[str, Any] = json.loads(figures.read_text()) if figures.exists() else {}
    with (folder.parent / "runs.jsonl").open("a") as runs:
        runs.write(json.dumps({"target": name, "code": code, **found}) + "\n")
    return code, found


def table(folder: Path) -> Iterable[str]:
    """The figures of all runs in the folder, by kind, as Markdown."""
    runs = [json.loads(line) for line in (folder / "runs.jsonl").read_text().splitlines()]
    tried: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    faults: defaultdict[str, set[str]] = defaultdict(set)
    for run in runs:
        kind = TARGETS[run["target"]].kind
        tried[kind] += run.get("tried", 0)
        seconds[kind] += run.get("seconds", 0)
        faults[kind] |= set(run.get("faults", {}))
    yield "| kind | inputs | minutes | faults |"
    yield "|---|---|---|---|"
    for kind in tried:
        yield f"| {kind} | {tried[kind]:,} | {seconds[kind] / 60:.1f} | {len(faults[kind])} |"


if __name__ == "__main__":
    main()
