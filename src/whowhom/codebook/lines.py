"""Where in a codebook's file a table or a field stands, for the messages about it."""

from __future__ import annotations

import re
from pathlib import Path

_LONG_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'', re.DOTALL)
_TABLE = re.compile(r"^[ \t]*\[\[?[ \t]*([^\]\n]+?)[ \t]*\]\]?", re.MULTILINE)


def at(file: str, table: str = "", number: int = 1, field: str = "") -> str:
    """A file's name with the line of a field, or of its table, where it can be told.

    Args:
        file: its path.
        table: ``frame`` for ``[[frame]]``; empty for the fields above all tables.
        number: which of several tables of that name; 1 is the first.
        field: a key of the table; the table's own line where it has no such line.
    """
    line = _line(file, table, number, field)
    return file if line is None else f"{file}, line {line}"


def _line(file: str, table: str, number: int, field: str) -> int | None:
    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    # what stands within a long string is no table and no field, but its lines count
    text = _LONG_STRING.sub(lambda found: '""' + "\n" * found[0].count("\n"), text)
    heads = list(_TABLE.finditer(text))
    start, end = 0, heads[0].start() if heads else len(text)
    if table:
        named = [n for n, head in enumerate(heads) if head[1] == table]
        if len(named) < number:
            return _line(file, "", 1, table) if number == 1 else None  # written in one line
        which = named[number - 1]
        start = heads[which].start()
        end = heads[which + 1].start() if which + 1 < len(heads) else len(text)
    found = None
    if field:
        key = re.compile(rf"^[ \t]*[\"']?{re.escape(field)}[\"']?[ \t]*[.=]", re.MULTILINE)
        found = key.search(text, start, end)
    if found is not None:
        return text.count("\n", 0, found.start()) + 1
    if not table:
        return _line(file, field, 1, "") if any(head[1] == field for head in heads) else None
    return text.count("\n", 0, start) + 1
