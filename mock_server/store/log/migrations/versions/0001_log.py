"""The log: head, effects, snapshots."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, and the one row of the head."""
    head = op.create_table(
        "hakuna_mock_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("effects_version", sa.Integer, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("snapshot_position", sa.BigInteger, nullable=False),
        sa.Column("generation", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "hakuna_mock_log",
        sa.Column("position", POSITION, primary_key=True, autoincrement=False),
        sa.Column("world_id", sa.Text),
        sa.Column("effects", sa.Text, nullable=False),
    )
    op.create_table(
        "hakuna_mock_snapshot",
        sa.Column("generation", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("part", sa.Text, nullable=False),
        sa.Column("world_id", sa.Text),
        sa.Column("content", sa.Text, nullable=False),
    )
    first = {
        "id": 1,
        "store_id": secrets.token_hex(6),
        "effects_version": 1,
        "position": 0,
        "snapshot_position": 0,
        "generation": 0,
    }
    op.bulk_insert(head, [first])
