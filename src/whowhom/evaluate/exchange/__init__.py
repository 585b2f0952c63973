"""Gold to annotation tools and back.

Each tool's module has ``write`` (documents to bytes) and ``read`` (a path to documents). What a
tool has no place for goes along beside the text and is put back where the trigger still stands
at its place; what cannot be put back is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from whowhom.codebook.schema import Codebook
from whowhom.errors import UsageError
from whowhom.evaluate.exchange import doccano, inception, label_studio
from whowhom.evaluate.exchange.page import Read, to_page
from whowhom.evaluate.gold import AnnotatedDocument, read_gold, write_gold

FORMATS = ("whowhom", "label-studio", "doccano", "inception")
SUFFIX = {"whowhom": ".jsonl", "label-studio": ".json", "doccano": ".jsonl", "inception": ".zip"}


def read(
    path: Path, form: str, *, originals: Sequence[AnnotatedDocument] = (), coder: str | None = None
) -> Read:
    """The documents of a file, and what could not be read or put back.

    Args:
        path: an export of the tool, or gold.
        form: one of :data:`FORMATS`.
        originals: the documents that the tool was given: for what it has lost of them.
        coder: whose annotations, where an export has those of several people.

    Raises:
        InputError: the file is not in this format.
        UsageError: there is no such format, or it needs a package that is not installed.
    """
    if form == "whowhom":
        return Read(read_gold(path))
    rests = {document.id: to_page(document).rest for document in originals}
    if form == "label-studio":
        return label_studio.read(path, rests)
    if form == "doccano":
        return doccano.read(path, rests)
    if form == "inception":
        return inception.read(path, rests, coder)
    raise UsageError(f"{form!r} is no format", do=f"Say one of: {', '.join(FORMATS)}.")


def write(documents: Sequence[AnnotatedDocument], form: str) -> bytes:
    """The bytes of a file in a format, one of :data:`FORMATS`.

    Raises:
        UsageError: there is no such format, or it needs a package that is not installed.
    """
    if form == "whowhom":
        return b"".join(write_gold(documents))
    if form == "label-studio":
        return label_studio.write(documents)
    if form == "doccano":
        return doccano.write(documents)
    if form == "inception":
        return inception.write(documents)
    raise UsageError(f"{form!r} is no format", do=f"Say one of: {', '.join(FORMATS)}.")


def setup(form: str, book: Codebook) -> str:
    """What a tool must know before the tasks can be imported: its labels or layers.

    Raises:
        UsageError: there is no such tool, or it needs a package that is not installed.
    """
    if form == "label-studio":
        return label_studio.setup(book)
    if form == "doccano":
        return doccano.setup(book)
    if form == "inception":
        return inception.setup()
    raise UsageError(f"{form!r} is no tool", do=f"Say one of: {', '.join(FORMATS[1:])}.")


def guess(path: Path) -> str:
    """The format that a file or folder looks like.

    Raises:
        UsageError: none can be told.
    """
    if path.is_dir() or path.suffix.lower() in (".zip", ".xmi"):
        return "inception"
    with path.open("rb") as file:
        start = file.read(1_000_000).lstrip(b"\xef\xbb\xbf \r\n\t")
    if start.startswith(b"PK\x03\x04"):  # a zip, whatever its name
        return "inception"
    line = start.split(b"\n", 1)[0]
    if b'"%TYPES"' in start or b'"%FEATURE_STRUCTURES"' in start:
        return "inception"
    if b'"entities"' in line:
        return "doccano"
    if start[:1] == b"[" or b'"predictions"' in start or b'"annotations"' in start:
        return "label-studio"
    if b'"events"' in line:
        return "whowhom"
    raise UsageError(
        "its format cannot be told", where=str(path), do=f"Say --from {', '.join(FORMATS)}."
    )
