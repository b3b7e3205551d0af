"""checks: runs of checks over a cluster, and their results

Revision: 0015, after 0014.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hosted_ce.store.words import Words

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'check_runs',
        sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
        sa.Column('cluster', sa.String(length=64), nullable=False),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('asked', sa.JSON(), nullable=False),
        sa.Column('actor', sa.String(length=64), nullable=False),
        sa.Column('begun_at', sa.Float(), nullable=False),
        sa.Column('ended_at', sa.Float(), nullable=True),
        sa.Column('problem', Words(), nullable=True),
        sa.Column('worse', sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_check_runs')),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f('ix_check_runs_cluster_id'), 'check_runs', ['cluster', 'id'], unique=False)
    op.create_table(
        'check_results',
        sa.Column('run_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('check_id', sa.String(length=16), nullable=False),
        sa.Column('place', Words(), nullable=True),
        sa.Column('verdict', sa.String(length=16), nullable=False),
        sa.Column('seen', Words(), nullable=False),
        sa.Column('data', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ['run_id'], ['check_runs.id'], name=op.f('fk_check_results_run_id_check_runs')
        ),
        sa.PrimaryKeyConstraint('run_id', 'number', name=op.f('pk_check_results')),
    )
    op.create_index(
        op.f('ix_check_results_check_id_run_id'), 'check_results', ['check_id', 'run_id'], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f('ix_check_results_check_id_run_id'), table_name='check_results')
    op.drop_table('check_results')
    op.drop_index(op.f('ix_check_runs_cluster_id'), table_name='check_runs')
    op.drop_table('check_runs')
