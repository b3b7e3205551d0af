"""purposes: what pilots are for, and numbers kept by it

Revision: 0011, after 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

KINDS = ('entry', 'factory', 'route', 'cluster', 'vo', 'account', 'state')


def upgrade() -> None:
    with op.batch_alter_table('pilots', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.add_column(sa.Column('purpose', sa.String(length=16), server_default='pilot', nullable=False))
        few = sa.text("purpose <> 'pilot'")
        batch_op.create_index(
            batch_op.f('ix_pilots_purpose_id'), ['purpose', 'id'], unique=False,
            sqlite_where=few, postgresql_where=few,
        )
    _replace_tallies((*KINDS[:-1], 'purpose', 'state'), f"SELECT {', '.join(KINDS[:-1])}, 'pilot', state")


def downgrade() -> None:
    """Tests and checks that there were are pilots from then on."""
    _replace_tallies(KINDS, f"SELECT {', '.join(KINDS)}", f"GROUP BY {', '.join(KINDS)}")
    with op.batch_alter_table('pilots', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.drop_index(batch_op.f('ix_pilots_purpose_id'))
        batch_op.drop_column('purpose')


def _replace_tallies(kinds: tuple[str, ...], select: str, group: str = '') -> None:
    """By a table with another primary key: SQLite cannot change one."""
    op.execute('CREATE TEMPORARY TABLE tallies_of_before AS SELECT * FROM tallies')
    op.drop_table('tallies')
    op.create_table(
        'tallies',
        *(sa.Column(name, sa.String(length=128), nullable=False) for name in kinds),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('last_at', sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint(*kinds, name=op.f('pk_tallies')),
    )
    sums = ('SUM(number)', 'MAX(last_at)') if group else ('number', 'last_at')
    op.execute(f"INSERT INTO tallies {select}, {', '.join(sums)} FROM tallies_of_before {group}")
    op.drop_table('tallies_of_before')
