"""Entry point: `python -S -E tests/standins/pbs/__main__.py FOLDER openpbs|torque COMMAND ARGUMENTS...`.

Faults beyond those of `machine.command`: `history` false: OpenPBS keeps none; `mom_down` true: nothing
reaches a running job.
"""

from __future__ import annotations

import importlib
import os
import sys

if __name__ == "__main__":
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.exit(importlib.import_module("machine.command").main("pbs", sys.argv[1:]))
