"""entries: the factory's entry of pilots, and numbers that are kept instead of counted

Revision: 0006, after 0005.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import islice

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

KINDS = ('entry', 'factory', 'route', 'cluster', 'vo', 'account', 'state')
INDICES = (
    'entry', 'factory', 'route', 'cluster', 'vo', 'account', 'created_at', 'finished_at',
)
MAX_NAME = 128
HOUR_S = 3600
AT_ONCE = 1000


def upgrade() -> None:
    with op.batch_alter_table('pilots', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.add_column(sa.Column('entry', sa.String(length=128), nullable=True))
        batch_op.add_column(sa.Column('factory', sa.String(length=128), nullable=True))
    op.create_table(
        'tallies',
        *(sa.Column(name, sa.String(length=128), nullable=False) for name in KINDS),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('last_at', sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint(*KINDS, name=op.f('pk_tallies')),
    )
    op.create_table(
        'endings',
        sa.Column('hour', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('entry', sa.String(length=128), nullable=False),
        sa.Column('factory', sa.String(length=128), nullable=False),
        sa.Column('route', sa.String(length=64), nullable=False),
        sa.Column('outcome', sa.String(length=16), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('nonzero', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('hour', 'entry', 'factory', 'route', 'outcome', name=op.f('pk_endings')),
    )
    _fill_names()
    with op.batch_alter_table('pilots', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        for name in INDICES:
            batch_op.create_index(batch_op.f(f'ix_pilots_{name}_id'), [name, 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_pilots_idempotency_key'), ['idempotency_key'], unique=False)
    _fill_tallies()
    _fill_endings()


def _fill_names() -> None:
    connection = op.get_bind()
    change = sa.text('UPDATE pilots SET entry = :entry, factory = :factory WHERE id = :id')
    after = 0
    while rows := connection.execute(
        sa.text('SELECT id, spec FROM pilots WHERE id > :after ORDER BY id LIMIT :most'),
        {'after': after, 'most': AT_ONCE},
    ).all():
        after = rows[-1].id
        named = [{'id': row.id, **_names(row.spec)} for row in rows]
        if told := [row for row in named if row['entry'] or row['factory']]:
            connection.execute(change, told)


def _names(spec: object) -> dict[str, str | None]:
    attributes = (json.loads(spec) if isinstance(spec, str) else spec).get('attributes', {})
    return {name: _name(attributes, word) for name, word in (
        ('entry', 'glideinentryname'), ('factory', 'glideinfactory'),
    )}


def _name(attributes: dict[str, object], wanted: str) -> str | None:
    for name, value in attributes.items():
        if name.lower() == wanted and isinstance(value, str | int | float) and not isinstance(value, bool):
            return str(value)[:MAX_NAME] or None
    return None


def _fill_tallies() -> None:
    """Also of those that run no more: when the last one started."""
    connection = op.get_bind()
    columns = [f"coalesce(p.{name}, '')" for name in KINDS]
    into = f"INSERT INTO tallies ({', '.join(KINDS)}, number, last_at) "
    groups = ', '.join(columns)
    connection.execute(
        sa.text(f'{into} SELECT {groups}, count(*), max(p.changed_at) FROM pilots p GROUP BY {groups}')
    )
    started = ', '.join(columns[:-1])
    connection.execute(sa.text(
        f"{into} SELECT {started}, 'running', 0, max(a.started_at) FROM pilots p "
        'JOIN attempts a ON a.pilot_id = p.id AND a.number = p.attempt '
        f'WHERE a.started_at IS NOT NULL GROUP BY {started} ON CONFLICT DO NOTHING'
    ))


def _fill_endings() -> None:
    connection = op.get_bind()
    wanted = sa.text(
        "SELECT a.closed_at, coalesce(p.entry, '') AS entry, coalesce(p.factory, '') AS factory, a.route, "
        'a.outcome, a.exit_code FROM attempts a JOIN pilots p ON p.id = a.pilot_id '
        'WHERE a.closed_at IS NOT NULL AND a.outcome IS NOT NULL'
    )
    numbers: Counter[tuple[object, ...]] = Counter()
    nonzero: Counter[tuple[object, ...]] = Counter()
    for row in connection.execute(wanted):
        key = (int(row.closed_at // HOUR_S), row.entry, row.factory, row.route, row.outcome)
        numbers[key] += 1
        nonzero[key] += bool(row.exit_code)
    names = ('hour', 'entry', 'factory', 'route', 'outcome')
    rows = ({**dict(zip(names, key)), 'number': number, 'nonzero': nonzero[key]} for key, number in numbers.items())
    table = sa.table('endings', *(sa.column(name) for name in (*names, 'number', 'nonzero')))
    while some := list(islice(rows, AT_ONCE)):
        op.bulk_insert(table, some)


def downgrade() -> None:
    with op.batch_alter_table('pilots', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.drop_index(batch_op.f('ix_pilots_idempotency_key'))
        for name in INDICES:
            batch_op.drop_index(batch_op.f(f'ix_pilots_{name}_id'))
        batch_op.drop_column('factory')
        batch_op.drop_column('entry')
    op.drop_table('endings')
    op.drop_table('tallies')
