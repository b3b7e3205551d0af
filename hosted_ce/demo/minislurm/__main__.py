"""Entry point: `python -S -E minislurm/__main__.py COMMAND ARGUMENTS...`."""

from __future__ import annotations

import importlib
import os
import sys

if __name__ == "__main__":
    # Run as a file, the package itself is not importable yet; its parent folder makes it so.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.exit(importlib.import_module("minislurm.cli").main(sys.argv[1:]))
