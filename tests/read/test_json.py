# ruff: noqa: E501 (a case a line reads as a table)
from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from tests.read.helpers import SECOND, SENTENCE, sort_out, write
from whowhom.settings import Settings


def test_fields_under_their_many_names(tmp_path: Path) -> None:
    rows = [
        {"Doc ID": 7, "Headline": "Quotas", "pubDate": "3 May 2004", "Body": SENTENCE, "domain": "a.example"},
        {"guid": "g", "article": SENTENCE, "publishedAt": "2004-05-03T10:00:00Z", "source": {"name": "Paper"}},
        {"url": "https://a.example/1", "text": None, "content": SENTENCE, "extra": {"x": [1]}},
        {"text": SENTENCE, "link": "javascript:alert(1)", "id": 3.0, "section": ["World", "Opinion"]},
    ]  # fmt: skip
    path = write(tmp_path, "a.jsonl", "\n".join(json.dumps(row) for row in rows))
    documents, skipped = sort_out(path)
    assert not skipped
    first, second, third, fourth = documents
    assert (first.id, first.title, first.outlet) == ("7", "Quotas", "a.example")
    assert first.published == dt.date(2004, 5, 3)
    assert first.source.locator == "line 1"
    assert first.source.file == str(path)
    assert (second.id, second.outlet, second.published) == ("g", "Paper", dt.date(2004, 5, 3))
    assert (third.id, third.url) == ("https://a.example/1", "https://a.example/1")
    assert (fourth.id, fourth.url, fourth.genre) == ("3", None, "opinion")
    assert fourth.source.notes[0].startswith("address_ignored")


def test_an_id_is_made_of_the_words(tmp_path: Path) -> None:
    write(tmp_path, "a.jsonl", json.dumps({"text": SENTENCE}) + "\n" + json.dumps({"text": SECOND}))
    write(tmp_path, "b.jsonl", json.dumps({"text": SENTENCE, "id": "  "}))
    documents, _ = sort_out(tmp_path)
    ids = [document.id for document in documents]
    assert ids[0] == ids[2] != ids[1]
    assert ids[0].startswith("sha256:")
    assert len(ids[0]) == len("sha256:") + 16


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{half", "bad_json"),
        ("[]", "bad_record"),
        ('"text"', "bad_record"),
        ("null", "bad_record"),
        ("12", "bad_record"),
        ('{"text": 12}', "bad_record"),
        ('{"text": ["a"]}', "bad_record"),
        ('{"text": true}', "bad_record"),
        ('{"text": NaN}', "bad_record"),
        ('{"text": ""}', "bad_record"),
        ('{"title": "only"}', "bad_record"),
        ("[" * 100_000, "bad_json"),
        ('{"text": ' + "9" * 5000 + "}", "bad_record"),
        ('{"text": "x", "y": "' + "\udc80", "bad_json"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_read(
    tmp_path: Path, line: str, reason: str
) -> None:
    good = json.dumps({"text": SENTENCE})
    data = f"{good}\n{line}\n\n{good}\n".encode("utf-8", "surrogateescape")
    documents, skipped = sort_out(write(tmp_path, "a.jsonl", data))
    assert [d.source.locator for d in documents] == ["line 1", "line 4"]
    assert [(s.source.locator, s.reason) for s in skipped] == [("line 2", reason)]
    assert skipped[0].detail


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        ("true", "it is true or false, not an object"),
        ("[[]]", "it is a list, not an object"),
        ("12.5", "it is a number, not an object"),
        ("9" * 5000, "it is a number, not an object"),
        ("null", "it is null, not an object"),
        ('"text"', "it is a string, not an object"),
        ('{"text": true}', "the text is no string but true or false"),
        ('{"text": "x" "y": 1}', "it is no JSON: expecting ',' delimiter at column 14"),
        ('{"text": "x"', "it is no JSON: expecting ',' delimiter at its end"),
        ('{"text": "x', "it is no JSON: unterminated string at column 10"),
    ],
)
def test_what_a_bad_line_is_said_to_be(tmp_path: Path, line: str, detail: str) -> None:
    good = json.dumps({"text": SENTENCE})
    _, skipped = sort_out(write(tmp_path, "a.jsonl", f"{good}\n{line}\n{good}\n"))
    assert [(s.source.locator, s.detail) for s in skipped] == [("line 2", detail)]


def test_the_place_of_an_error_in_a_list_is_that_in_the_file(tmp_path: Path) -> None:
    good = json.dumps({"text": SENTENCE})
    data = f"[{good},\n{good}, {{'text': 1}}]"
    documents, skipped = sort_out(write(tmp_path, "a.json", data))
    assert len(documents) == 2
    assert f"at character {data.index(chr(39))})" in skipped[0].detail
    assert f"from character {data.index('{' + chr(39))} on" in skipped[0].detail


def test_a_number_of_many_digits_costs_no_document(tmp_path: Path) -> None:
    data = "".join(
        f'{{"text": "{SENTENCE}", "{name}": {sign}{"9" * 5000}}}\n'
        for name, sign in (("count", ""), ("date", ""), ("id", "-"))
    )
    documents, skipped = sort_out(write(tmp_path, "a.jsonl", data))
    assert not skipped
    plain, dated, named = documents
    assert plain.source.notes == ()
    assert dated.published is None
    assert dated.source.notes[0].startswith("date_unreadable: '999")
    assert named.source.notes == ("id_too_long: 5001 characters",)
    assert named.id.startswith("sha256:")
    assert named.id != plain.id


def test_nan_beside_a_text_is_null(tmp_path: Path) -> None:
    documents, skipped = sort_out(
        write(tmp_path, "a.jsonl", '{"text": "Talks began.", "date": NaN, "score": NaN, "id": NaN}')
    )
    assert not skipped
    assert documents[0].published is None
    assert documents[0].id.startswith("sha256:")


def test_control_characters_and_lone_surrogates_in_strings(tmp_path: Path) -> None:
    path = write(
        tmp_path, "a.jsonl", '{"text": "Police\\u0000 left\\ud800 now", "title": "A\\u001b[2J\\nB"}'
    )
    document = sort_out(path)[0][0]
    assert document.text == "Police  left\ufffd now"
    assert document.title == "A [2J B"


def test_charsets_of_lines(tmp_path: Path) -> None:
    line = json.dumps({"text": "Peña met dockers."}, ensure_ascii=False)
    both = line.encode() + b"\n" + line.encode("latin-1")
    documents, _ = sort_out(write(tmp_path, "a.jsonl", b"\xef\xbb\xbf" + both))
    assert [d.text for d in documents] == ["Peña met dockers."] * 2
    assert [d.source.encoding for d in documents] == ["utf-8", "cp1252"]
    documents, skipped = sort_out(write(tmp_path, "b.jsonl", f"{line}\r\n{line}".encode("utf-16")))
    assert len(documents) == 2
    assert not skipped


def test_a_line_too_long_costs_no_memory_and_no_neighbour(tmp_path: Path) -> None:
    small = Settings(max_file_bytes=300)
    good = json.dumps({"text": SENTENCE})
    data = "\n".join(
        [good, json.dumps({"text": "x" * 200_000}), good, json.dumps({"text": "y" * 400})]
    )
    documents, skipped = sort_out([write(tmp_path, "a.jsonl", data)], settings=small)
    assert len(documents) == 2
    assert [(s.source.locator, s.reason) for s in skipped] == [
        ("line 2", "too_large"),
        ("line 4", "too_large"),
    ]


def test_a_binary_line(tmp_path: Path) -> None:
    data = json.dumps({"text": SENTENCE}).encode() * 2 + b"\n"
    data = json.dumps({"text": SENTENCE}).encode() + b"\n" + b"\x01\x02\x03\x00" * 8 + b"\n"
    documents, skipped = sort_out(write(tmp_path, "a.jsonl", data * 1 + b" " * 2000))
    assert len(documents) == 1
    assert [s.reason for s in skipped] == ["not_text"]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([{"text": SENTENCE}, {"text": SECOND}], indent=2),
        json.dumps({"status": "ok", "articles": [{"text": SENTENCE}, {"text": SECOND}]}),
        json.dumps({"news": [{"text": SENTENCE}, {"text": SECOND}]}),
        json.dumps({"text": SENTENCE}) + "\n" + json.dumps({"text": SECOND}),
        json.dumps({"text": SENTENCE}, indent=1) + "\n" + json.dumps({"text": SECOND}, indent=1),
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a", "a.txt"])
def test_json_in_all_its_shapes(tmp_path: Path, text: str, name: str) -> None:
    documents, skipped = sort_out(write(tmp_path, name, text))
    assert [d.text for d in documents] == [SENTENCE, SECOND]
    assert not skipped


def test_a_list_is_streamed_across_pieces(tmp_path: Path) -> None:
    rows = [{"text": f"{SENTENCE} {i} " + "z" * 900} for i in range(300)]
    documents, skipped = sort_out(write(tmp_path, "a.json", json.dumps(rows)))
    assert len(documents) == 300
    assert documents[299].source.locator == "item 300"
    assert not skipped


@pytest.mark.parametrize(
    ("text", "good", "reason"),
    [
        ('[{"text": "Talks began."}, {oops}, {"text": "Talks ended."}]', 1, "bad_json"),
        ('[{"text": "Talks began."}', 1, "cut"),
        ('[{"text": "Talks began."}, {"text": "Talks', 1, "bad_json"),
        ('[{"text": "Talks began."}] and more', 1, "bad_json"),
        ('[{"text": "Talks began."}, 5]', 1, "bad_record"),
        ('{"articles": [{"text": "Talks began."}, {"title": "x"}]}', 1, "bad_record"),
        ("[]", 0, "empty"),
        ("  ", 0, "empty"),
        ("[" * 50_000, 0, "bad_json"),
    ],
)
def test_what_is_wrong_with_a_list_is_said(
    tmp_path: Path, text: str, good: int, reason: str
) -> None:
    documents, skipped = sort_out(write(tmp_path, "a.json", text))
    assert len(documents) == good
    assert [s.reason for s in skipped] == [reason]


def test_a_value_too_large(tmp_path: Path) -> None:
    text = json.dumps([{"text": SENTENCE}, {"text": "x" * 200_000}])
    documents, skipped = sort_out(
        [write(tmp_path, "a.json", text)], settings=Settings(max_file_bytes=5000)
    )
    assert len(documents) == 1
    assert [s.reason for s in skipped] == ["too_large"]


def test_an_id_that_is_content_is_replaced_by_a_hash(tmp_path: Path) -> None:
    document = sort_out(
        write(tmp_path, "a.jsonl", json.dumps({"text": SENTENCE, "id": "x" * 9000}))
    )[0][0]
    assert document.id.startswith("sha256:")
    assert document.source.notes == ("id_too_long: 9000 characters",)


def test_a_broken_row_does_not_bear_the_id_of_a_document(tmp_path: Path) -> None:
    """A store keeps the newest row of an id: it would take the document's events away."""
    rows = [{"id": "1", "text": SENTENCE}, {"id": "1", "text": ""}, {"id": "1"}]
    path = write(tmp_path, "a.jsonl", "\n".join(map(json.dumps, rows)))
    documents, skipped = sort_out(path)
    assert [d.id for d in documents] == ["1"]
    assert [(s.document_id, s.source.notes) for s in skipped] == [(None, ("id: 1",))] * 2


def test_depth_is_counted_outside_strings(tmp_path: Path) -> None:
    brackets = "[" * 500
    rows = [
        json.dumps({"id": "a", "text": SENTENCE, "note": brackets}),
        f'{{"id": "b", "text": "{SECOND}", "note": "\\"{brackets}"}}',
        f'{{"id": "c", "text": "{SECOND} c", "deep": {"[" * 99}{"]" * 99}}}',
        f'{{"id": "d", "text": "{SECOND} d", "deep": {"[" * 100}{"]" * 100}}}',
    ]
    documents, skipped = sort_out(write(tmp_path, "a.jsonl", "\n".join(rows)))
    assert [d.id for d in documents] == ["a", "b", "c"]
    assert [(s.reason, s.source.locator) for s in skipped] == [("bad_json", "line 4")]
    # and in a list, whose reading goes on
    documents, skipped = sort_out(write(tmp_path, "b.json", "[" + ",".join(reversed(rows)) + "]"))
    assert [d.id for d in documents] == ["c", "b", "a"]
    assert [s.source.locator for s in skipped] == ["item 1"]


def test_an_object_of_thousands_of_fields_is_no_document(tmp_path: Path) -> None:
    small = Settings(max_columns=10)
    rows = [{f"k{i}": i for i in range(n)} | {"id": n, "text": f"{SENTENCE} {n}"} for n in (8, 9)]
    path = write(tmp_path, "a.jsonl", "\n".join(map(json.dumps, rows)))
    documents, skipped = sort_out([path], settings=small)
    assert [d.id for d in documents] == ["8"]
    assert [s.reason for s in skipped] == ["too_large"]
