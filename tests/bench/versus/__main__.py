"""The same work through us and through today's Hosted CE, on one real Slurm: `python -m tests.bench.versus`.

What each row means and how to read the result: docs/developers/benchmark.md.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType

from tests.bench.versus.options import parse
from tests.bench.versus.record import Record
from tests.bench.versus.run import Labs, run
from tests.bench.versus.table import text
from tests.e2e.condor.lab import running_condor_lab
from tests.e2e.lab import requirements
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.site import running_lab

CPUS = 1024
"""Of the pretended node: no pilot waits for one."""
ENDED = "the run was ended before its end"


def main(argv: list[str]) -> int:
    """Runs it; 0 when everything could be measured, whatever the figures are, 1 when not, 130 when ended."""
    options = parse(argv)
    if unmet := requirements.unmet((*requirements.COMMANDS, "debootstrap")):
        print(unmet, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    record = Record(options)
    try:
        run(record, Labs(lambda: running_lab(LabOptions(cpus=CPUS)), running_condor_lab))
    except KeyboardInterrupt:
        record.found.problems.append(ENDED)
    bench = record.bench()
    record.write()
    print(text(bench))
    if ENDED in bench.problems:
        return 130
    return 1 if bench.problems else 0


def _interrupt(number: int, _: FrameType | None) -> None:
    """As Ctrl-C: labs are cleared on the way out."""
    raise KeyboardInterrupt(signal.Signals(number).name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
