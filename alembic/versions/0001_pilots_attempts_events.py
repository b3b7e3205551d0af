"""pilots, attempts, events

Revision: 0001, after .
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('pilots',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('stage', sa.String(length=16), nullable=False),
    sa.Column('goal', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('spec', sa.JSON(), nullable=False),
    sa.Column('door', sa.String(length=32), nullable=False),
    sa.Column('owner', sa.String(length=256), nullable=False),
    sa.Column('idempotency_key', sa.String(length=200), nullable=True),
    sa.Column('request_digest', sa.String(length=64), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('route', sa.String(length=64), nullable=True),
    sa.Column('cluster', sa.String(length=64), nullable=True),
    sa.Column('created_at', sa.Float(), nullable=False),
    sa.Column('changed_at', sa.Float(), nullable=False),
    sa.Column('finished_at', sa.Float(), nullable=True),
    sa.Column('next_attempt_at', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pilots')),
    sa.UniqueConstraint('owner', 'idempotency_key', name=op.f('uq_pilots_owner_idempotency_key')),
    sqlite_autoincrement=True
    )

    with op.batch_alter_table('pilots', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pilots_route_stage'), ['route', 'stage'], unique=False)
        batch_op.create_index(batch_op.f('ix_pilots_stage_cluster'), ['stage', 'cluster'], unique=False)
        batch_op.create_index(batch_op.f('ix_pilots_state_id'), ['state', 'id'], unique=False)

    op.create_table('attempts',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('pilot_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('stamp', sa.String(length=32), nullable=False),
    sa.Column('route', sa.String(length=64), nullable=False),
    sa.Column('cluster', sa.String(length=64), nullable=False),
    sa.Column('request', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.Float(), nullable=False),
    sa.Column('batch_id', sa.String(length=128), nullable=True),
    sa.Column('submitted_at', sa.Float(), nullable=True),
    sa.Column('started_at', sa.Float(), nullable=True),
    sa.Column('ended_at', sa.Float(), nullable=True),
    sa.Column('node', sa.Text(), nullable=True),
    sa.Column('site_state', sa.Text(), nullable=True),
    sa.Column('site_reason', sa.Text(), nullable=True),
    sa.Column('outcome', sa.String(length=16), nullable=True),
    sa.Column('exit_code', sa.Integer(), nullable=True),
    sa.Column('exit_signal', sa.Integer(), nullable=True),
    sa.Column('absences', sa.Integer(), server_default='0', nullable=False),
    sa.Column('absent_since', sa.Float(), nullable=True),
    sa.Column('doubt_since', sa.Float(), nullable=True),
    sa.Column('cancel_asked_at', sa.Float(), nullable=True),
    sa.Column('cancels', sa.Integer(), server_default='0', nullable=False),
    sa.Column('stdout_bytes', sa.BigInteger(), nullable=True),
    sa.Column('stderr_bytes', sa.BigInteger(), nullable=True),
    sa.Column('closed_at', sa.Float(), nullable=True),
    sa.Column('swept_at', sa.Float(), nullable=True),
    sa.ForeignKeyConstraint(['pilot_id'], ['pilots.id'], name=op.f('fk_attempts_pilot_id_pilots')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempts')),
    sa.UniqueConstraint('pilot_id', 'number', name=op.f('uq_attempts_pilot_id_number')),
    sa.UniqueConstraint('stamp', name=op.f('uq_attempts_stamp'))
    )

    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attempts_batch_id'), ['batch_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_attempts_cluster_swept_at_closed_at'), ['cluster', 'swept_at', 'closed_at'], unique=False)

    op.create_table('events',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('pilot_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.Float(), nullable=False),
    sa.Column('what', sa.String(length=32), nullable=False),
    sa.Column('actor', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['pilot_id'], ['pilots.id'], name=op.f('fk_events_pilot_id_pilots')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events'))
    )

    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_events_pilot_id'), ['pilot_id'], unique=False)



def downgrade() -> None:

    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_events_pilot_id'))

    op.drop_table('events')

    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_attempts_cluster_swept_at_closed_at'))
        batch_op.drop_index(batch_op.f('ix_attempts_batch_id'))

    op.drop_table('attempts')

    with op.batch_alter_table('pilots', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_pilots_state_id'))
        batch_op.drop_index(batch_op.f('ix_pilots_stage_cluster'))
        batch_op.drop_index(batch_op.f('ix_pilots_route_stage'))

    op.drop_table('pilots')
