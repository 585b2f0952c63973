"""Text from outside, made safe to show: no control character reaches a terminal or a cell."""

from __future__ import annotations

import re

# C0 and C1 controls, bidirectional controls, line and paragraph separators, the byte order
# mark, and halves of surrogate pairs, which no encoding can hold
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_BLANK = "\t\r\n\u0085\u2028\u2029"


def visible(text: str) -> str:
    """Text on one line, with its control characters written out (``\\x1b``)."""
    return _CONTROL.sub(_escape, text)


def masked(text: str) -> str:
    """Text with a mark for each control character: as long as before, so that offsets hold."""
    return _CONTROL.sub(lambda found: " " if found[0] in _BLANK else "\ufffd", text)


def _escape(match: re.Match[str]) -> str:
    if match[0] in _BLANK:
        return " "
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
