"""One target for some time, guided by coverage: `python -m tests.fuzz.campaign TARGET SECONDS FOLDER`.

Faults do not end it: the shortest input of each is kept in FOLDER/faults, and figures.json is written as it
goes on. What ends the process itself (a crash of a library, no memory, a hang) leaves libFuzzer's file there.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import atheris

LONGEST_S = 20
RSS_MB = 2048


def main(name: str, seconds: float, folder: Path) -> None:
    """Ends the process."""
    with atheris.instrument_imports(include=["bosco", "hosted_ce"]):
        from tests.fuzz.catalogue import TARGETS
    from tests.fuzz.target import LONG_WORDS, WORDS
    from tests.fuzz.trying import tried

    target = TARGETS[name]
    keeper = _Keeper(folder)
    inputs = folder / "inputs"
    inputs.mkdir(parents=True, exist_ok=True)
    for seed in (*target.recorded, *target.corpus().values()):
        (inputs / hashlib.sha1(seed).hexdigest()).write_bytes(seed)  # libFuzzer's own names

    def try_one(data: bytes) -> None:
        keeper.count(data, tried(target, data))

    def mutate(data: bytes, size: int, seed: int) -> bytes:
        """libFuzzer's own, and now and then with one of the long words in it."""
        if seed % 29 == 0 and data:
            at, word = seed % len(data), LONG_WORDS[seed // 29 % len(LONG_WORDS)]
            return (data[:at] + word + data[at:])[:size]
        return bytes(atheris.Mutate(data, size))

    arguments = [
        sys.argv[0], f"-max_total_time={seconds:g}", f"-max_len={target.largest}", f"-timeout={LONGEST_S}",
        f"-rss_limit_mb={RSS_MB}", f"-artifact_prefix={folder}/", f"-dict={WORDS / name}.dict",
        "-verbosity=0", str(inputs),
    ]  # fmt: skip
    atheris.Setup(arguments, try_one, custom_mutator=mutate)
    atheris.Fuzz()


class _Keeper:
    """Counts inputs, and keeps the shortest one of each fault."""

    def __init__(self, folder: Path):
        self._faults = folder / "faults"
        self._faults.mkdir(parents=True, exist_ok=True)
        self._figures = folder / "figures.json"
        self._known: dict[str, dict[str, Any]] = {}
        self._tried, self._began, self._told = 0, time.monotonic(), 0.0

    def count(self, data: bytes, fault: Any) -> None:
        self._tried += 1
        if fault is not None:
            known = self._known.setdefault(fault.place, {"times": 0, "size": len(data) + 1})
            known["times"] += 1
            if len(data) < known["size"]:
                known["size"] = len(data)
                name = hashlib.sha1(fault.place.encode()).hexdigest()[:10]
                (self._faults / name).write_bytes(data)
                (self._faults / f"{name}.txt").write_text(
                    f"{fault.place}\n{fault.text}\n{data[:3000]!r}\n", errors="replace"
                )
                self._tell()
        if time.monotonic() - self._told > 1:
            self._tell()

    def _tell(self) -> None:
        self._told = time.monotonic()
        cpu = time.process_time()
        figures = {
            "tried": self._tried,
            "seconds": round(self._told - self._began, 1),
            "cpu_s": round(cpu, 1),
            "faults": self._known,
        }
        self._figures.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3]))
