"""front doors holds usage

Revision: 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('user_cpu_s', sa.Float(), nullable=True))
        batch_op.add_column(sa.Column('system_cpu_s', sa.Float(), nullable=True))
        batch_op.add_column(sa.Column('peak_memory_mb', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('granted', sa.JSON(none_as_null=True), nullable=True))

    with op.batch_alter_table('pilots', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.add_column(sa.Column('account', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('factory_job', sa.String(length=256), nullable=True))
        batch_op.add_column(sa.Column('door_open', sa.Boolean(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column('door_holds', sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column('hold_cause', sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column('unroutable_since', sa.Float(), nullable=True))
        batch_op.create_index(batch_op.f('ix_pilots_door_door_open'), ['door', 'door_open'], unique=False)
        batch_op.create_index(batch_op.f('ix_pilots_factory_job'), ['factory_job'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('pilots', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.drop_index(batch_op.f('ix_pilots_factory_job'))
        batch_op.drop_index(batch_op.f('ix_pilots_door_door_open'))
        batch_op.drop_column('unroutable_since')
        batch_op.drop_column('hold_cause')
        batch_op.drop_column('door_holds')
        batch_op.drop_column('door_open')
        batch_op.drop_column('factory_job')
        batch_op.drop_column('account')

    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.drop_column('granted')
        batch_op.drop_column('peak_memory_mb')
        batch_op.drop_column('system_cpu_s')
        batch_op.drop_column('user_cpu_s')

