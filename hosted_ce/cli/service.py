"""The service as a program of its own, `python -m hosted_ce.cli.service`: what `hosted-ce serve` becomes.

The command line with all its commands is 5 MB, for as long as the process that has it lives: so it is
left behind. The settings are in the environment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib.util import cache_from_source, find_spec
from pathlib import Path

from hosted_ce.cli.errors import CliError
from hosted_ce.cli.words import spelled
from hosted_ce.malloc import share_one_arena

UNUSED = ("rich", "pygments", "watchfiles", "pydantic.v1")
"""Libraries of libraries that do without them; with what comes along they are 10 MB."""

WITHOUT_COLUMNS = "no_debug_ranges"
"""Code does not know the columns of its lines: a traceback has no carets, and 0.7 MB are saved."""

WITHOUT_DOCSTRINGS = "-OO"
"""The docstrings of libraries are 5 MB. Where nobody has compiled them so, each start would, for 8 s."""
LARGE = ("hosted_ce", "sqlalchemy", "asyncssh")
"""Who compiles these compiles all: the image, and `make bytecode`."""


def become_service(settings: Mapping[str, str | int | Path | None]) -> None:
    """This process becomes the service, with these settings over those of the environment; no return."""
    given = {f"HOSTED_CE_{name.upper()}": str(value) for name, value in settings.items() if value is not None}
    argv = [sys.executable, "-P", *_bytecode(), "-X", WITHOUT_COLUMNS, "-m", __spec__.name]
    os.execve(argv[0], argv, {**os.environ, **given})  # noqa: S606  no shell, on purpose


def _bytecode() -> list[str]:
    return [WITHOUT_DOCSTRINGS] if all(map(_is_compiled, LARGE)) else []


def _is_compiled(package: str) -> bool:
    """Whether somebody has, without docstrings."""
    spec = find_spec(package)
    return bool(spec and spec.origin and Path(cache_from_source(spec.origin, optimization=2)).exists())


def main() -> int:
    """Runs it until it is stopped; returns the exit code. What was wrong is on standard error."""
    share_one_arena()
    sys.modules.update(dict.fromkeys(UNUSED))  # type: ignore[arg-type]  # None there is "not to be had"
    from hosted_ce.cli.running import run_service

    try:
        return run_service()
    except CliError as error:
        print(*map(spelled, error.lines), sep="\n", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:  # before it listens to signals
        return CliError.exit_code


if __name__ == "__main__":
    sys.exit(main())
