"""What people call the parts of a split."""

PARTS = ("train", "val", "test", "query", "gallery")

_NAMES = {
    **{part: part for part in PARTS},
    **dict.fromkeys(("training", "trainval", "trn"), "train"),
    **dict.fromkeys(("valid", "validation", "dev", "validate"), "val"),
    **dict.fromkeys(("testing", "eval", "evaluation", "tst"), "test"),
    **dict.fromkeys(("queries", "probe"), "query"),
    **dict.fromkeys(("reference", "galery", "index"), "gallery"),
}


def part_named(word: str) -> str | None:
    """The part of a split that a word means, or None: "Validation" is val."""
    return _NAMES.get(word.strip().lower())
