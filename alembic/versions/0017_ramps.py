"""ramps: where the ramps of routes stand, and their steps; who is at the site is counted by purpose

Revision: 0017, after 0016.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hosted_ce.store.words import Words

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

OCCUPANCY = 'ix_pilots_occupancy'


def upgrade() -> None:
    op.create_table(
        'ramps',
        sa.Column('route', sa.String(length=64), nullable=False),
        sa.Column('cap', sa.Integer(), nullable=False),
        sa.Column('since', sa.Float(), nullable=False),
        sa.Column('after_attempt', sa.Integer(), nullable=False),
        sa.Column('carried', sa.Integer(), nullable=False),
        sa.Column('mode', sa.String(length=16), nullable=False),
        sa.Column('word_by', sa.String(length=64), nullable=True),
        sa.Column('word_at', sa.Float(), nullable=True),
        sa.Column('word_reason', Words(), nullable=True),
        sa.Column('falls', sa.Integer(), nullable=False),
        sa.Column('fell_at', sa.Float(), nullable=True),
        sa.Column('rests_until', sa.Float(), nullable=False),
        sa.Column('held_since', sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint('route', name=op.f('pk_ramps')),
    )
    op.create_table(
        'ramp_steps',
        sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
        sa.Column('route', sa.String(length=64), nullable=False),
        sa.Column('at', sa.Float(), nullable=False),
        sa.Column('direction', sa.String(length=8), nullable=False),
        sa.Column('cause', sa.String(length=16), nullable=False),
        sa.Column('cap_before', sa.Integer(), nullable=False),
        sa.Column('cap_after', sa.Integer(), nullable=False),
        sa.Column('actor', sa.String(length=64), nullable=False),
        sa.Column('reason', Words(), nullable=True),
        sa.Column('evidence', sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_ramp_steps')),
    )
    with op.batch_alter_table('ramp_steps', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ramp_steps_route_id'), ['route', 'id'], unique=False)
    op.drop_index(OCCUPANCY, table_name='pilots')
    op.create_index(OCCUPANCY, 'pilots', ['stage', 'route', 'cluster', 'vo', 'purpose', 'cores'])


def downgrade() -> None:
    op.drop_index(OCCUPANCY, table_name='pilots')
    op.create_index(OCCUPANCY, 'pilots', ['stage', 'route', 'cluster', 'vo', 'cores'])
    with op.batch_alter_table('ramp_steps', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ramp_steps_route_id'))
    op.drop_table('ramp_steps')
    op.drop_table('ramps')
