"""goal reason

Revision: 0004, after 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('pilots', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.add_column(sa.Column('goal_reason', sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('pilots', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.drop_column('goal_reason')
