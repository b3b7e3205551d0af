"""clusters

Revision: 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from hosted_ce.store.words import Words

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'clusters',
        sa.Column('name', sa.String(length=64), nullable=False),
        sa.Column('paused_at', sa.Float(), nullable=True),
        sa.Column('paused_by', sa.String(length=64), nullable=True),
        sa.Column('pause_reason', Words(), nullable=True),
        sa.Column('spool_mark', sa.String(length=32), nullable=True),
        sa.Column('spool_since', sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_clusters')),
    )
    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('overdue_since', sa.Float(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.drop_column('overdue_since')

    op.drop_table('clusters')
