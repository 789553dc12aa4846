"""Natural order, changes that can be followed, images taken out, notes and kinds, fields from outside."""

import sqlalchemy as sa
from alembic import op

from core.catalogue.naming import name_key

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_PART = 20_000


def upgrade() -> None:
    """Add what version 2 has; nothing is taken away but indexes that no query uses any more."""
    op.add_column(
        "sources", sa.Column("is_watched", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("contents", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "unreadable", sa.Column("kind", sa.Text(), nullable=False, server_default="damaged")
    )
    op.add_column("images", sa.Column("name_key", sa.Text(), nullable=False, server_default=""))
    op.add_column("images", sa.Column("removed_at", sa.Float(), nullable=True))
    op.add_column("images", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    for index in ("ix_images_folder_id_name", "ix_images_mtime_ns", "ix_images_size_bytes"):
        op.drop_index(index, "images")
    _fill_name_keys(op.get_bind())
    op.create_index("ix_images_folder_id", "images", ["folder_id"])
    op.create_index("ix_images_name_key", "images", ["name_key"])
    op.create_index("ix_images_revision", "images", ["revision"])
    _create_fields()


def _create_fields() -> None:
    op.create_table(
        "fields",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fields"),
        sa.UniqueConstraint("name", name="uq_fields_name"),
    )
    op.create_table(
        "image_fields",
        sa.Column("field_id", sa.Integer(), nullable=False),
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("number", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["field_id"],
            ["fields.id"],
            name="fk_image_fields_field_id_fields",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["image_id"],
            ["images.id"],
            name="fk_image_fields_image_id_images",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("field_id", "image_id", name="pk_image_fields"),
    )
    op.create_index("ix_image_fields_image_id", "image_fields", ["image_id"])


def _fill_name_keys(connection: sa.Connection) -> None:
    read = sa.text("SELECT id, name FROM images WHERE id > :after ORDER BY id LIMIT :part")
    write = sa.text("UPDATE images SET name_key = :key WHERE id = :id")
    after = 0
    while rows := connection.execute(read, {"after": after, "part": _PART}).all():
        connection.execute(write, [{"id": row[0], "key": name_key(row[1])} for row in rows])
        after = rows[-1][0]
