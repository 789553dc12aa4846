"""Every error that Lookalike tells a person about.

KnownError                  the user can do something about it: one sentence, no traceback
├── UsageError              the request makes no sense (an unknown name, a number out of range)
├── CatalogueError          a catalogue that cannot be opened, read or written
│   ├── NotACatalogue       the path holds something else
│   ├── NewerCatalogue      written by a later version of Lookalike
│   ├── CatalogueBusy       another process is writing it
│   └── ReadOnlyCatalogue   it can be looked at, and not be changed
├── SourceError             a folder of images that cannot be used
├── ImageError              one file that cannot be decoded
├── EncoderError            an encoder that is not known, not installed, or cannot do what was asked
├── TableError              a CSV file that cannot be read or does not fit
├── ExportError             something that cannot be written where it was wanted
├── ReleaseError            whether there is a newer version cannot be told
├── DiskFull                no space left; what was committed is kept
├── WorkerError             no process for decoding can be started
└── UndoRefused             what would be taken back has changed since

Anything else that is raised is a bug: it goes to the log with its traceback.
"""


class KnownError(Exception):
    """Something the user should know, in one sentence.

    ``remedy`` says what can be done about it, where there is something.
    """

    def __init__(self, sentence: str, remedy: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}".strip()


class UsageError(KnownError):
    """The request makes no sense as it stands."""


class CatalogueError(KnownError):
    """A catalogue cannot be opened, read or written."""


class NotACatalogue(CatalogueError):
    """The path holds something that is not a catalogue."""


class NewerCatalogue(CatalogueError):
    """The catalogue was written by a later version of Lookalike."""


class CatalogueBusy(CatalogueError):
    """Another process holds the writer lock."""


class ReadOnlyCatalogue(CatalogueError):
    """The catalogue was opened for reading, or lies on a read-only medium."""


class SourceError(KnownError):
    """A source folder is missing, is no folder, or cannot be read."""


class ImageError(KnownError):
    """One image file cannot be decoded."""


class EncoderError(KnownError):
    """An encoder is not known, not installed, or cannot do what was asked."""


class TableError(KnownError):
    """A CSV file cannot be read, or its rows do not fit the catalogue."""


class ExportError(KnownError):
    """Something cannot be written where, or as what, it was wanted."""


class ReleaseError(KnownError):
    """Whether there is a newer version of Lookalike cannot be told."""


class DiskFull(KnownError):
    """No space is left on the device."""


class WorkerError(KnownError):
    """No process for decoding can be started: memory, processes or shared memory ran out."""


class UndoRefused(KnownError):
    """What would be taken back has changed since it was done."""
