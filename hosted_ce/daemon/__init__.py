"""The daemon: the only place where everything is put together.

`serve` runs it as a process of its own; `running` runs it inside another program.
"""

from __future__ import annotations

from hosted_ce.daemon.errors import CannotStart, SetUpWrong
from hosted_ce.daemon.run import Daemon, running, serve

__all__ = ["CannotStart", "Daemon", "SetUpWrong", "running", "serve"]
