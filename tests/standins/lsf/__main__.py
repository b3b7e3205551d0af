"""Entry point: `python -S -E tests/standins/lsf/__main__.py FOLDER VERSION COMMAND ARGUMENTS...`.

Faults are those of `pbs`; without a server the commands say that LSF is down, twice with LSB_NTRIES=2.
"""

from __future__ import annotations

import importlib
import os
import sys

if __name__ == "__main__":
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.exit(importlib.import_module("machine.command").main("lsf", sys.argv[1:]))
