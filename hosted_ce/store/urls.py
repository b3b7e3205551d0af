"""URLs of databases: as they are used, and as they are shown."""

from __future__ import annotations

import sqlalchemy as sa

DRIVER = "postgresql+psycopg"
SQLITE = "sqlite"
KINDS = (SQLITE, "postgresql")


def parsed(url: str) -> sa.URL:
    """The URL in its parts. Raises sqlalchemy.exc.ArgumentError, which shows nothing of it."""
    try:
        return sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # of its port, in which a part of the password may be
        raise sa.exc.ArgumentError(
            "not the URL of a database, such as postgresql://ce@db.example.edu/ce; write @, : and / in a "
            "password as %40, %3A and %2F"
        ) from None


def with_driver(url: str) -> sa.URL:
    """The URL with our driver where it names none. Raises sqlalchemy.exc.ArgumentError."""
    found = parsed(url)
    return found.set(drivername=DRIVER) if found.drivername in {"postgresql", "postgres"} else found


def lasting(url: str) -> sa.URL:
    """The same, of a database that a CE can live on. Raises sqlalchemy.exc.ArgumentError."""
    found = with_driver(url)
    kind = found.get_backend_name()
    if kind not in KINDS:
        raise sa.exc.ArgumentError(f"{kind} is none of the databases for a CE: {' or '.join(KINDS)}")
    if kind == SQLITE and found.database in {None, "", ":memory:"}:
        raise sa.exc.ArgumentError(
            "SQLite without a file forgets all pilots with the process: name one, as in "
            "sqlite:////var/lib/hosted_ce/hosted_ce.db"
        )
    return found


def shown_url(url: str) -> str:
    """A database's URL without its password; one that cannot be read may have it anywhere."""
    try:
        found = parsed(url)
    except sa.exc.ArgumentError:
        return "[not the URL of a database]"
    hidden = {name: "***" for name in found.query if "password" in name.lower()}
    return found.update_query_dict(hidden).render_as_string(hide_password=True)
