"""Links between pictures that were compared, what they are recognised by, and removals of files."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what version 4 has; nothing that was there is touched."""
    op.create_table(
        "fingerprint_blocks",
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("content_ids", sa.LargeBinary(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("scheme", "block", name="pk_fingerprint_blocks"),
    )
    parts = ("a", "b", "scores", "kinds", "differs", "overlaps", "transforms")
    op.create_table(
        "link_blocks",
        sa.Column("block", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in parts),
        sa.PrimaryKeyConstraint("block", name="pk_link_blocks"),
    )
    op.create_table(
        "refuted_blocks",
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("pair_keys", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("block", name="pk_refuted_blocks"),
    )
    op.create_table(
        "removals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_removals"),
        sa.UniqueConstraint("uid", name="uq_removals_uid"),
    )
    op.create_table(
        "removed_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("removal_id", sa.Integer(), nullable=False),
        sa.Column("image_id", sa.Integer(), nullable=True),
        sa.Column("raw_path", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("survivor_raw_path", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("went_to", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["removal_id"],
            ["removals.id"],
            name="fk_removed_files_removal_id_removals",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_removed_files"),
    )
    op.create_index("ix_removed_files_removal_id", "removed_files", ["removal_id"])
