"""Codebooks of one's own: started, checked, tried on text, compared, described."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from whowhom.codebook import load, own_frames
from whowhom.codebook.check import check, contradictions
from whowhom.codebook.corpus import Corpus
from whowhom.codebook.difference import compare
from whowhom.codebook.editor import PARTS, json_schema, json_text
from whowhom.codebook.loading import shipped_folder
from whowhom.codebook.page import markdown
from whowhom.codebook.starting import start
from whowhom.codebook.trial import chosen, try_frames
from whowhom.errors import CodebookError, UsageError
from whowhom.model import CoderInfo
from whowhom.store import Header, create_store
from whowhom.store.schema import SCHEMA_VERSION

pytestmark = pytest.mark.usefixtures("_loaded_once")
ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "codebooks"

OUTAGE = (
    "Government troops cut off the water supply to Homs on Monday. The United Nations condemned "
    "the siege. The Indian government imposed an internet shutdown in Kashmir."
)


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own") / "mine"
    start(folder)
    return folder


# ------------------------------------------------------------------- starting
def test_what_new_makes_passes_its_check(mine: Path, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing"
    start(nothing, "nothing")
    assert list(load(nothing).types) == ["OUTAGE"]
    assert len(load(mine).types) == 17
    report = check(nothing)
    assert not report.problems, [str(p) for p in report.problems]
    assert (report.examples, report.findings) == (6, ())
    report = check(mine)
    assert report.ok, [str(p) for p in report.problems]
    assert report.own == 2
    # it is laid over PLOVER, and says which of PLOVER's examples it takes over
    taken = [f for f in report.findings if f.kind == "takes over"]
    assert any("COERCE.withhold" in f.frame and "OUTAGE.cut" in f.detail for f in taken)
    assert 0 < report.inherited < 100


def test_new_does_not_write_over_anything(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        start(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


# --------------------------------------------------------------------- schemas
@pytest.mark.parametrize("part", PARTS)
def test_the_schemas_in_the_docs_are_current(part: str) -> None:
    """Made anew by: whowhom codebook schema --file PART > docs/schema/PART.schema.json"""
    kept = (ROOT / "docs" / "schema" / f"{part}.schema.json").read_text(encoding="utf-8")
    assert kept == json_text(part)  # type: ignore[arg-type]


def test_every_codebook_here_fits_the_schemas(mine: Path) -> None:
    checks = {part: jsonschema.Draft7Validator(json_schema(part)) for part in PARTS}
    for folder in (shipped_folder(), EXAMPLES / "cyber", EXAMPLES / "land", mine):
        for file in folder.glob("*.toml"):
            if file.name in ("classes.toml", "contexts.toml"):
                continue
            part = "codebook" if file.name == "codebook.toml" else "type"
            found = list(checks[part].iter_errors(tomllib.loads(file.read_text("utf-8"))))
            assert not found, (file, found[0].message)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('needs = "actor"', 'needs = "actr"'),
        ('needs = "actor"', 'need = "actor"'),
        ('verb = ["cut", ', 'verb = ["", '),
        ('quad = "material conflict"', 'quad = "conflict"'),
        ('recipient = ["to", "in", "for"]', 'recipient = ["To!"]'),
    ],
)
def test_a_schema_sees_what_the_loader_sees(mine: Path, tmp_path: Path, old: str, new: str) -> None:
    text = (mine / "outage.toml").read_text(encoding="utf-8")
    assert old in text
    wrong = text.replace(old, new)
    (tmp_path / "outage.toml").write_text(wrong, encoding="utf-8")
    with pytest.raises(CodebookError):
        load(tmp_path)
    validator = jsonschema.Draft7Validator(json_schema("type"))
    assert not validator.is_valid(tomllib.loads(wrong))
    assert validator.is_valid(tomllib.loads(text))


def test_a_slip_in_the_header_is_named(tmp_path: Path) -> None:
    start(tmp_path / "book")
    header = tmp_path / "book" / "codebook.toml"
    header.write_text(header.read_text().replace("without =", "witout ="))
    with pytest.raises(CodebookError, match='Did you mean "without"'):
        load(tmp_path / "book")


# ---------------------------------------------------------------------- checking
TYPE = """
type = "{name}"
quad = "material conflict"
definition = "A test."
[[frame]]
id = "zap"
verb = ["zap"]
object = ["tower"]
match = ["[Iran] zapped a tower in {{Iraq}}."]
reject = ["{reject}"]
recipient = ["in"]
[[frame]]
id = "zap-wide"
verb = ["zap"]
match = ["[Iran] zapped a tower in {{Iraq}}."]
reject = ["Nothing was zapped."]
recipient = ["in"]
clause_type = {clause}
"""


def two(folder: Path, *, clause: str = "[]", reject: str = "Iran zapped.") -> Path:
    for name in ("ZAP", "ZIP"):
        text = TYPE.format(name=name, clause=clause, reject=reject)
        (folder / f"{name.lower()}.toml").write_text(text, encoding="utf-8")
    return folder


def test_check_finds_what_examples_do_not_tell(tmp_path: Path) -> None:
    report = check(two(tmp_path, clause='["ZUP"]'))
    kinds = {(f.kind, f.frame, f.error) for f in report.findings}
    # the same word and the same conditions in two types: one of them can never win
    assert ("contradiction", "ZIP.zap", True) in kinds
    assert ("never fires", "ZIP.zap", False) in kinds
    assert ("no such type", "ZAP.zap-wide", False) in kinds
    overlaps = [f for f in report.findings if f.kind == "overlap"]
    assert any("it wins over ZIP.zap (all else is equal" in f.detail for f in overlaps)
    assert not report.ok


def test_a_sentence_that_is_both_example_and_counter_example(tmp_path: Path) -> None:
    codebook = load(two(tmp_path, reject="Iran zapped a tower in Iraq."))
    own = frozenset(frame.id for frame in codebook.frames)
    found = [f for f in contradictions(codebook, own) if "reject sentence" in f.detail]
    assert {f.frame for f in found if f.error} == {"ZAP.zap", "ZIP.zap"}


# ------------------------------------------------------------------------ corpus
def store(folder: Path, *, keep_text: bool) -> Path:
    header = Header(SCHEMA_VERSION, "test", "f", keep_text)
    made = create_store(folder, header)
    made.close()
    return folder


def test_a_store_without_text_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--keep-text"):
        Corpus([store(tmp_path / "s", keep_text=False)])
    assert list(Corpus([store(tmp_path / "t", keep_text=True)])) == []
    with pytest.raises(UsageError, match="nowhere"):
        Corpus([tmp_path / "nowhere"])


def test_documents_of_a_store_come_back_as_they_were(tmp_path: Path) -> None:
    from whowhom.engine.keep import keep
    from whowhom.engine.local import Inline
    from whowhom.engine.worker import Ready
    from whowhom.read import read

    from ..engine.stub import StubCoder

    file = tmp_path / "a.jsonl"
    rows = [
        {"id": "a", "text": "Iran met Iraq.", "title": "Talks", "published": "2015-02-03"},
        {"id": "b", "text": "Iran met Iraq.", "title": "Talks", "published": "2015-02-03"},
        {"id": "c", "text": "Iran sued Iraq.", "outlet": "Wire"},
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    coder = StubCoder()
    ready = Ready(CoderInfo("0", "stub", None), coder.fingerprint)
    keep(read([file]), Inline(coder), ready, tmp_path / "store", keep_text=True)
    corpus = Corpus([tmp_path / "store"])
    fields = ("text", "title", "outlet", "published")
    assert [[getattr(d, f) for f in fields] for d in corpus] == [
        [getattr(d, f) for f in fields] for d in Corpus([file])
    ]
    assert corpus.account.coded == 2


# ----------------------------------------------------------------- try and compare
@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("text") / "a.txt"
    file.write_text(OUTAGE)
    return file


def test_frames_on_trial(mine: Path, text: Path) -> None:
    trial = try_frames(mine, Corpus([text]), types=["outage"])
    assert [hit.rule for hit in trial.fired] == ["OUTAGE.cut", "OUTAGE.shutdown"]
    shown = "".join(piece.text for piece in trial.fired[0].pieces if piece.role == "actor")
    assert shown == "Government troops"
    # PLOVER has both as COERCE, which the overlay takes over
    assert {e.event_type for hit in trial.fired for e in hit.before} == {"COERCE"}
    with pytest.raises(UsageError, match=r"OUTAGE\.cut"):
        chosen(load(mine), ["OUTAGE.cutt"], [])
    with pytest.raises(UsageError, match=r"There are 1,\d+"):
        chosen(load(mine), ["zzzzzzzz"], [])


RAM = """
type = "FISHROW"
quad = "material conflict"
definition = "Boats against boats."
[[frame]]
id = "ram"
verb = ["ram", "sink"]
object = ["boat"]
match = ["[Iran] sank a boat of {Iraq}."]
reject = ["A storm sank a boat."]
"""


def test_what_stood_there_before_counts_once(tmp_path: Path) -> None:
    """Two frames of one sentence do not share the event that PLOVER had there."""
    book = tmp_path / "book"
    book.mkdir()
    (book / "codebook.toml").write_text('extends = "plover"\n')
    (book / "fishrow.toml").write_text(RAM)
    file = tmp_path / "a.txt"
    file.write_text(
        "The Chinese coast guard rammed and sank a Vietnamese boat. "
        "The Chinese navy sank a Vietnamese boat."
    )
    trial = try_frames(book, Corpus([file]), types=["FISHROW"])
    found = compare(None, book, Corpus([file]))
    assert len(trial.fired) == 3
    lost = [e for hit in trial.fired for e in hit.before]
    assert len({e.id for e in lost}) == len(lost)
    named = {name: n for name, n in trial.before.items() if name != "nothing"}
    assert sum(named.values()) == found.types_before["ASSAULT"] > 0
    assert trial.before["nothing"] == 3 - sum(1 for hit in trial.fired if hit.before)


def test_a_change_is_told_field_by_field(mine: Path, text: Path) -> None:
    found = compare(None, mine, Corpus([text]))
    assert found.same == found.types_before["ACCUSE"] > 0  # the UN's condemnation
    (altered,) = [c for c in found.of("altered") if c.event.why.rule == "OUTAGE.cut"]
    assert altered.fields["event_type"] == ("COERCE", "OUTAGE")
    assert found.moves()["COERCE withhold", "OUTAGE supply"] == 1
    # nothing of PLOVER's goes without a word of what became of it
    for change in found.of("removed"):
        assert change.reason
    total = found.same + len(found.of("altered"))
    assert sum(found.types_before.values()) == total + len(found.of("removed"))
    assert sum(found.types_after.values()) == total + len(found.of("added"))


# -------------------------------------------------------------------------- page
def test_the_page_has_every_frame_and_example() -> None:
    page = markdown(EXAMPLES / "land")
    for frame in own_frames(load(EXAMPLES / "land")):
        assert f"`{frame.id}`" in page
    assert page.count("\n- ✓ ") + page.count("\n- ✗ ") == 104
    assert r"\[Gunmen\] killed \{three farmers\} in a dispute over land." in page
    assert "## EVICT" in page
    assert page.count("| mode |") == 5
