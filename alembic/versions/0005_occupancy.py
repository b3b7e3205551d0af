"""occupancy: the VO and the cores of pilots, for limits

Revision: 0005, after 0004.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

AT_SITE = ('submitting', 'doubtful', 'queued', 'running')


def upgrade() -> None:
    with op.batch_alter_table('pilots', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.add_column(sa.Column('vo', sa.String(length=128), nullable=True))
        batch_op.add_column(sa.Column('cores', sa.Integer(), nullable=True))
        batch_op.create_index(
            'ix_pilots_occupancy', ['stage', 'route', 'cluster', 'vo', 'cores'], unique=False
        )
    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('failed', sa.Boolean(), server_default='0', nullable=False))
        for time in ('created_at', 'closed_at'):
            batch_op.create_index(batch_op.f(f'ix_attempts_{time}_route'), [time, 'route'], unique=False)
    _fill()


def _fill() -> None:
    """Pilots that are at the site count against limits by what was asked for them."""
    connection = op.get_bind()
    wanted = sa.text(
        'SELECT p.id, p.account, a.request FROM pilots p '
        'JOIN attempts a ON a.pilot_id = p.id AND a.number = p.attempt WHERE p.stage IN :stages'
    ).bindparams(sa.bindparam('stages', AT_SITE, expanding=True))
    change = sa.text('UPDATE pilots SET vo = :vo, cores = :cores WHERE id = :id')
    for pilot, account, request in connection.execute(wanted).all():
        asked = json.loads(request) if isinstance(request, str) else request
        connection.execute(change, {'id': pilot, 'vo': account or 'unknown', 'cores': asked['cpus']})


def downgrade() -> None:
    with op.batch_alter_table('attempts', schema=None) as batch_op:
        for time in ('created_at', 'closed_at'):
            batch_op.drop_index(batch_op.f(f'ix_attempts_{time}_route'))
        batch_op.drop_column('failed')
    with op.batch_alter_table('pilots', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.drop_index('ix_pilots_occupancy')
        batch_op.drop_column('cores')
        batch_op.drop_column('vo')
