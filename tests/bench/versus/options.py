"""What a run does; the command line's words."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.databases import KINDS
from tests.bench.versus.pilots import EXACT, POLLS_EVERY_5S
from tests.bench.versus.rows import NAMES


@dataclass(frozen=True)
class Options:
    """Sizes of one run."""

    pilots: int = 1000
    incumbent_pilots: int = 200
    """Fewer, since it carries six or seven a second, and ends them late."""
    rounds: int = 3
    singles: int = 6
    incumbent_singles: int = 4
    default_singles: int = 3
    runs_s: int = 5
    """How long each of many pilots runs."""
    idle_s: float = 60.0
    listing: str = "5s"
    """How often our CE lists, as often as the incumbent with short clocks asks for each pilot."""
    cold: bool = True
    """Whether the first pilot of each new CE is measured by itself."""
    pause_s: float = 5.0
    """The longest pause between pilots that come one after the other."""
    quiet_s: float = 15.0
    """How long a CE may clear up after the last of many pilots."""
    clear_s: float = 3.0
    """How long Slurm may come to rest between rounds."""
    side_by_side: bool = False
    """All ways at the same time: the figures are worth nothing, but it is quick."""
    factory_lines: tuple[str, ...] = (*POLLS_EVERY_5S, *EXACT)
    """Configuration of the factories, but for the one before the incumbent as it is installed."""
    incumbent_lines: tuple[str, ...] = ()
    """More configuration of the incumbent with short clocks."""
    database: str = "sqlite"
    """Of our CE."""
    only: tuple[str, ...] = NAMES
    skip_incumbent: bool = False
    skip_default: bool = False
    output: Path = Path("build/bench.json")

    def wants(self, *names: str) -> bool:
        """Whether one of these rows is asked for."""
        return bool(set(names) & set(self.only))


def parse(argv: Sequence[str]) -> Options:
    """The options of a command line; it ends the program when they are wrong."""
    usual, parser = (
        Options(),
        argparse.ArgumentParser(prog="python -m tests.bench.versus", description=__doc__),
    )
    sizes = {
        "pilots": "pilots that arrive at once",
        "incumbent_pilots": "the same for the incumbent",
        "rounds": "rounds of REST and loops of sbatch",
        "singles": "pilots one after the other",
        "incumbent_singles": "the same for the incumbent with short clocks",
        "default_singles": "the same for the incumbent as it is installed",
        "runs_s": "seconds for which each of many pilots runs",
    }
    for name, words in sizes.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=_positive, default=getattr(usual, name), help=words
        )
    parser.add_argument("--idle-s", type=float, default=usual.idle_s, help="seconds of watching an idle CE")
    parser.add_argument("--listing", default=usual.listing, help="how often our CE lists (%(default)s)")
    parser.add_argument("--database", choices=KINDS, default=usual.database, help="of our CE (%(default)s)")
    parser.add_argument(
        "--only", nargs="+", choices=NAMES, default=NAMES, metavar="ROW", help=" ".join(NAMES)
    )
    parser.add_argument("--skip-incumbent", action="store_true", help="ours alone")
    parser.add_argument("--skip-default", action="store_true", help="not the incumbent as it is installed")
    parser.add_argument("--output", type=Path, default=usual.output, help="where the JSON goes (%(default)s)")
    given = vars(parser.parse_args(argv))
    return Options(**{**given, "only": tuple(given["only"])})


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number
