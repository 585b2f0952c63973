"""The codebook as a page: every type, mode and frame with its definition and examples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from .loading import load
from .schema import Codebook, EventType, Frame, Phrase, Words

# what Markdown, or a template of a site, would take for more than the sign
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$])")
_LONG = 12  # words of a list that are shown; the files have all


def markdown(folder: str | Path | None = None) -> str:
    """A page of Markdown that describes a codebook; None is the shipped one.

    Headings go two levels deep: a type, and its frames; a frame is a paragraph.

    Raises:
        CodebookError: it cannot be loaded.
    """
    return "\n".join(_page(load(folder))).rstrip() + "\n"


def _page(book: Codebook) -> Iterator[str]:
    yield f"# Codebook: {_safe(book.name)} {_safe(book.version)}"
    yield ""
    modes = sum(len(kind.modes) for kind in book.types.values())
    examples = sum(len(f.match) + len(f.reject) for f in book.frames)
    yield (
        f"{len(book.types)} types, {modes} modes, {len(book.frames):,} frames, {examples:,} "
        f"example sentences (`sha256:{book.sha256[:12]}`). This page is made from the codebook's "
        "files; `whowhom codebook check` runs every sentence of it. In the examples `[ ]` is put "
        "round each actor and `{ }` round each recipient; ✓ sentences give the event, ✗ sentences "
        "must not, by that frame."
    )
    yield ""
    yield "| type | quad | score | modes | frames |"
    yield "|---|---|--:|---|--:|"
    for kind in book.types.values():
        anchor = re.sub(r"[^\w-]", "", kind.name.lower())
        names = ", ".join(map(_safe, kind.modes)) or "–"
        yield (
            f"| [{_safe(kind.name)}](#{anchor}) | {kind.quad} | {_score(kind.score)} | {names} "
            f"| {len(kind.frames)} |"
        )
    yield ""
    for title, table in (
        ("What is only planned is another type", book.planned),
        ("What somebody says that he will not do is another type", book.refused),
    ):
        if table:
            yield f"{title}: " + ", ".join(f"{a} is {b}" for a, b in table.items()) + "."
            yield ""
    for kind in book.types.values():
        yield from _type(kind)


def _type(kind: EventType) -> Iterator[str]:
    yield f"## {_safe(kind.name)}"
    yield ""
    need = " It needs a recipient." if kind.recipient_required else ""
    yield f"*{kind.quad}, score {_score(kind.score)}.*{need}"
    yield ""
    yield _safe(kind.definition)
    yield ""
    if kind.notes:
        for note in kind.notes:
            yield f"- {_safe(note)}"
        yield ""
    if kind.modes:
        yield "| mode | score | definition | words that give it |"
        yield "|---|--:|---|---|"
        for mode in kind.modes.values():
            yield (
                f"| {_safe(mode.name)} | {_score(kind.score_of(mode.name))} "
                f"| {_safe(mode.definition)} | {_some(mode.cues)} |"
            )
        yield ""
    yield f"### Frames of {_safe(kind.name)}"
    yield ""
    for frame in kind.frames:
        yield from _frame(frame)


def _frame(frame: Frame) -> Iterator[str]:
    facts = [
        f"{name} {_phrases(phrases, after=name == 'verb')}"
        for name, phrases in (
            ("verb", frame.verbs),
            ("noun", frame.nouns),
            ("adjective", frame.adjectives),
        )
        if phrases
    ]
    facts += list(_conditions(frame))
    given = f" → {_safe(frame.mode)}" if frame.mode else ""
    yield f"**`{frame.id}`**{given}: {'; '.join(facts)}"
    yield ""
    for sign, sentences in (("✓", frame.match), ("✗", frame.reject)):
        for sentence in sentences:
            yield f"- {sign} {_safe(sentence)}"
    yield ""


def _conditions(frame: Frame) -> Iterator[str]:
    """What a frame asks for beside its trigger, and where it differs from the defaults."""
    if frame.actor != ("subject",):
        yield "actor " + ", ".join(frame.actor)
    if frame.recipient != ("object",):
        yield "recipient " + ", ".join(frame.recipient)
    for label, words in (
        ("object", frame.object),
        ("no object", frame.not_object),
        ("subject", frame.subject),
        ("no subject", frame.not_subject),
        ("verb of its clause", frame.clause_verb),
        ("no verb of its clause", frame.not_clause_verb),
        ("event in its clause", frame.clause_type),
        ("in the sentence", frame.near),
        ("not within ten words", frame.not_near),
        ("actor's sector", frame.actor_sector),
        ("not actor's sector", frame.not_actor_sector),
        ("recipient's sector", frame.recipient_sector),
        ("not recipient's sector", frame.not_recipient_sector),
    ):
        if words:
            yield f"{label} {_some(words)}"
    yield from (f"with “{name}” {_some(words)}" for name, words in frame.prep.items())
    yield from (f"without “{name}” {_some(words)}" for name, words in frame.not_prep.items())
    if frame.clause:
        yield f"governs a clause ({frame.clause})"
    if frame.needs != "either":
        yield f"needs {'both sides' if frame.needs == 'both' else frame.needs}"
    if frame.mode_by_clause or frame.mode_by_object:
        yield "mode by " + _tables(frame.mode_by_clause, frame.mode_by_object)
    if frame.contexts:
        yield "context " + ", ".join(map(_safe, frame.contexts))
    if frame.reciprocal:
        yield "reciprocal"
    if frame.status:
        yield f"status {frame.status}"


def _tables(by_clause: Mapping[str, str], by_object: Mapping[str, Words]) -> str:
    parts = [f"clause ({kind}: {_safe(mode)})" for kind, mode in by_clause.items()]
    parts += [f"object ({_safe(mode)}: {_some(words)})" for mode, words in by_object.items()]
    return ", ".join(parts)


def _phrases(phrases: Iterable[Phrase], *, after: bool) -> str:
    """Triggers as they are written: a verb before its particle, a noun after its words."""
    shown = [
        " ".join((p.head, *p.rest) if after else (*p.rest, p.head)).replace(" - ", "-")
        for p in phrases
    ]
    return ", ".join(f"*{_safe(text)}*" for text in dict.fromkeys(shown))


def _some(words: Words) -> str:
    shown = sorted(word.replace(" - ", "-") for word in words)
    more = f" … ({len(shown)})" if len(shown) > _LONG else ""
    return ", ".join(_safe("any" if w == "*" else w) for w in shown[:_LONG]) + more


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:g}"


def _safe(text: str) -> str:
    """Text on one line that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
