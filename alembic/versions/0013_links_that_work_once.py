"""tokens: links that work once

Revision: 0013, after 0012.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('tokens', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.add_column(sa.Column('link_digest', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('link_used_at', sa.Float(), nullable=True))
        batch_op.create_index(batch_op.f('ix_tokens_link_digest'), ['link_digest'], unique=True)


def downgrade() -> None:
    with op.batch_alter_table('tokens', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.drop_index(batch_op.f('ix_tokens_link_digest'))
        batch_op.drop_column('link_used_at')
        batch_op.drop_column('link_digest')
