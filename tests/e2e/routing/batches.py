"""Random batches for both sides: a configuration and pilots for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from hosted_ce.routing.htcondor.ad_text import AdTextError, read_ad
from hosted_ce.routing.htcondor.defaults import ce_defaults
from tests.e2e.routing import pilots
from tests.e2e.routing.random_expressions import ad
from tests.e2e.routing.random_routes import REMAPS, routes
from tests.e2e.routing.random_settings import settings
from tests.e2e.routing.random_tokens import PILOT, rows
from tests.e2e.routing.random_transforms import worlds

SITES = Path(__file__).parent / "sites"
DEFAULTS = (
    ce_defaults()[1]
    + "COLLECTOR_HOST = ce.example.edu:9619\nOSG_JOB_ENVIRONMENT = OSG_A='x' OSG_B='y z'\n"
    + "CONDORCE_MAX_JOBS = 1000000\nJOB_ROUTER_DEFAULT_MAX_IDLE_JOBS_PER_ROUTE = 1000000\n"
)
"""HTCondor-CE's defaults, but for limits that a batch would reach."""
PLAIN = 'ClusterId = 1\nProcId = 0\nJobUniverse = 5\nJobStatus = 1\nOwner = "o"\n'


@dataclass(frozen=True)
class Batch:
    """A configuration and pilots."""

    config: str
    ads: tuple[str, ...]


def is_ad(text: str) -> bool:
    """Whether the text is an ad at all; HTCondor takes the lines before the first that is none."""
    try:
        read_ad(text)
    except AdTextError:
        return False
    return True


def language(random: Random, count: int = 3, each: int = 2) -> Batch:
    """Any statements, macros and expressions."""
    config = worlds(random, count)
    ads = [ad(random, number + 1, number % count) for number in range(count * each)]
    return Batch(config, tuple(text for text in ads if is_ad(text)))


def choices(random: Random, count: int = 6) -> Batch:
    """Any REQUIREMENTS and source constraint, in any order of routes, with limits and universes."""
    ads = []
    for number in range(1, count + 1):
        text = ad(random, number, 0)
        if random.random() < 0.2:
            text += f'Out = "o"\nErr = "/d/e"\nTransferOutputRemaps = "{random.choice(REMAPS)}"\n'
        ads.append(text)
    return Batch(routes(random), tuple(text for text in ads if is_ad(text)))


def syntax(random: Random) -> Batch:
    """Any assignments, here documents, continuations and conditionals of a configuration."""
    return Batch(settings(random), (PLAIN,))


def tokens(random: Random) -> Batch:
    """Any tokens behind SET, EVALSET and EVALMACRO."""
    return Batch(rows(random), (PILOT,))


def ce(random: Random, count: int = 8) -> Batch:
    """HTCondor-CE's defaults with a route that says some of what they read."""
    setting = random.choice(_CE_SETTINGS)
    route = f"JOB_ROUTER_ROUTE_NAMES = S\nJOB_ROUTER_ROUTE_S @=r\n{pilots.route(random)}\n@r\n"
    return Batch(f"{DEFAULTS}{setting}\n{route}", tuple(pilots.pilot(random, n + 1) for n in range(count)))


_CE_SETTINGS = (
    "", "DISABLE_PILOT_ADS = True", 'CONDORCE_PILOT_JOB_ENV = "Z=1"', "ROUTED_JOB_MAX_TIME = 100",
    "CONDORCE_PILOT_JOB_ENV =",
)  # fmt: skip

BATCHES: dict[str, Callable[[Random], Batch]] = {
    "language": language,
    "choices": choices,
    "syntax": syntax,
    "tokens": tokens,
    "ce": ce,
}
