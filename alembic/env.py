"""alembic's entry: runs migrations on the URL that hosted_ce.store.migrate hands over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from hosted_ce.store.tables import metadata
from hosted_ce.store.urls import with_driver

engine = sa.create_engine(with_driver(context.config.attributes["url"]))
if engine.dialect.name == "sqlite":
    # SQLite can do all of it in one transaction, but Python's module ends that at each change of a table: a
    # kill in the middle would leave a database of no version.
    sa.event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
try:
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=True,  # SQLite cannot alter a table in place
            compare_type=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
finally:
    engine.dispose()
