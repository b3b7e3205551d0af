"""Brings the database to the current schema, as a program: `python -m hosted_ce.store.upgrading`.

alembic and what migrations leave behind are 8 MB, for as long as the process that has them lives: so it is
one of its own. Standard input: the URL of the database, which may have a password; standard output: why it
cannot be done.
"""

from __future__ import annotations

import asyncio
import signal
import sys

from sqlalchemy.exc import SQLAlchemyError

from hosted_ce.store.migrate import CommandError, upgrade


def main() -> int:
    """The exit code: 1 when the reason is told. Who ends the service does not cut a migration short."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    try:
        asyncio.run(upgrade(sys.stdin.read()))
    except (CommandError, SQLAlchemyError, OSError) as error:
        sys.stdout.write(str(getattr(error, "orig", None) or error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
