"""rollups over buckets of time, and what the site gave to pilots by day

Revision: 0008, after 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

WHOLE = ('ended', 'never_ran', 'not_known', 'waits')
SECONDS = (
    'asked_s', 'granted_s', 'assumed_s', 'used_s', 'used_of_s', 'failed_s', 'early_s', 'unknown_s', 'wait_s',
)


def upgrade() -> None:
    op.create_table(
        'rollups',
        sa.Column('width_s', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('series', sa.String(length=16), nullable=False),
        sa.Column('start', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('route', sa.String(length=64), nullable=False),
        sa.Column('kind', sa.String(length=32), nullable=False),
        sa.Column('amount', sa.Float(), nullable=False),
        sa.Column('weight', sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint('width_s', 'series', 'start', 'route', 'kind', name=op.f('pk_rollups')),
        sqlite_with_rowid=False,
    )
    op.create_table(
        'contributions',
        sa.Column('day', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('vo', sa.String(length=128), nullable=False),
        sa.Column('route', sa.String(length=64), nullable=False),
        sa.Column('entry', sa.String(length=128), nullable=False),
        sa.Column('cluster', sa.String(length=64), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in WHOLE),
        *(sa.Column(name, sa.Float(), nullable=False) for name in SECONDS),
        sa.PrimaryKeyConstraint(
            'day', 'vo', 'route', 'entry', 'cluster', name=op.f('pk_contributions')
        ),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table('contributions')
    op.drop_table('rollups')
