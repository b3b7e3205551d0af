"""outcome classes: how attempts ended, in columns, so that pilots are found by it

Revision: 0007, after 0006.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

AT_ONCE = 1000


def upgrade() -> None:
    with op.batch_alter_table('pilots', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.add_column(sa.Column('outcome_class', sa.String(length=32), nullable=True))
    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('outcome_class', sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column('outcome_evidence', sa.Text(), nullable=True))
    _fill()
    with op.batch_alter_table('pilots', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.create_index(batch_op.f('ix_pilots_outcome_class_id'), ['outcome_class', 'id'], unique=False)


def _fill() -> None:
    """From the events that closed the attempts: each comes right behind its attempt's end."""
    connection = op.get_bind()
    events = sa.text('SELECT id, pilot_id, at, data FROM events WHERE id > :after ORDER BY id LIMIT :most')
    attempt = sa.text(
        'UPDATE attempts SET outcome_class = :class, outcome_evidence = :evidence WHERE id = '
        '(SELECT id FROM attempts WHERE pilot_id = :pilot AND closed_at <= :at ORDER BY number DESC LIMIT 1)'
    )
    after = 0
    while rows := connection.execute(events, {'after': after, 'most': AT_ONCE}).all():
        after = rows[-1].id
        if told := [found for row in rows if (found := _told(row))]:
            connection.execute(attempt, told)
    connection.execute(sa.text(
        'UPDATE pilots SET outcome_class = (SELECT a.outcome_class FROM attempts a '
        'WHERE a.pilot_id = pilots.id AND a.number = pilots.attempt)'
    ))


def _told(row: sa.Row[tuple[object, ...]]) -> dict[str, object] | None:
    data = json.loads(row.data) if isinstance(row.data, str) else row.data
    if not data or 'class' not in data:
        return None
    return {'class': data['class'], 'evidence': data.get('evidence'), 'pilot': row.pilot_id, 'at': row.at}


def downgrade() -> None:
    with op.batch_alter_table('pilots', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.drop_index(batch_op.f('ix_pilots_outcome_class_id'))
        batch_op.drop_column('outcome_class')
    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.drop_column('outcome_evidence')
        batch_op.drop_column('outcome_class')
