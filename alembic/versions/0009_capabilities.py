"""capabilities: what the last probe of each cluster found

Revision: 0009, after 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'capabilities',
        sa.Column('cluster', sa.String(length=64), nullable=False),
        sa.Column('taken_at', sa.Float(), nullable=False),
        sa.Column('format', sa.Integer(), nullable=False),
        sa.Column('found', sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint('cluster', name=op.f('pk_capabilities')),
    )


def downgrade() -> None:
    op.drop_table('capabilities')
