"""Tries one input, and tells a fault: an exception, or more time than an input may take."""

from __future__ import annotations

import resource
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.target import Target

SLOW_S = 2.0
"""CPU seconds for an input of at most 16 kB."""
MEMORY = 4 * 1024**3
"""Bytes of address space that a process which tries inputs may have."""
OURS = ("/bosco/", "/hosted_ce/", "/tests/fuzz/")


@dataclass(frozen=True, slots=True)
class Fault:
    """What an input did. `place` tells faults apart: the error's type and the last line of ours."""

    place: str
    text: str


def limit_memory() -> None:
    """For this process, and for good."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def tried(target: Target, data: bytes, slow_s: float = SLOW_S) -> Fault | None:
    """None: it was taken, or refused as it should be."""
    began = time.process_time()
    try:
        target.run(data)
    except Exception as error:  # whatever it is, it is what is looked for
        return Fault(_place(error), "".join(traceback.format_exception(error))[-6000:])
    took = time.process_time() - began
    return Fault("slow", f"{took:.1f} s of CPU for {len(data)} bytes") if took > slow_s else None


def _place(error: Exception) -> str:
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if any(o in frame.filename for o in OURS)
    ]
    last = frames[-1] if frames else None
    where = f"{Path(last.filename).name}:{last.name}" if last else "?"
    return f"{type(error).__name__} {where}"
