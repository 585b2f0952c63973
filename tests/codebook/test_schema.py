"""Codebook files: what is right loads, what is wrong is named with file, field and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from whowhom.codebook import load, normal, own_frames, words_of
from whowhom.codebook.check import check, check_frame, example, finder
from whowhom.codebook.loading import without_frames
from whowhom.codebook.schema import QUADS
from whowhom.errors import CodebookError

TYPE = """
type = "STRIKE"
quad = "material conflict"
score = -9.0
definition = "Hits from the air."
[classes]
plane = ["jet", "air-craft"]
[[mode]]
name = "aerial"
score = -9.5
definition = "by air"
cues = ["warplane"]
[[frame]]
id = "bomb"
verb = ["bomb"]
needs = "both"
match = ["[Iran] bombed {Iraq}."]
reject = ["The play bombed."]
"""


def book(folder: Path, text: str, **others: str) -> Path:
    (folder / "strike.toml").write_text(text, encoding="utf-8")
    for name, content in others.items():
        (folder / f"{name}.toml").write_text(content, encoding="utf-8")
    return folder


def test_the_shipped_codebook_is_plover() -> None:
    codebook = load()
    assert len(codebook.types) == 16
    assert sum(len(kind.modes) for kind in codebook.types.values()) == 67
    assert {kind.quad for kind in codebook.types.values()} == set(QUADS)
    assert len(codebook.frames) >= 900
    assert codebook.types["ACCUSE"].score == -2  # the manual's printed 3 is a slip of the sign
    assert codebook.types["SANCTION"].quad == "material conflict"
    assert codebook.types["RETREAT"].score_of("resign") == 4.5
    assert codebook.types["COERCE"].score_of(None) == -7
    assert {n for n, k in codebook.types.items() if k.recipient_required} == {
        "COOPERATE",
        "AID",
        "SANCTION",
    }
    assert codebook.planned["AID"] == "AGREE"


def test_every_frame_has_examples_of_both_kinds_and_brackets_that_close() -> None:
    for frame in load().frames:
        assert frame.match, frame.id
        assert frame.reject, frame.id
        for sentence in (*frame.match, *frame.reject):
            example(sentence)


def test_a_small_codebook_loads(tmp_path: Path) -> None:
    codebook = load(book(tmp_path, TYPE))
    frame = codebook.types["STRIKE"].frames[0]
    assert (frame.id, frame.actor, frame.recipient) == ("STRIKE.bomb", ("subject",), ("object",))
    assert codebook.by_verb["bomb"][0][1] is frame
    assert codebook.types["STRIKE"].score_of("aerial") == -9.5
    assert codebook.label.startswith(tmp_path.name)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('quad = "material conflict"', 'quad = "material konflict"', "material conflict"),
        ('definition = "Hits from the air."', "", '"definition" is missing'),
        ('needs = "both"', 'needs = "bth"', 'Did you mean "both"'),
        ('needs = "both"', 'need = "both"', 'Did you mean "needs"'),
        ('needs = "both"', 'mode = "arial"', 'Did you mean "aerial"'),
        ('needs = "both"', 'object = ["@plan"]', 'Did you mean "plane"'),
        ('needs = "both"', 'object = "plane"', "wrong kind"),
        ("score = -9.0", "score = -60", '"score" is -60. Write a number from -10 to 10.'),
        ("score = -9.5", "score = 10.01", '"score" is 10.01. Write a number from -10 to 10.'),
        ("score = -9.0", "score = nan", '"score" is nan'),
        ('needs = "both"', "confidence = 3", '"confidence" is 3. Write a number from 0 to 1.'),
        ('needs = "both"', "confidence = -0.1", '"confidence" is -0.1'),
        ('needs = "both"', 'confidence = "high"', 'it is the text "high". Write a number'),
        ('needs = "both"', 'recipient = ["objct"]', 'Did you mean "object"?'),
        ('needs = "both"', 'recipient = ["form"]', 'Did you mean "for" or "from"?'),
        ('needs = "both"', 'recipient = ["belongng of to"]', "no role path"),
        ('needs = "both"', 'prep = ["for"]', "it is a list. Write a table, such as { for = ["),
        ('needs = "both"', 'prep = { agianst = ["x"] }', 'Did you mean "against"?'),
        ('needs = "both"', 'prep = { for = "talk" }', '"prep.for" is the text "talk"'),
        ('needs = "both"', 'mode_by_clause = { X = ["aerial"] }', "name of a mode is wanted"),
        ('needs = "both"', 'contexts = [["military"]]', "expected a list of words"),
        ('type = "STRIKE"', 'type = "Air strike"', 'Did you mean "AIR_STRIKE"?'),
        ('needs = "both"', "object = [3]", "list of words"),
        ('needs = "both"', 'actor = ["subjct."]', "no role path"),
        ('needs = "both"', "reciprocal = 1", "wrong kind"),
        ('verb = ["bomb"]', "", "no trigger"),
        ('id = "bomb"\n', "", '"id" is missing'),
        ('reject = ["The play bombed."]', "", 'no "reject"'),
        ('name = "aerial"\n', "", '"name" is missing'),
        ("score = -9.0", 'recipient = "maybe"', "optional"),
        ('definition = "by air"', "definition = 3", "wrong kind"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(CodebookError) as caught:
        load(book(tmp_path, TYPE.replace(old, new)))
    assert says in str(caught.value)
    assert "strike.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("score = -9.0", "score = -60", 4),
        ("score = -9.5", "score = 60", 10),
        ('needs = "both"', "confidence = 3", 16),
        ('needs = "both"', "reciprocal = 1", 16),
        ('needs = "both"', 'recipient = ["form"]', 16),
        ('verb = ["bomb"]\n', "", 13),  # of the frame: the field has no line
        ("plane = [", "plane = [3, ", 7),
        ('definition = "Hits from the air."', 'definition = """\n[[frame]]\n"""\nnots = []', 8),
    ],
)
def test_the_line_is_named(tmp_path: Path, old: str, new: str, line: int) -> None:
    assert old in TYPE
    with pytest.raises(CodebookError, match=rf"strike\.toml, line {line}: "):
        load(book(tmp_path, TYPE.replace(old, new)))


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ('[recipients]\nplaces = ["STRKE"]\n', 'line 2: recipients.places: "STRKE" is no type'),
        ('[planned]\nSTRKE = "STRIKE"\n', 'line 2: planned.STRKE: "STRKE" is no type'),
        ('[refused]\nSTRIKE = "STRKE"\n', '"STRKE" is no type'),
    ],
)
def test_a_type_that_the_header_misspells_is_named(tmp_path: Path, header: str, says: str) -> None:
    with pytest.raises(CodebookError) as caught:
        load(book(tmp_path, TYPE, codebook=header))
    assert says in str(caught.value)
    assert 'Did you mean "STRIKE"?' in str(caught.value)


def test_two_frames_of_one_id_are_refused(tmp_path: Path) -> None:
    frame = TYPE[TYPE.index("[[frame]]") :]
    with pytest.raises(CodebookError, match="two frames"):
        load(book(tmp_path, TYPE + frame))


def test_broken_toml_and_missing_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match="not readable as TOML"):
        load(book(tmp_path, "type = "))
    with pytest.raises(CodebookError, match="no such folder"):
        load(tmp_path / "nowhere")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(CodebookError, match="no type files"):
        load(empty)


def test_an_overlay_extends_the_shipped_codebook(tmp_path: Path) -> None:
    header = 'name = "mine"\nversion = "1"\nextends = "plover"\n'
    codebook = load(book(tmp_path, TYPE, codebook=header))
    assert len(codebook.types) == 17
    assert codebook.name == "mine"
    other = tmp_path / "other"
    other.mkdir()
    book(other, TYPE, codebook='extends = "cameo"\n')
    with pytest.raises(CodebookError, match='Write "plover"'):
        load(other)


def test_an_overlay_may_replace_a_frame(tmp_path: Path) -> None:
    frame = load().types["ASSAULT"].frames[0]
    text = (
        'type = "ASSAULT"\nquad = "material conflict"\nscore = -9.0\ndefinition = "x"\n'
        f'[[frame]]\nid = "{frame.id.split(".")[1]}"\nverb = ["zap"]\n'
        'match = ["[Iran] zapped {Iraq}."]\nreject = ["No."]\n'
    )
    codebook = load(book(tmp_path, text, codebook='extends = "plover"\n'))
    same = [f for f in codebook.frames if f.id == frame.id]
    assert len(same) == 1
    assert same[0].verbs[0].head == "zap"


def test_phrases_are_cut_as_the_tokeniser_cuts_them() -> None:
    assert words_of("cease-fire") == ["cease", "-", "fire"]
    assert normal("Cease-fire  deal") == "cease - fire deal"


def test_brackets_mark_actors_and_recipients() -> None:
    made = example("[Iran] met {Iraq}.")
    assert made.text == "Iran met Iraq."
    assert made.text[slice(*made.actors[0])] == "Iran"
    assert made.text[slice(*made.recipients[0])] == "Iraq"
    for wrong in ("[Iran met", "Iran] met", "[Iran} met"):
        with pytest.raises(ValueError, match="clos"):
            example(wrong)


def test_check_says_what_does_not_come_out(tmp_path: Path) -> None:
    wrong = (
        TYPE.replace("[Iran] bombed {Iraq}.", "{Iran} bombed [Iraq].")
        .replace('reject = ["The play bombed."]', 'reject = ["Iran bombed Iraq."]')
        .replace("match = [", 'match = ["Iran met Iraq.", "[Iran bombed Iraq.", ')
    )
    report = check(book(tmp_path, wrong))
    kinds = [p.kind for p in report.problems]
    assert kinds == ["no match", "brackets", "actor", "recipient", "matched"]
    assert not report.ok
    assert "STRIKE.bomb" in str(report.problems[0])
    assert report.frames_by_type == {"STRIKE": 1}


def test_check_is_content_with_a_right_codebook(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    report = check(book(tmp_path, TYPE), progress=lambda done, all_: seen.append((done, all_)))
    assert report.ok, [str(p) for p in report.problems]
    assert seen == [(1, 1)]
    assert report.examples == 2


@pytest.fixture(scope="module")
def find():
    return finder(load())


@pytest.mark.parametrize("kind", sorted(load().types))
def test_every_example_of_the_shipped_codebook_comes_out(kind: str, find) -> None:
    problems = [str(p) for f in load().types[kind].frames for p in check_frame(f, find)]
    assert not problems


def test_an_overlay_leaves_what_it_does_not_say(tmp_path: Path) -> None:
    text = (
        'type = "ASSAULT"\n[[frame]]\nid = "zap"\nverb = ["zap"]\nmode = "aerial"\n'
        'match = ["[Iran] zapped {Iraq}."]\nreject = ["No."]\n'
    )
    made = load(book(tmp_path, text, codebook='extends = "plover"\n')).types["ASSAULT"]
    before = load().types["ASSAULT"]
    assert (made.score, made.quad, made.definition) == (
        before.score, before.quad, before.definition
    )  # fmt: skip
    assert list(made.modes) == list(before.modes)
    assert made.score_of("aerial") == before.score_of("aerial")
    assert len(made.frames) == len(before.frames) + 1
    assert [f.layer for f in made.frames[-2:]] == [0, 1]


def test_an_overlay_may_leave_out_frames(tmp_path: Path) -> None:
    gone = load().frames[3].id
    codebook = load(book(tmp_path, TYPE, codebook=f'extends = "plover"\nwithout = ["{gone}"]\n'))
    assert gone not in {f.id for f in codebook.frames}
    assert gone not in {f.id for entries in codebook.by_verb.values() for _, f in entries}
    assert len(codebook.frames) == len(load().frames)
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    book(wrong, TYPE, codebook='extends = "plover"\nwithout = ["ASSAULT.bmob"]\n')
    with pytest.raises(CodebookError, match=r"ASSAULT\.bo?mb"):
        load(wrong)


def test_frames_of_ones_own_are_known(tmp_path: Path) -> None:
    assert own_frames(load()) == ()
    codebook = load(book(tmp_path, TYPE, codebook='extends = "plover"\n'))
    assert [f.id for f in own_frames(codebook)] == ["STRIKE.bomb"]
    before = without_frames(codebook, ["STRIKE.bomb"])
    assert own_frames(before) == ()
    assert before.sha256 != codebook.sha256
    assert [f.id for _, f in before.by_verb["bomb"]] == [f.id for _, f in load().by_verb["bomb"]]
