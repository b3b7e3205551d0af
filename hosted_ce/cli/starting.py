"""One rule for whatever needs what the daemon needs: a wrong setting ends with 2, everything else with 1."""

from __future__ import annotations

from hosted_ce.cli.errors import CliError, Misuse
from hosted_ce.daemon.errors import CannotStart, SetUpWrong


def told(error: CannotStart) -> CliError:
    """The same, as a command ends with it: 2 where trying again cannot mend it."""
    return Misuse(str(error)) if isinstance(error, SetUpWrong) else CliError(str(error))
