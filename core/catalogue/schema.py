"""The tables of a catalogue. Only modules inside core.catalogue may import this one.

Migrations are the truth about a file on disk; a test compares them with these tables.
Large regular things (vector rows, neighbours, layouts, selections) are blobs of numpy arrays, little-endian.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

SCHEMA_VERSION = 4
# "Look" in ASCII: tells a catalogue from any other SQLite file.
APPLICATION_ID = 0x4C6F6F6B
# Rows per block of vector owners, neighbours and layouts.
BLOCK_ROWS = 4096

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _owner(name: str, target: str, *, primary_key: bool = False) -> Column[int]:
    """A reference whose row goes when its owner goes."""
    return Column(
        name, ForeignKey(target, ondelete="CASCADE"), primary_key=primary_key, nullable=False
    )


# What is true of the catalogue as a whole: its uuid, its name, its default encoder.
facts = Table(
    "facts", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False)
)

sources = Table(
    "sources",
    metadata,
    _id(),
    Column("path", Text, nullable=False),
    Column("raw_path", LargeBinary, nullable=False, unique=True),
    Column("ignored", Integer, nullable=False),
    Column("added_at", Float, nullable=False),
    Column("scanned_at", Float),
    Column("is_watched", Integer, nullable=False, server_default="0"),
)

folders = Table(
    "folders",
    metadata,
    _id(),
    _owner("source_id", "sources.id"),
    Column("path", Text, nullable=False),
    Column("raw_path", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    UniqueConstraint("source_id", "raw_path"),
)

contents = Table(
    "contents",
    metadata,
    _id(),
    Column("sha256", LargeBinary, nullable=False, unique=True),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("format", Text, nullable=False),
    Column("frames", Integer, nullable=False),
    Column("perceptual_hash", LargeBinary, nullable=False),
    Column("added_at", Float, nullable=False),
    # What a person should know about how it was read: "first of 12 frames", "embedded preview".
    Column("note", Text, nullable=False, server_default=""),
    # An id is never given twice: vectors, graphs and layouts name contents by it.
    sqlite_autoincrement=True,
)

images = Table(
    "images",
    metadata,
    _id(),
    _owner("source_id", "sources.id"),
    _owner("folder_id", "folders.id"),
    Column("content_id", ForeignKey("contents.id"), nullable=False, index=True),
    Column("name", Text, nullable=False, index=True),
    # The name as people order it (core.catalogue.naming).
    Column("name_key", Text, nullable=False, server_default=""),
    Column("raw_path", LargeBinary, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    # Not where it was at the last look.
    Column("missing_since", Float),
    # Taken out of the catalogue by the user, who may bring it back; its file stays.
    Column("removed_at", Float),
    Column("added_at", Float, nullable=False),
    # The catalogue's count of changes when this row, its label or its tags last changed.
    Column("revision", Integer, nullable=False, server_default="0", index=True),
    UniqueConstraint("source_id", "raw_path"),
    Index("ix_images_folder_id", "folder_id"),
    Index("ix_images_name_key", "name_key"),
    sqlite_autoincrement=True,
)

# In the catalogue, and where it was at the last look.
is_present = images.c.missing_since.is_(None) & images.c.removed_at.is_(None)

unreadable = Table(
    "unreadable",
    metadata,
    _id(),
    _owner("source_id", "sources.id"),
    Column("path", Text, nullable=False),
    Column("raw_path", LargeBinary, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="damaged"),
    Column("seen_at", Float, nullable=False),
    UniqueConstraint("source_id", "raw_path"),
)

embeddings = Table(
    "embeddings",
    metadata,
    _id(),
    Column("encoder", Text, nullable=False),
    Column("encoder_key", Text, nullable=False, unique=True),
    Column("dim", Integer, nullable=False),
    Column("precision", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("made_at", Float, nullable=False),
)

# Which content each vector row belongs to: int32 content ids, 0 where the row is a hole.
vector_blocks = Table(
    "vector_blocks",
    metadata,
    _owner("embedding_id", "embeddings.id", primary_key=True),
    Column("block", Integer, primary_key=True),
    Column("content_ids", LargeBinary, nullable=False),
)

# Vectors of parts of pictures: one row of a set is all tiles of one content, in the order of its scheme.
tile_sets = Table(
    "tile_sets",
    metadata,
    _id(),
    _owner("embedding_id", "embeddings.id"),
    # Which parts: JSON.
    Column("scheme", Text, nullable=False),
    Column("dim", Integer, nullable=False),
    # float32 [dim of the embedding, dim]: what makes the embedding's vectors shorter.
    Column("basis", LargeBinary, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("made_at", Float, nullable=False),
    UniqueConstraint("embedding_id"),
)

# Which content each row of a tile set belongs to: int32 content ids, 0 where the row is a hole.
tile_blocks = Table(
    "tile_blocks",
    metadata,
    _owner("tile_set_id", "tile_sets.id", primary_key=True),
    Column("block", Integer, primary_key=True),
    Column("content_ids", LargeBinary, nullable=False),
)

neighbour_graphs = Table(
    "neighbour_graphs",
    metadata,
    _id(),
    _owner("embedding_id", "embeddings.id"),
    Column("k", Integer, nullable=False),
    # A hash of the contents it was made from: another means stale.
    Column("made_from", Text, nullable=False),
    Column("made_at", Float, nullable=False),
    UniqueConstraint("embedding_id"),
)

# content_ids int32 [n], neighbour_ids int32 [n, k] (content ids, 0 = none), scores float16 [n, k].
neighbour_blocks = Table(
    "neighbour_blocks",
    metadata,
    _owner("graph_id", "neighbour_graphs.id", primary_key=True),
    Column("block", Integer, primary_key=True),
    Column("content_ids", LargeBinary, nullable=False),
    Column("neighbour_ids", LargeBinary, nullable=False),
    Column("scores", LargeBinary, nullable=False),
)

layouts = Table(
    "layouts",
    metadata,
    _id(),
    _owner("embedding_id", "embeddings.id"),
    Column("method", Text, nullable=False),
    Column("settings", Text, nullable=False),
    Column("made_from", Text, nullable=False),
    Column("made_at", Float, nullable=False),
    UniqueConstraint("embedding_id", "method"),
)

# content_ids int32 [n], positions float32 [n, 2].
layout_blocks = Table(
    "layout_blocks",
    metadata,
    _owner("layout_id", "layouts.id", primary_key=True),
    Column("block", Integer, primary_key=True),
    Column("content_ids", LargeBinary, nullable=False),
    Column("positions", LargeBinary, nullable=False),
)

pairs = Table(
    "pairs",
    metadata,
    _id(),
    Column("a", ForeignKey("contents.id"), nullable=False),
    Column("b", ForeignKey("contents.id"), nullable=False, index=True),
    Column("verdict", Text, nullable=False),
    Column("score", Float),
    Column("encoder_key", Text),
    Column("origin", Text, nullable=False),
    Column("decided_at", Float, nullable=False),
    UniqueConstraint("a", "b"),
)

# What pictures are recognised by, made from thumbnails: content_ids int32 [n], rows of n equal parts whose type
# the scheme says ("local-1"). Derived.
fingerprint_blocks = Table(
    "fingerprint_blocks",
    metadata,
    Column("scheme", Text, primary_key=True),
    Column("block", Integer, primary_key=True),
    Column("content_ids", LargeBinary, nullable=False),
    Column("rows", LargeBinary, nullable=False),
)

# Pairs of contents that were compared pixel by pixel, and what came of it: see core.catalogue.links. Derived.
_LINK_PARTS = ("a", "b", "scores", "kinds", "differs", "overlaps", "transforms")
link_blocks = Table(
    "link_blocks",
    metadata,
    Column("block", Integer, primary_key=True),
    *(Column(name, LargeBinary, nullable=False) for name in _LINK_PARTS),
)

# Pairs that were compared and are not the same picture, so that nobody compares them again: pair_keys int64
# (a << 32 | b), ascending within a block. Derived.
refuted_blocks = Table(
    "refuted_blocks",
    metadata,
    Column("block", Integer, primary_key=True),
    Column("pair_keys", LargeBinary, nullable=False),
)

# A removal of files: one row per plan that was carried out, kept for good; what else belongs to it as JSON.
removals = Table(
    "removals",
    metadata,
    _id(),
    Column("uid", Text, nullable=False, unique=True),
    Column("how", Text, nullable=False),  # "trash", "links" or "folder"
    Column("settings", Text, nullable=False),
    Column("begun_at", Float, nullable=False),
    Column("ended_at", Float),
)

# One row per file of a removal, written before it is touched and again when it is gone.
removed_files = Table(
    "removed_files",
    metadata,
    _id(),
    _owner("removal_id", "removals.id"),
    Column("image_id", Integer),  # no reference: the record stays where the image is forgotten
    Column("raw_path", LargeBinary, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("survivor_raw_path", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),  # "going", "gone", "refused", "restored", "lost"
    Column("went_to", LargeBinary),
    Column("reason", Text, nullable=False, server_default=""),
    Column("changed_at", Float, nullable=False),
    Index("ix_removed_files_removal_id", "removal_id"),
)

tags = Table("tags", metadata, _id(), Column("name", Text, nullable=False, unique=True))

image_tags = Table(
    "image_tags",
    metadata,
    _owner("tag_id", "tags.id", primary_key=True),
    Column("image_id", ForeignKey("images.id", ondelete="CASCADE"), primary_key=True, index=True),
)

# A label that came from outside (CSV). Classes from folders are not stored: they are folders.name.
classes = Table("classes", metadata, _id(), Column("name", Text, nullable=False, unique=True))

image_classes = Table(
    "image_classes",
    metadata,
    _owner("image_id", "images.id", primary_key=True),
    Column("class_id", ForeignKey("classes.id"), nullable=False, index=True),
)

# What else came with labels from outside: one value an image, as text or as a number.
fields = Table(
    "fields",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
)

image_fields = Table(
    "image_fields",
    metadata,
    _owner("field_id", "fields.id", primary_key=True),
    Column("image_id", ForeignKey("images.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("text", Text),
    Column("number", Float),
)

splits = Table("splits", metadata, _id(), Column("name", Text, nullable=False, unique=True))

split_images = Table(
    "split_images",
    metadata,
    _owner("split_id", "splits.id", primary_key=True),
    Column("image_id", ForeignKey("images.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("part", Text, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("status", Text, nullable=False),
    Column("settings", Text, nullable=False),
    Column("curves", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("checkpoint", Text),
    Column("made_at", Float, nullable=False),
)

# Questions that were given a name (core.search.question), as JSON.
searches = Table(
    "searches",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("question", Text, nullable=False),
    Column("made_at", Float, nullable=False),
    Column("asked_at", Float),
)

# One row per step that can be undone or redone; (name, version, arguments, ids) both ways.
history = Table(
    "history",
    metadata,
    _id(),
    Column("text", Text, nullable=False),
    Column("is_undone", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("arguments", Text, nullable=False),
    Column("ids", LargeBinary, nullable=False),
    Column("inverse_name", Text, nullable=False),
    Column("inverse_version", Integer, nullable=False),
    Column("inverse_arguments", Text, nullable=False),
    Column("inverse_ids", LargeBinary, nullable=False),
    Column("done_at", Float, nullable=False),
)

journal = Table(
    "journal",
    metadata,
    _id(),
    Column("at", Float, nullable=False),
    Column("kind", Text, nullable=False),
    Column("entry", Text, nullable=False),
)
