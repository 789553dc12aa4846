"""Rows of a catalogue beneath all operations: all that is kept read at once, and many images written at once."""

from pathlib import Path

from core.catalogue import embeddings as rows
from core.catalogue import revisions
from core.operations import images, tags
from core.project import Project


def everything(project: Project) -> dict[str, list[object]]:
    """All that is kept, but for numbers that only mean something inside, and times."""
    queries = {
        "sources": "SELECT raw_path, ignored, is_watched FROM sources",
        "images": "SELECT s.raw_path, i.raw_path, f.raw_path, hex(c.sha256), i.mtime_ns, i.size_bytes,"
        " i.name_key, i.missing_since IS NULL, i.removed_at IS NULL, i.revision FROM images i"
        " JOIN sources s ON s.id = i.source_id JOIN folders f ON f.id = i.folder_id"
        " JOIN contents c ON c.id = i.content_id",
        "tags": "SELECT t.name, i.raw_path FROM image_tags it JOIN tags t ON t.id = it.tag_id"
        " JOIN images i ON i.id = it.image_id",
        "labels": "SELECT t.name, i.raw_path FROM image_classes it JOIN classes t ON t.id = it.class_id"
        " JOIN images i ON i.id = it.image_id",
        "splits": "SELECT t.name, i.raw_path, part FROM split_images it JOIN splits t"
        " ON t.id = it.split_id JOIN images i ON i.id = it.image_id",
        "fields": "SELECT t.name, i.raw_path, text, number FROM image_fields it JOIN fields t"
        " ON t.id = it.field_id JOIN images i ON i.id = it.image_id",
        "pairs": "SELECT hex(x.sha256), hex(y.sha256), verdict, origin, decided_at FROM pairs"
        " JOIN contents x ON x.id = a JOIN contents y ON y.id = b",
        "unreadable": "SELECT s.raw_path, u.raw_path, reason, kind FROM unreadable u"
        " JOIN sources s ON s.id = u.source_id",
        "revision": "SELECT key, value FROM facts WHERE key IN ('revision', 'removals')",
        "journal": "SELECT kind, entry FROM journal",
    }
    found: dict[str, list[object]] = {}
    with project.read() as session:
        for name, query in queries.items():
            found[name] = sorted((tuple(row) for row in session.exec_driver_sql(query)), key=repr)
        for embedding in rows.every(session):
            owners = rows.owners(session, embedding.id)
            hashes = dict(session.exec_driver_sql("SELECT id, hex(sha256) FROM contents").all())
            stored = project.vectors(embedding).read(0, len(owners))
            found[embedding.key] = sorted(
                (hashes[int(one)], stored[place].tobytes()) for place, one in enumerate(owners)
            )
    return found


def enlarge(project: Project, photos: Path) -> None:
    """Some thousand images more, on some hundred pages, and a tag on each."""
    with project.write() as session:
        revision = revisions.next_revision(session)
        session.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
            " INSERT INTO images (id, source_id, folder_id, content_id, name, name_key, raw_path,"
            " mtime_ns, size_bytes, added_at, revision) SELECT i, 1, 1, 1 + i % 12, 'n' || i, 'n' || i,"
            " CAST('many/n' || i AS BLOB), 1, 1, 0, ? FROM n",
            (revision,),
        )
    tags.add(project, images.list_ids(project), "kept")
