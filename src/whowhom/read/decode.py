"""Bytes become text here, once, and the decision is written down.

Order: byte-order mark, UTF-8, the charset that the file declares, UTF-8 with few
bad bytes replaced, a guess (charset-normalizer on a sample), cp1252.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

import charset_normalizer

from whowhom.errors import InputError

SAMPLE_BYTES = 32_768
"""charset-normalizer tries dozens of codecs; a sample bounds its time."""
GUESS_SHARE = 0.15
"""Share of bytes above ASCII from which the script is another one, and a guess is worth
something; below it the text is Latin, and cp1252 the likely charset for English."""
BINARY_SHARE = 0.05
"""Share of control bytes from which a file is no text."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# codecs that are no charset of documents, or that carry escapes (utf-7) past filters
_REFUSED = frozenset(
    (
        "idna",
        "punycode",
        "unicode-escape",
        "raw-unicode-escape",
        "undefined",
        "mbcs",
        "oem",
        "utf-7",
    )
)
_CONTROL_BYTES = bytes(i for i in range(32) if i not in (8, 9, 10, 12, 13, 27)) + b"\x7f"
_DECLARED_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})""")
_DECLARED_META = re.compile(
    rb"""<meta[^>]{0,500}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.I
)

# C0 controls but newline and tab become blanks; C1 controls become what Windows means
# by that byte (the HTML standard's rule) or blanks; lone surrogates the replacement mark
_CLEAN: dict[int, str] = {i: " " for i in range(32) if i not in (9, 10)} | {0x7F: " "}
_CLEAN |= {
    i: (bytes([i]).decode("cp1252", "replace").replace("\ufffd", " ")) for i in range(128, 160)
}
_CLEAN |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_DIRTY = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the encoding that it was read with, and notes on what was lost."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


def looks_binary(data: bytes) -> bool:
    """True for bytes that are no text in any charset with a mark or without NULs.

    A few NULs in a text are damage, and are replaced; from one control byte in
    twenty on it is another kind of file.
    """
    if any(data.startswith(mark) for mark, _ in _BOMS) or _utf16(data):
        return False
    sample = data[:65_536]
    return len(sample.translate(None, _CONTROL_BYTES)) < len(sample) * (1 - BINARY_SHARE)


def _utf16(data: bytes) -> str | None:
    """UTF-16 without a mark: every other byte is NUL in Latin text."""
    sample = data[:4096]
    half = len(sample) // 2
    if half < 8:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.7 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def mark(data: bytes) -> tuple[str, int] | None:
    """The encoding that a byte-order mark (or the NULs of UTF-16) shows, and the mark's length."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return name, len(bom)
    wide = _utf16(data)
    return (wide, 0) if wide else None


def declared(data: bytes) -> str | None:
    """The charset that an XML declaration or an HTML ``meta`` element names."""
    head = data[:4096]
    found = _DECLARED_XML.search(head) or _DECLARED_META.search(head)
    return found[1].decode("ascii").lower() if found else None


def charset(name: str | None) -> str | None:
    """A charset's Python name, None where it is unknown or no charset of documents."""
    if not name:
        return None
    try:
        info = codecs.lookup(name.strip())
    except (LookupError, ValueError):
        return None
    if not getattr(info, "_is_text_encoding", True) or info.name in _REFUSED:
        return None
    # what declares Latin-1 or ASCII is written in Windows-1252 (Encoding Standard)
    return "cp1252" if info.name in ("iso8859-1", "ascii") else info.name


def decode(data: bytes, declared_charset: str | None = None, *, guess: bool = True) -> Decoded:
    """Text from the bytes of one document or line; never fails on text.

    Raises:
        InputError: ``not_text`` where the bytes are no text.
    """
    if looks_binary(data):
        raise InputError(
            "this is binary data, not text",
            reason="not_text",
            do="Give text, HTML, JSON Lines, CSV, Parquet, a feed or a WARC",
        )
    if marked := mark(data):
        name, length = marked
        read = data[length:].decode(name, "replace")
        return Decoded(read, name, _replaced(read.count("\ufffd"), name))
    wanted = charset(declared_charset)
    if wanted and wanted.startswith(("iso2022", "hz")) and (text := _strict(data, wanted)):
        return Decoded(text, wanted)  # these are ASCII to a UTF-8 decoder
    if (plain := _strict(data, "utf-8")) is not None:
        return Decoded(plain, "utf-8")
    if wanted and wanted != "utf-8" and (text := _strict(data, wanted)) is not None:
        return Decoded(text, wanted)
    return _damaged(data, guess)


def _strict(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeError, ValueError):
        return None


def _damaged(data: bytes, guess: bool) -> Decoded:
    """Not UTF-8 as a whole: UTF-8 with damage, or another charset."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(1 for character in text[:200_000] if character > "\x7f") - bad
    if good > bad:
        return Decoded(text, "utf-8", _replaced(bad, "utf-8"))
    high = len(data) - len(data.translate(None, bytes(range(128, 256))))
    if guess and high > GUESS_SHARE * len(data) and (name := _guess(data)):
        other = _strict(data, name)
        if other is not None:
            return Decoded(other, name, (f"not UTF-8: read as {name}, a guess",))
    western = _strict(data, "cp1252")
    if western is not None:
        return Decoded(western, "cp1252", ("not UTF-8: read as cp1252",))
    return Decoded(text, "utf-8", _replaced(bad, "utf-8"))


def _guess(data: bytes) -> str | None:
    first = next((i for i, byte in enumerate(data[:2_000_000]) if byte > 127), 0)
    start = max(0, first - 512)
    best = charset_normalizer.from_bytes(data[start : start + SAMPLE_BYTES]).best()
    return charset(best.encoding) if best else None


def _replaced(count: int, name: str) -> tuple[str, ...]:
    if not count:
        return ()
    return (f"{count} {'byte was' if count == 1 else 'bytes were'} not {name} and replaced",)


def clean(text: str) -> str:
    """Text with newlines as ``\\n`` and without control characters and lone surrogates.

    Every other character stays where it is; only ``\\r\\n`` changes the length.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.translate(_CLEAN) if _DIRTY.search(text) else text


def one_line(text: str, limit: int = 1000) -> str:
    """A title, name or id: cleaned, blanks joined, cut to ``limit`` characters."""
    return " ".join(clean(text[: limit * 4]).split())[:limit]
