"""What goes out comes back the same, whatever is in it; ids do not hang on the order."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import random
import re
from typing import Any

import pyarrow.parquet as pq
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.engine.stub import StubCoder
from whowhom.engine.local import Inline
from whowhom.engine.outcome import Outcome
from whowhom.engine.run import run
from whowhom.formats.base import RecordWriter
from whowhom.formats.registry import get
from whowhom.model import Document, Event, Money, Range, Source
from whowhom.store.export import record_writer
from whowhom.store.flat import COLUMNS, flat, safe_cell
from whowhom.store.schema import EVENT_SCHEMA, records

few = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
FORMULA = "=+-@|%\t\r\n＝＋－＠"
BASE = StubCoder().code(Document("d", "Kenya met Uganda. Togo shelled Benin.")).events

odd = st.sampled_from(
    ["=1+1", "＝cmd|' /C calc'!A0", "+44", "-1", "-1e5", "@SUM(A1)", "\tx", "\rx", "\n=x", "a\x00b",
     "\ud800", "a\nb\r\nc", '"', "'", ";", ",", "\x1b[31m", "\u202e", "\u2028", "", " =1", "%0A"]
)  # fmt: skip
texts = st.one_of(
    odd, st.text(max_size=20), st.text(alphabet=FORMULA + "'\"0a\x00\u0085", max_size=6)
)
maybe = st.none() | texts
counts = st.none() | st.integers(0, 2**53)


@st.composite
def events(draw: st.DrawFn) -> Event:
    event = draw(st.sampled_from(BASE))
    party = dataclasses.replace(
        event.actors[0], text=draw(texts), name=draw(maybe), office=draw(maybe), country=draw(maybe)
    )
    low, high = draw(counts), draw(counts)
    figure = draw(st.sampled_from([None, low, Range(low, high) if low != high else None]))
    amount = draw(st.floats(0, 1e12, allow_nan=False))
    return dataclasses.replace(
        event,
        id=draw(texts),
        document=dataclasses.replace(
            event.document, id=draw(texts), title=draw(maybe), outlet=draw(maybe), url=draw(maybe)
        ),
        actors=tuple([party] * draw(st.integers(0, 3))),
        score=draw(st.none() | st.floats(-10, 10)),
        magnitudes=dataclasses.replace(
            event.magnitudes, killed=figure, money=(Money(amount, draw(maybe), draw(maybe)),)
        ),
        evidence=dataclasses.replace(event.evidence, sentence_text=draw(texts)),
        date_text=draw(maybe),
    )


def written(form: str, records: list[dict[str, Any]], *, raw: bool = False) -> bytes:
    file = io.BytesIO()
    writer: RecordWriter = get(form).writer(file)
    if raw:
        writer = record_writer(file := io.BytesIO(), form, raw_cells=True)  # type: ignore[arg-type]
    writer.write(records)
    writer.finish()
    return file.getvalue()


def whole(value: Any) -> Any:
    """Halves of surrogate pairs, which no file can hold, are written as ``?``."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


@few
@given(st.lists(events(), max_size=3))
def test_json_lines_and_parquet_come_back_the_same(found: list[Event]) -> None:
    rows = [event.to_dict() for event in found]
    lines = written("jsonl", rows)
    assert [json.loads(line) for line in lines.split(b"\n")[:-1]] == whole(rows)
    assert lines.count(b"\n") == len(rows)
    table = pq.ParquetFile(io.BytesIO(written("parquet", rows))).read()
    assert records(table, EVENT_SCHEMA) == whole(rows)


@few
@given(st.lists(events(), max_size=3), st.sampled_from(["csv", "tsv"]))
def test_separated_values_come_back_but_for_the_apostrophe(found: list[Event], form: str) -> None:
    rows = [event.to_dict() for event in found]
    delimiter = "," if form == "csv" else "\t"
    content = written(form, rows).decode()
    assert content.count("\n") == len(rows) + 1  # no cell has a line of its own
    back = list(csv.DictReader(io.StringIO(content, newline=""), delimiter=delimiter))
    for row, cells in zip(rows, back, strict=True):
        assert list(cells) == list(COLUMNS)
        for name, value in flat(row).items():
            assert cells[name] == safe_cell(value), name
            if isinstance(value, int | float) and not isinstance(value, bool):
                assert float(cells[name]) == value  # a number stays one, the negative too
            elif isinstance(value, str) and not re.search(r"[\x00-\x1f\x7f-\x9f]", value):
                shown = cells[name][1:] if cells[name] == "'" + value else cells[name]
                assert shown == value or not value.isprintable()
    raw = list(
        csv.reader(
            io.StringIO(written(form, rows, raw=True).decode(), newline=""), delimiter=delimiter
        )
    )
    for row, cells in zip(rows, raw[1:], strict=True):
        for value, cell in zip(flat(row).values(), cells, strict=True):
            if isinstance(value, str):
                assert cell == value.encode("utf-8", "replace").decode()


@few
@given(texts)
@example("＝1+1")
@example("\n=1")
@example(" @x")
@example("\ufeff=1")
@example("\u200b=1")
@example("\u202e=1")
@example("\x00=1")
def test_no_cell_is_run(text: str) -> None:
    cell = safe_cell(text)
    bare = cell.lstrip()
    number = re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", bare, re.ASCII)
    assert not bare or bare[0] not in FORMULA or number
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\ud800-\udfff]", cell)


@few
@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)))
def test_numbers_stay_numbers(number: float) -> None:
    assert float(safe_cell(number)) == number
    assert float(safe_cell(str(number))) == number


@few
@given(st.lists(events(), max_size=3))
def test_plover_is_json_whatever_is_in_it(found: list[Event]) -> None:
    rows = [event.to_dict() for event in found]
    lines = written("plover", rows).split(b"\n")[:-1]
    for row, line in zip(whole(rows), lines, strict=True):
        made = json.loads(line)
        assert made["event"] == [row["event_type"]]
        assert (
            made["text"] == row["evidence"]["sentence_text"] or not row["evidence"]["sentence_text"]
        )
        assert [e.get("entity_text", "") for e in made.get("actor", [])] == [
            a["text"] for a in row["actors"]
        ]


sentences = st.lists(
    st.builds(
        "{} {} {}.".format,
        st.sampled_from(["Kenya", "Togo", "Chad"]),
        st.sampled_from(["met", "shelled", "sued", "saw"]),
        st.sampled_from(["Mali", "Benin"]),
    ),
    min_size=1,
    max_size=3,
).map(" ".join)


@few
@given(st.lists(sentences, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_ids_do_not_hang_on_the_order_of_reading(bodies: list[str], chance: random.Random) -> None:
    documents = [
        Document(f"d{n}", body, source=Source("f", f"line {n}")) for n, body in enumerate(bodies)
    ]
    shuffled = list(documents)
    chance.shuffle(shuffled)

    def coded(items: list[Document]) -> list[bytes]:
        outcomes: list[Outcome] = []

        class Keep:
            def write(self, batch: Any) -> None:
                outcomes.extend(batch)

        run(items, Inline(StubCoder()), Keep())
        found = [e.to_dict() for o in outcomes if o.coded for e in o.coded.events]
        return written("jsonl", found).splitlines()

    first = coded(documents)
    assert sorted(first) == sorted(coded(shuffled))
    ids = [json.loads(line)["id"] for line in first]
    assert len(set(ids)) == len(ids)
