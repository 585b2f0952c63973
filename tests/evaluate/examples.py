"""The two coders' gold of examples/gold, and gold made by chance."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from whowhom.evaluate.gold import AnnotatedDocument, AnnotatedEvent, Span

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "gold"
ANNA, BEN = FOLDER / "anna.jsonl", FOLDER / "ben.jsonl"

WORDS = "Kenya shelled Uganda. Rebels 🕊 met envoys. Police sued Mali. Togo aids Benin."
TYPES = ("ASSAULT", "CONSULT", "ACCUSE", "AID")


@st.composite
def spans(draw: st.DrawFn, title: str | None, *, party: bool = True) -> Span:
    part = draw(st.sampled_from(["text", "title"])) if title else "text"
    holder = title if part == "title" and title else WORDS
    start = draw(st.integers(0, len(holder) - 1))
    end = draw(st.integers(start + 1, min(len(holder), start + 12)))
    country = draw(st.sampled_from([None, "KEN", "UGA", "IGO"])) if party else None
    sector = draw(st.sampled_from([None, "MIL", "GOV"])) if party else None
    return Span(holder[start:end], start, end, part, country, sector)  # type: ignore[arg-type]


@st.composite
def events(draw: st.DrawFn, number: int, title: str | None) -> AnnotatedEvent:
    return AnnotatedEvent(
        id=str(number),
        event_type=draw(st.sampled_from(TYPES)),
        trigger=draw(spans(title, party=False)),
        mode=draw(st.sampled_from([None, "visit"])),
        status=draw(st.sampled_from(["actual", "future"])),
        voice="reported",
        actors=tuple(draw(st.lists(spans(title), max_size=2))),
        recipients=tuple(draw(st.lists(spans(title), max_size=2))),
        speaker=draw(st.none() | spans(title)),
        date=draw(st.sampled_from([None, "2014-03-02", "2014"])),
        place=draw(st.none() | spans(title)),
        core=draw(st.booleans()),
    )


@st.composite
def documents(draw: st.DrawFn) -> list[AnnotatedDocument]:
    found = []
    for number in range(draw(st.integers(1, 3))):
        title = draw(st.sampled_from([None, "Envoys 🕊 meet"]))
        held = tuple(draw(events(n + 1, title)) for n in range(draw(st.integers(0, 4))))
        found.append(AnnotatedDocument(f"d{number}", WORDS, title, events=held))
    return found
