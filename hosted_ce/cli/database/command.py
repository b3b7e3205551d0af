"""`hosted-ce db`: the database and its schema."""

from __future__ import annotations

from typing import Annotated

import typer

from hosted_ce.cli.groups import examples, new_group
from hosted_ce.cli.options import StateFolder

db = new_group("The database and its schema.", epilog=examples("hosted-ce db status"))


@db.command(epilog=examples("hosted-ce db upgrade", "hosted-ce db upgrade --state /var/lib/hosted-ce"))
def upgrade(state_dir: StateFolder = None) -> None:
    """Bring the database to the schema that this version needs; it is made if there is none.

    `hosted-ce serve` does this too. The database is the one in the state folder, or HOSTED_CE_DATABASE_URL.
    """
    from hosted_ce.cli.audit.own import taken_down
    from hosted_ce.cli.database.schema_state import upgrade_database
    from hosted_ce.cli.process import settings_with

    before, after = upgrade_database(settings_with(state=state_dir))
    if before != after:
        taken_down(state_dir, "upgrade_database", before=before, after=after)
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
    from hosted_ce.cli.database.schema_state import schema_revisions
    from hosted_ce.cli.process import settings_with

    current, needed = schema_revisions(settings_with(state=state_dir))
    typer.echo(f"current  {current or 'none'}\nneeded   {needed}")
    if current != needed:
        raise typer.Exit(1)


To = Annotated[str, typer.Option("--to", metavar="URL", help="The new database, empty: postgresql://...")]


@db.command(epilog=examples("hosted-ce db move --to postgresql://ce@db.example.edu/ce"))
def move(to: To, state_dir: StateFolder = None) -> None:
    """Copy the database from SQLite to an empty one on PostgreSQL: all of it, or nothing.

    The CE must be stopped. Every row is compared before the copy counts. The file of before is renamed.
    """
    from hosted_ce.cli.audit.own import taken_down
    from hosted_ce.cli.database.move import move_database
    from hosted_ce.cli.process import settings_with
    from hosted_ce.store.urls import shown_url

    def tell(table: str, number: int) -> None:
        typer.echo(f"{number:>9}  {table}")

    moved = move_database(settings_with(state=state_dir), to, tell)
    taken_down(state_dir, "move_database", to=shown_url(to), file=str(moved))
    typer.echo(f"all of it is in the new database; the one of before is now {moved}")
    typer.echo("start the CE with HOSTED_CE_DATABASE_URL set to the new one")
