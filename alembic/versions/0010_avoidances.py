"""avoidances: nodes that get no pilots for a while

Revision: 0010, after 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hosted_ce.store.words import Words

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'avoidances',
        sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
        sa.Column('cluster', sa.String(length=64), nullable=False),
        sa.Column('node', sa.String(length=256), nullable=False),
        sa.Column('since', sa.Float(), nullable=False),
        sa.Column('until', sa.Float(), nullable=False),
        sa.Column('actor', sa.String(length=64), nullable=False),
        sa.Column('reason', Words(), nullable=True),
        sa.Column('ended_at', sa.Float(), nullable=True),
        sa.Column('ended_by', sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_avoidances')),
    )
    with op.batch_alter_table('avoidances', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_avoidances_until'), ['until'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('avoidances', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_avoidances_until'))
    op.drop_table('avoidances')
