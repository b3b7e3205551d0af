"""One cluster as the engine's workers share it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from hosted_ce.engine.gate import Gate
from hosted_ce.engine.judge import Policy
from hosted_ce.engine.known import Known
from hosted_ce.engine.left_out import LeftOut
from hosted_ce.engine.ports import Site
from hosted_ce.engine.pushback import PushBack


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster, our account there, and how we treat it. Times in seconds, sizes in bytes."""

    name: str
    site: Site
    gate: Gate = field(default_factory=Gate)
    policy: Policy = field(default_factory=Policy)
    pushback: PushBack = field(default_factory=lambda: PushBack(time.time))
    left_out: LeftOut = field(default_factory=lambda: LeftOut(time.time))
    known: Known = field(default_factory=Known)
    interval: float = 30.0
    """Between two listings."""
    window: int = 8
    """Submits under way at a time, at most."""
    together: int = 1
    """Pilots that share a job array, at most; 1: each is submitted by itself."""
    scratch: str | None = None
    """Folder on the worker nodes for working directories; None: in the spool."""
    output_limit: int = 16 * 1024 * 1024
    """How much of each output is fetched; of a longer one, its end."""
    keep_folders: float = 600.0
    """How long a finished pilot's folder stays at the site."""
    cancel_grace: float = 120.0
    """How long a running pilot has after SIGTERM before it is cancelled."""
