"""From a document to the text that is parsed, with the way back.

Blanks are folded, hidden and direction-changing characters left out, letters
with combining marks composed, runs of punctuation and of letters without a
blank cut. Every character of the reading knows the source character that it
stands for, so no offset is lost.
"""

from __future__ import annotations

import re
import unicodedata

from ..model import Document, Reading
from ..settings import DEFAULT, Settings

BREAK = "\n\n"  # between title and body, and between paragraphs

# "KARAK, Jordan (Reuters) - ", "MOSCOW — ", "Oct 22 (AP) -": a dateline ends where the dash ends
DATELINE = re.compile(
    r"(?:[A-Z][\w.'’-]*(?:[ ,/]+[\w.'’-]+){0,7}\s*\([^()]{2,40}\)\s*(?:[-–—]{1,2}|:)"
    r"|[A-Z][A-Z.'’-]{2,}(?:[ ,/]+[A-Z][\w.'’-]*){0,5}(?:,\s*[A-Z][a-z]{2,8}\.? \d{1,2})?"
    r"\s*[–—-]{1,2})\s+(?=[\"“A-Z‘'])"
)
_ENDS_SENTENCE = tuple(".!?:;\"”’'")


def make_reading(document: Document, settings: Settings = DEFAULT) -> Reading:
    """The reading of a document: cleaned text of title and body with source offsets."""
    title, title_offsets = clean(document.title or "", settings, paragraphs=False)
    body, body_offsets = clean(
        document.text[: settings.max_document_characters], settings, paragraphs=True
    )
    if not title or body.casefold().startswith(title.casefold()):
        end = body_offsets[-1] + 1 if body_offsets else 0
        return Reading(body, (*body_offsets, end), 0, 0)
    text = title + BREAK + body
    end = body_offsets[-1] + 1 if body_offsets else 0
    first = body_offsets[0] if body_offsets else 0
    offsets = (*title_offsets, first, first, *body_offsets, end)
    return Reading(text, offsets, len(title), len(title) + len(BREAK))


def clean(text: str, settings: Settings, *, paragraphs: bool) -> tuple[str, list[int]]:
    """The cleaned text and, for each of its characters, its offset in ``text``."""
    if text.isascii() and _PLAIN.fullmatch(text):
        return text, list(range(len(text)))
    kept, offsets = _without_hidden(text)
    kept, offsets = _fold_blanks(kept, offsets, paragraphs=paragraphs)
    return _cut_runs(kept, offsets, settings)


# letters and single blanks, no run that could hurt: nothing to clean
_PLAIN = re.compile(
    r"(?:[A-Za-z0-9]{1,30}(?:[,.;:'\"()-]{0,3} (?=\S)|[,.;:'\"()?!-]{1,3}))*[A-Za-z0-9]{0,30}"
)


_PIECES = re.compile(r"[ -~]+|.", re.DOTALL)


def _without_hidden(text: str) -> tuple[list[str], list[int]]:
    kept: list[str] = []
    offsets: list[int] = []
    for run in _PIECES.finditer(text):
        char, at = run.group(), run.start()
        if char.isascii():
            if char >= " " or char in "\n\t":  # a run of plain characters, or one
                kept.extend(char)
                offsets.extend(range(at, run.end()))
            continue
        category = unicodedata.category(char)
        if category in ("Cf", "Cc", "Cs", "Co", "Cn"):
            continue
        if unicodedata.combining(char) and kept:
            composed = unicodedata.normalize("NFC", kept[-1] + char)
            if len(composed) == 1:
                kept[-1] = composed
                continue
        kept.append("\n" if category in ("Zl", "Zp") else " " if category == "Zs" else char)
        offsets.append(at)
    return kept, offsets


def _fold_blanks(
    chars: list[str], offsets: list[int], *, paragraphs: bool
) -> tuple[list[str], list[int]]:
    """Runs of blanks become one blank, or a break where a paragraph or heading ends."""
    text = "".join(chars)
    wrap = max((len(line) for line in text.split("\n")), default=0)
    out: list[str] = []
    out_offsets: list[int] = []
    at = 0
    for run in re.finditer(r"\s+", text):
        if run.group() == " " and run.start() > 0 and run.end() < len(text):
            continue
        out.extend(chars[at : run.start()])
        out_offsets.extend(offsets[at : run.start()])
        at = run.end()
        if run.start() == 0 or run.end() == len(text):
            continue
        if paragraphs and _is_break(text, run, wrap):
            out.extend(BREAK)
            out_offsets.extend([offsets[run.start()]] * len(BREAK))
        else:
            out.append(" ")
            out_offsets.append(offsets[run.start()])
    out.extend(chars[at:])
    out_offsets.extend(offsets[at:])
    return out, out_offsets


def _is_break(text: str, run: re.Match[str], wrap: int) -> bool:
    newlines = run.group().count("\n")
    if newlines == 0:
        return False
    if newlines > 1:
        return True
    line_start = text.rfind("\n", 0, run.start()) + 1
    line = text[line_start : run.start()]
    if run.group()[-1] in " \t":  # an indented continuation: hard-wrapped text
        return False
    if line.rstrip().endswith(_ENDS_SENTENCE):
        return True
    # a short line without a full stop, followed by a capital, is a heading or a list item
    following = text[run.end() : run.end() + 1]
    return len(line) < 0.6 * wrap and len(line) < 100 and not following.islower()


def _cut_runs(chars: list[str], offsets: list[int], settings: Settings) -> tuple[str, list[int]]:
    """Cut what makes tokenisers quadratic: punctuation runs and endless words."""
    text = "".join(chars)
    limit, word_limit = settings.max_punctuation_run, settings.max_token_characters
    drops: list[tuple[int, int]] = []
    for run in re.finditer(rf"([^\w\s])\1{{{limit},}}", text):
        drops.append((run.start() + limit, run.end()))
    for run in re.finditer(rf"[^\w\s]{{{4 * limit},}}", text):
        drops.append((run.start() + 4 * limit, run.end()))
    for run in re.finditer(rf"\S{{{word_limit + 1},}}", text):
        if not any(start <= run.start() < end for start, end in drops):
            drops.append(run.span())
    if not drops:
        return text, offsets
    keep = bytearray(b"\x01") * len(text)
    for start, end in drops:
        keep[start:end] = bytes(end - start)
    kept = [i for i in range(len(text)) if keep[i]]
    return "".join(text[i] for i in kept), [offsets[i] for i in kept]


def forced_starts(reading: Reading) -> set[int]:
    """Character offsets at which a sentence must start: paragraphs and after datelines."""
    starts = {found.end() for found in re.finditer(r"\n\n", reading.text)}
    for start in [0, *sorted(starts)]:
        found = DATELINE.match(reading.text, start, start + 120)
        if found:
            starts.add(found.end())
    return starts
