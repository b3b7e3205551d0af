"""The corpus, and some mutants, of all targets: what CI tries, in a process with little memory.

Each line of standard output is JSON: a target that is begun, or what came of it. With a number, so many
mutants of each are tried: `python -m tests.fuzz.bounded 20000`.
"""

from __future__ import annotations

import json
import sys
from itertools import chain

from tests.fuzz.catalogue import TARGETS
from tests.fuzz.mutants import mutants
from tests.fuzz.target import Target
from tests.fuzz.trying import limit_memory, tried

MUTANTS = 200
SHOWN = 400


def main(number: int = MUTANTS) -> None:
    """All of them."""
    limit_memory()
    for target in TARGETS.values():
        print(json.dumps({"begun": target.name}), flush=True)
        print(json.dumps({"target": target.name, **_results(target, number)}), flush=True)


def _results(target: Target, most: int) -> dict[str, object]:
    number, faults = 0, []
    recorded = ((f"recorded {at}", data) for at, data in enumerate(target.recorded))
    made = ((f"mutant {at}", data) for at, data in enumerate(mutants(target, most)))
    for name, data in chain(target.corpus().items(), recorded, made):
        number += 1
        if fault := tried(target, data):
            faults.append(f"{name}: {fault.place}\n{data[:SHOWN]!r}\n{fault.text}")
    return {"tried": number, "faults": faults}


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
