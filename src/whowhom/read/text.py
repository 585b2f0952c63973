"""Plain text: the whole file is one document's text.

A first line that looks like a heading stays in the text, so that offsets count from the
file's first character; the parser reads it as a sentence of its own.
"""

from __future__ import annotations

from typing import BinaryIO

from whowhom.errors import InputError
from whowhom.model import Source
from whowhom.read.decode import decode
from whowhom.read.record import Context, Item, Record, build
from whowhom.read.unpack import read_up_to


def read_plain(stream: BinaryIO, file: str, context: Context) -> Item:
    """The document of a text file.

    Raises:
        InputError: ``too_large``, ``empty`` or ``not_text``.
    """
    data = read_up_to(stream, context.settings.max_file_bytes)
    if not data.strip():
        raise InputError("the file is empty", where=file, reason="empty")
    decoded = decode(data)
    return build(Record(decoded.text), Source(file, "", decoded.encoding, decoded.notes), context)
