"""sessions: live integration sessions, and what was said in them

Revision: 0016, after 0015.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'sessions',
        sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
        sa.Column('partner', sa.String(length=128), nullable=False),
        sa.Column('site', sa.String(length=256), nullable=False),
        sa.Column('resource', sa.String(length=256), nullable=False),
        sa.Column('began_at', sa.Float(), nullable=False),
        sa.Column('began_by', sa.String(length=64), nullable=False),
        sa.Column('ended_at', sa.Float(), nullable=True),
        sa.Column('ended_by', sa.String(length=64), nullable=True),
        sa.Column('idempotency_key', sa.String(length=200), nullable=True),
        sa.Column('record', sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_sessions')),
        sa.UniqueConstraint('idempotency_key', name=op.f('uq_sessions_idempotency_key')),
        sqlite_autoincrement=True,
    )
    op.create_table(
        'session_entries',
        sa.Column('session_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('at', sa.Float(), nullable=False),
        sa.Column('actor', sa.String(length=64), nullable=False),
        sa.Column('said', sa.String(length=16), nullable=False),
        sa.Column('text', sa.Text(), nullable=True),
        sa.Column('item', sa.String(length=32), nullable=True),
        sa.Column('owner', sa.Text(), nullable=True),
        sa.Column('due', sa.String(length=10), nullable=True),
        sa.Column('about', sa.Integer(), nullable=True),
        sa.Column('well', sa.Boolean(), nullable=True),
        sa.Column('link', sa.String(length=256), nullable=True),
        sa.Column('idempotency_key', sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ['session_id'], ['sessions.id'], name=op.f('fk_session_entries_session_id_sessions')
        ),
        sa.PrimaryKeyConstraint('session_id', 'number', name=op.f('pk_session_entries')),
        sa.UniqueConstraint(
            'session_id', 'idempotency_key', name=op.f('uq_session_entries_session_id_idempotency_key')
        ),
    )


def downgrade() -> None:
    op.drop_table('session_entries')
    op.drop_table('sessions')
