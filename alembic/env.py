"""alembic's entry: runs migrations on the URL that hosted_ce.store.migrate hands over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from hosted_ce.store.tables import metadata

engine = sa.create_engine(context.config.attributes["url"])
try:
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=True,  # SQLite cannot alter a table in place
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
finally:
    engine.dispose()
