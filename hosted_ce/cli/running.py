"""Runs a service until it is stopped, and says in a command's words why it cannot be run."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from hosted_ce import daemon
from hosted_ce.cli.errors import CliError, SiteFileRefused
from hosted_ce.cli.process import settings_with
from hosted_ce.cli.site.problems import problem_line
from hosted_ce.cli.starting import told
from hosted_ce.site import SiteFileError
from hosted_ce.store.full import why_full


def run_service() -> int:
    """The CE that the environment describes; its exit code. Raises CliError."""
    return run(daemon.serve(settings_with()))


def run(work: Coroutine[Any, Any, int]) -> int:
    """The exit code of the work. Raises CliError."""
    try:
        return asyncio.run(work)
    except SiteFileError as error:
        raise SiteFileRefused([problem_line(error.file, problem) for problem in error.problems]) from error
    except daemon.CannotStart as error:
        raise told(error) from error
    except OSError as error:
        if (full := why_full(error)) is None:
            raise
        raise CliError(f"the CE cannot write to its state folder ({full}): make room there") from error
