"""Memory that was freed goes back to the kernel."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """\
import re
from pathlib import Path
from hosted_ce.malloc import give_back, share_one_arena

def resident_mb():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

share_one_arena()
pieces = [bytearray(50_000) for _ in range(2000)]  # less than what the C library maps for itself
kept = pieces[-1]  # the end of the heap is in use: it cannot be cut there
del pieces
before = resident_mb()
give_back()
print(before - resident_mb())
"""


def test_pages_in_the_middle_of_the_heap_are_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True, text=True)
    assert float(done.stdout) > 50
