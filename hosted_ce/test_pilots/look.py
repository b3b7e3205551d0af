"""The errand that looks around on a worker node, for the checks of a site."""

from __future__ import annotations

from dataclasses import replace

from hosted_ce.checks.node.script import probe_arguments, probe_script
from hosted_ce.checks.node.targets import Targets
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.routing.aim import Aim
from hosted_ce.test_pilots.errand import PATIENCE_S, Errand
from hosted_ce.test_pilots.errands import WALLTIME_S

NAME = "look"


def look_errand(
    nonce: str,
    aim: Aim,
    targets: Targets,
    *,
    scratch: str | None = None,
    longest_s: float = 3 * 86400.0,
    patience_s: float = PATIENCE_S,
) -> Errand:
    """A check of the node, or of any node, that `aim` names. Its stdout is for `hosted_ce.checks.node.parse`.

    It asks for the route's own shape, if `aim` does not say another one, but for a few minutes only.
    The other arguments: see `probe_arguments`.
    """
    aimed = replace(aim, walltime_s=aim.walltime_s or WALLTIME_S)
    arguments = probe_arguments(nonce, targets, scratch=scratch, longest_s=longest_s)
    return Errand(NAME, Purpose.CHECK, probe_script(), arguments, aimed, patience_s)
