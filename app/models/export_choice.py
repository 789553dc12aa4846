"""What is chosen on the page Export, remembered for each kind of thing; gives the request."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.export.kinds import WHATS, Format, Option, What, what
from core.operations.exports import Request

FORMAT = "format"
Kept = dict[str, dict[str, str]]  # what was chosen last, by kind: the format, and options by name


@dataclass
class ExportChoice:
    """``images`` is "all", "shown", "selected" or "before" (the filter of an export of before). ``known`` holds by
    option what this catalogue has of it; what is kept and not among that is passed over, not forgotten."""

    kept: Kept = field(default_factory=dict)
    name: str = WHATS[0].name
    images: str = "all"
    encoder: str | None = None
    filter_before: str = ""
    known: Mapping[str, Collection[str]] = field(default_factory=dict)

    def remember(self, kept: object) -> None:
        """Take what settings hold; whatever makes no sense is left out."""
        self.kept = {}
        for kind in WHATS:
            given = kept.get(kind.name) if isinstance(kept, Mapping) else None
            if isinstance(given, Mapping):
                self.kept[kind.name] = {str(key): str(value) for key, value in given.items()}

    @property
    def what(self) -> What:
        return what(self.name)

    @property
    def format(self) -> Format:
        """The one that was chosen last for this kind, or the first."""
        wanted = self.kept.get(self.name, {}).get(FORMAT)
        formats = self.what.formats
        return next((one for one in formats if one.name == wanted), formats[0])

    @property
    def fields(self) -> tuple[Option, ...]:
        """What can be chosen for it in this format."""
        return self.what.options_of(self.format)

    def value(self, option: Option) -> str:
        """What is chosen, or what is meant where nothing was."""
        given = self.kept.get(self.name, {}).get(option.name)
        allowed = option.choices or self.known.get(option.name)
        return option.usual if given is None or (allowed and given not in allowed) else given

    def choose_kind(self, name: str) -> None:
        self.name = what(name).name

    def choose_format(self, name: str) -> None:
        self._put(FORMAT, self.what.format(name).name)

    def choose_option(self, name: str, value: str) -> None:
        self._put(name, value)

    def _put(self, key: str, value: str) -> None:
        self.kept = {**self.kept, self.name: {**self.kept.get(self.name, {}), key: value}}

    def request(
        self, out: Path | None, filter_text: str, image_ids: NDArray[np.int64] | None
    ) -> Request:
        """What is asked for; options that are as usual are not named."""
        kind = self.what
        options = {one.name: self.value(one) for one in self.fields}
        usual = {one.name: one.usual for one in self.fields}
        return Request(
            kind.name,
            self.format.name,
            out,
            self.encoder if kind.has_encoder else None,
            filter_text if kind.has_images else "",
            image_ids if kind.has_images else None,
            {name: value for name, value in options.items() if value != usual[name]},
        )


def file_name(catalogue: str, kind: What, form: Format) -> str:
    """What the file or folder is called where nobody said."""
    plain = "".join(one if one.isalnum() or one in "-_ ." else "-" for one in catalogue).strip(" .")
    return f"{plain or 'catalogue'}-{kind.name}{form.suffix}"


def renamed(name: str, before: Format, now: Format) -> str:
    """A name that a person typed, with the suffix of another format."""
    stem = name.removesuffix(before.suffix) if before.suffix else name
    return f"{stem or name}{now.suffix}"


def list_beside(out: Path, form: Format) -> Path:
    """Where the list of the images that were chosen by hand is put."""
    stem = out.name.removesuffix(form.suffix) if form.suffix else out.name
    return out.with_name(f"{stem or out.name}-images.csv")
