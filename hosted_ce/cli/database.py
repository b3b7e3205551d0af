"""`hosted-ce db`: the database and its schema."""

from __future__ import annotations

import typer

from hosted_ce.cli.groups import examples, new_group
from hosted_ce.cli.options import StateFolder

db = new_group("The database and its schema.", epilog=examples("hosted-ce db status"))


@db.command(epilog=examples("hosted-ce db upgrade", "hosted-ce db upgrade --state /var/lib/hosted-ce"))
def upgrade(state_dir: StateFolder = None) -> None:
    """Bring the database to the schema that this version needs; it is made if there is none.

    `hosted-ce serve` does this too. The database is the one in the state folder, or HOSTED_CE_DATABASE_URL.
    """
    from hosted_ce.cli.process import settings_with
    from hosted_ce.cli.schema_state import upgrade_database

    before, after = upgrade_database(settings_with(state=state_dir))
    typer.echo(
        f"already at revision {after}"
        if before == after
        else f"upgraded from {before or 'nothing'} to {after}"
    )


@db.command(epilog=examples("hosted-ce db status && echo up to date"))
def status(state_dir: StateFolder = None) -> None:
    """Show the revision of the database's schema, and the one that this version needs.

    The exit code is 0 if they are the same, otherwise 1.
    """
    from hosted_ce.cli.process import settings_with
    from hosted_ce.cli.schema_state import schema_revisions

    current, needed = schema_revisions(settings_with(state=state_dir))
    typer.echo(f"current  {current or 'none'}\nneeded   {needed}")
    if current != needed:
        raise typer.Exit(1)
