"""incidents: outages, with their cause

Revision: 0014, after 0013.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hosted_ce.store.words import Words

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'incidents',
        sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
        sa.Column('revision', sa.Integer(), nullable=False),
        sa.Column('place', sa.String(length=64), nullable=False),
        sa.Column('cause', sa.String(length=32), nullable=False),
        sa.Column('began_at', sa.Float(), nullable=False),
        sa.Column('told_at', sa.Float(), nullable=False),
        sa.Column('ended_at', sa.Float(), nullable=True),
        sa.Column('said', Words(), nullable=False),
        sa.Column('pilots', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_incidents')),
        sa.UniqueConstraint('revision', name=op.f('uq_incidents_revision')),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table('incidents', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_incidents_began_at'), ['began_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('incidents', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_incidents_began_at'))
    op.drop_table('incidents')
