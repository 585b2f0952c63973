"""JSON Lines, a JSON list and a JSON object.

A line that is no document is named and the next one is read. ``NaN`` counts as null:
pandas writes it for a missing value, and a document is not lost for a missing number.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, BinaryIO

from whowhom.errors import InputError
from whowhom.model import Skipped, Source
from whowhom.read.decode import decode, mark
from whowhom.read.lines import lines
from whowhom.read.record import Context, Item, build, field_key, from_mapping, kind
from whowhom.read.words import inputs
from whowhom.settings import DEFAULT

_BETWEEN = re.compile(r"[\s,\x00]*")
FIRST_PIECE = 65_536


def _nothing(_: str) -> None:
    return None


def _integer(digits: str) -> int | Decimal:
    """The number. Python refuses an ``int`` of more than 4,300 digits, whose time grows with the
    square, and a document is not lost for a number that no field needs."""
    try:
        return int(digits)
    except ValueError:
        return Decimal(digits)


_DECODER = json.JSONDecoder(strict=False, parse_constant=_nothing, parse_int=_integer)
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def parse(text: str, depth: int = DEFAULT.max_json_depth) -> Any:
    """A JSON value of at most ``depth`` lists and objects within each other.

    Raises:
        ValueError: it is no JSON, or is nested too deeply.
    """
    check_depth(text, depth)
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        place = f"column {error.colno}"
        if "\n" in text.rstrip():
            place = f"line {error.lineno}, {place}"
        elif error.pos >= len(text.rstrip()):
            place = "its end"
        raise _wrong(error, place) from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _wrong(error: json.JSONDecodeError, place: str) -> ValueError:
    """What the decoder says, with a place in the input and not in the piece that it was given."""
    return ValueError(f"{error.msg.lower().removesuffix(' starting at')} at {place}")


class _TooDeep(ValueError):  # noqa: N818 (a signal: such a value is known from its end on)
    pass


def check_depth(text: str, limit: int) -> None:
    """Raises:
    ValueError: more than ``limit`` lists and objects are open at once.
    """
    if text.count("[") + text.count("{") <= limit:  # nearly every record: nothing to walk
        return
    depth = 0
    for found in _BRACKETS.finditer(text):
        if found[0] in "[{":
            depth += 1
            if depth > limit:
                raise _TooDeep(f"nested too deeply: the limit is {limit} lists and objects")
        elif found[0] in "]}":
            depth -= 1


def from_value(value: object, source: Source, context: Context) -> Item:
    """The document that a JSON value holds, or why it holds none."""
    if isinstance(value, Mapping):
        if len(value) > context.settings.max_columns:
            return Skipped(
                source,
                "too_large",
                f"the object has {len(value)} fields, the limit is {context.settings.max_columns}",
            )
        return build(from_mapping(value), source, context)
    return Skipped(source, "bad_record", f"it is {kind(value)}, not an object")


def read_jsonl(stream: BinaryIO, file: str, context: Context) -> Iterator[Item]:
    """A document or a reason for each line that is not blank."""
    limit = context.settings.max_file_bytes
    number = 0
    found = False
    for number, line in enumerate(lines(stream, limit), 1):
        where = f"line {number}"
        if line is None:
            found = True
            yield Skipped(Source(file, where), "too_large", f"the line has more than {limit} bytes")
            continue
        if not line.strip(b" \t\r\n\0"):
            continue
        found = True
        yield from _line(line, Source(file, where), context)
    if not found:
        raise InputError("the file is empty", where=file, reason="empty")


def _line(line: bytes, source: Source, context: Context) -> Iterator[Item]:
    try:
        decoded = decode(line, guess=False)
    except InputError as error:
        yield Skipped(source, error.reason, str(error))
        return
    source = Source(source.file, source.locator, decoded.encoding, decoded.notes)
    try:
        value = parse(decoded.text, context.settings.max_json_depth)
    except ValueError as error:
        yield Skipped(source, "bad_json", f"it is no JSON: {error}")
        return
    yield from _items(value, source, context)


class _Values:
    """JSON values one after the other out of a stream, with a limit on each."""

    def __init__(self, stream: BinaryIO, limit: int, depth: int) -> None:
        head = stream.read(4096)
        self.encoding, skip = mark(head) or ("utf-8", 0)
        self._decode = codecs.getincrementaldecoder(self.encoding)("replace")
        self._stream, self._limit, self._depth = stream, limit, depth
        self._text = self._decode.decode(head[skip:])
        self._before = 0  # characters before what is held
        self._at = 0
        self._ended = False

    @property
    def position(self) -> int:
        return self._before + self._at

    def _more(self) -> bool:
        data = b"" if self._ended else self._stream.read(max(FIRST_PIECE, len(self._text)))
        self._text = self._text[self._at :] + self._decode.decode(data, final=not data)
        self._before, self._at = self._before + self._at, 0
        self._ended = not data
        return not self._ended

    def skip(self, opening: str = "") -> str:
        """The next character that means something, "" at the end; past ``opening`` once."""
        while True:
            found = _BETWEEN.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                character = self._text[self._at]
                if opening and character == opening:
                    self._at += 1
                    opening = ""
                    continue
                return character
            if not self._more():
                return ""

    def value(self) -> Any:
        """The next value.

        Raises:
            ValueError: there is none.
            InputError: it is larger than the limit.
        """
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except RecursionError:
                raise ValueError("nested too deeply") from None
            except json.JSONDecodeError as error:
                wrong = _wrong(error, f"character {self._before + error.pos}")
                if len(self._text) - self._at > self._limit:
                    raise InputError(
                        f"a value has more than {self._limit} characters", reason="too_large"
                    ) from None
                if not self._more():
                    raise wrong from None
                continue
            if end == len(self._text) and self._more():
                continue  # a number may go on
            piece, self._at = self._text[self._at : end], end
            check_depth(piece, self._depth)
            return value


def read_json(stream: BinaryIO, file: str, context: Context) -> Iterator[Item]:
    """The documents of a JSON list, of an object that is one or holds a list of them."""
    values = _Values(stream, context.settings.max_file_bytes, context.settings.max_json_depth)
    if not values.skip():
        raise InputError("the file is empty", where=file, reason="empty")
    in_list = values.skip() == "["
    if in_list:
        values.skip("[")
    number = 0
    while True:
        character = values.skip()
        if in_list and character == "]":
            values.skip("]")
            if values.skip():
                yield Skipped(
                    Source(file, f"character {values.position}"),
                    "bad_json",
                    "something follows the list; it was not read",
                )
            break
        if not character:
            if in_list:
                yield Skipped(
                    Source(file, f"character {values.position}"),
                    "cut",
                    "the list has no end: the file is cut off",
                )
            break
        number += 1
        start = values.position
        try:
            value = values.value()
        except InputError as error:
            yield Skipped(Source(file, f"item {number}"), error.reason, str(error))
            return
        except _TooDeep as error:
            yield Skipped(Source(file, f"item {number}"), "bad_json", str(error))
            continue
        except ValueError as error:
            yield Skipped(
                Source(file, f"item {number}"),
                "bad_json",
                f"it is no JSON ({error}); the file was not read from character {start} on",
            )
            return
        yield from _items(value, Source(file, f"item {number}", values.encoding), context)
    if not number:
        raise InputError("the list is empty", where=file, reason="empty")


def _items(value: object, source: Source, context: Context) -> Iterator[Item]:
    """An object's documents: itself, or those in the list that it holds."""
    if (
        isinstance(value, Mapping)
        and len(value) <= context.settings.max_columns
        and (from_mapping(value).text is None or _holds_list(value))
    ):
        for name in inputs().fields["collection"]:
            held = next((v for k, v in value.items() if field_key(k) == name), None)
            if isinstance(held, list):
                for index, inner in enumerate(held, 1):
                    place = f"{source.locator}, {name} {index}"
                    yield from_value(inner, replace(source, locator=place), context)
                return
    yield from_value(value, source, context)


def _holds_list(value: Mapping[Any, Any]) -> bool:
    """True where what is taken for the text is the list of documents ("news", "article")."""
    text = from_mapping(value).text
    return isinstance(text, list) and any(isinstance(entry, Mapping) for entry in text)
