"""Saved searches, and vectors of parts of pictures."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what version 3 has; nothing that was there is touched."""
    op.create_table(
        "searches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_searches"),
        sa.UniqueConstraint("name", name="uq_searches_name"),
    )
    op.create_table(
        "tile_sets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("embedding_id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("dim", sa.Integer(), nullable=False),
        sa.Column("basis", sa.LargeBinary(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["embedding_id"],
            ["embeddings.id"],
            name="fk_tile_sets_embedding_id_embeddings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_tile_sets"),
        sa.UniqueConstraint("embedding_id", name="uq_tile_sets_embedding_id"),
    )
    op.create_table(
        "tile_blocks",
        sa.Column("tile_set_id", sa.Integer(), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("content_ids", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tile_set_id"],
            ["tile_sets.id"],
            name="fk_tile_blocks_tile_set_id_tile_sets",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tile_set_id", "block", name="pk_tile_blocks"),
    )
