"""Stretches, remembered words and plain tokens give what spaCy gives."""

from __future__ import annotations

import numpy as np
import pytest

from whowhom.model import Document
from whowhom.parse import Parser
from whowhom.parse.annotate import Annotator
from whowhom.parse.split import stretches
from whowhom.parse.vectors import Vectors

TEXTS = [
    "Let's go, said the minister. There are 3 ships, y'all; they ain't gonna leave. C'mon on!",
    "Troops shelled the town's hospital on Jan. 5, killing Dr. A. B. Khan and two U.N. guards. "
    "It is not known who fired; there were no witnesses.",
    "“We'll fight,” rebels' leader told AFP.\n\nThe 2,300 workers have gotta return by 6 p.m.",
    "Was it he who'd warned them? But for the rain, they would've met in Kampala's old town.",
]


@pytest.mark.parametrize("text", TEXTS)
def test_remembered_words_are_those_of_the_components(parser: Parser, text: str) -> None:
    for _ in range(2):  # made, then remembered
        skim = parser.skim(Document("d", text))
        parsed = parser.finish(skim)
        at = 0
        for stretch in skim.stretches:
            doc = stretch.doc
            for name in ("attribute_ruler", "lemmatizer"):
                doc = parser.nlp.get_pipe(name)(doc)
            for theirs in doc:
                ours = parsed.doc[at]
                assert (ours.text, ours.pos_, ours.tag_, ours.lemma_, ours.dep_) == (
                    theirs.text,
                    theirs.pos_,
                    theirs.tag_,
                    theirs.lemma_,
                    theirs.dep_,
                )
                assert (ours.like_num, ours.is_punct, ours.is_stop, ours.is_alpha) == (
                    theirs.like_num,
                    theirs.is_punct,
                    theirs.is_stop,
                    theirs.is_alpha,
                )
                at += 1
        assert at == len(parsed.doc)


def test_tokens_stand_in_the_tree_as_in_spacys(parser: Parser) -> None:
    text = "The minister, who had resigned, told old friends in Lima that police beat him."
    skim = parser.skim(Document("d", text))
    doc = parser.finish(skim).doc
    (stretch,) = skim.stretches
    theirs = stretch.doc
    for ours, other in zip(doc, theirs, strict=True):
        assert ours.head.i == other.head.i
        assert [c.i for c in ours.children] == [c.i for c in other.children]
        assert [t.i for t in ours.ancestors] == [t.i for t in other.ancestors]
        assert [t.i for t in ours.subtree] == [t.i for t in other.subtree]
        assert ours.left_edge.i == other.left_edge.i
        assert ours.right_edge.i == other.right_edge.i
        assert (ours.idx, len(ours), ours.lower_) == (other.idx, len(other), other.lower_)
    for start in range(0, len(text), 3):
        for end in range(start + 1, len(text), 5):
            one = doc.char_span(start, end, alignment_mode="expand")
            two = theirs.char_span(start, end, alignment_mode="expand")
            if two is None or not len(two):
                continue
            assert one is not None
            assert (one.start, one.end, one.text) == (two.start, two.end, two.text)
            assert one.root.i == two.root.i
    assert [(e.start, e.end, e.label_) for e in doc.ents] == [
        (e.start, e.end, e.label_) for e in theirs.ents
    ]
    assert doc.char_span(1, 5) is None  # inside a word
    assert doc[2].nbor(-1) is doc[1]
    with pytest.raises(IndexError):
        doc[0].nbor(-1)


def test_vectors_are_those_of_tok2vec(parser: Parser) -> None:
    component = parser.nlp.get_pipe("tok2vec")
    ours = Vectors.of(component)
    assert ours is not None
    for texts in (TEXTS, ["One.", TEXTS[0]]):
        docs = [parser.nlp.make_doc(text) for text in texts]
        expected = component.predict(docs)
        ours.set(docs)
        for doc, rows in zip(docs, expected, strict=True):
            assert np.abs(np.asarray(doc.tensor) - rows).max() < 1e-4


def test_a_component_that_is_built_otherwise_is_left_as_it_is(parser: Parser) -> None:
    assert Vectors.of(None) is None
    assert Vectors.of(parser.nlp.get_pipe("ner")) is None


def test_another_pipeline_runs_by_its_own_components() -> None:
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    made = Annotator(nlp)
    text = "Rebels attacked. Police fled."
    doc = made.finish(text, made.skim(text, [(0, len(text))]), None, None)
    assert [t.text for t in doc if t.is_sent_start] == ["Rebels", "Police"]


def test_what_is_set_aside_has_words_but_no_tree(parser: Parser) -> None:
    skim = parser.skim(Document("d", "Roses were red. Rebels attacked Goma."))
    parsed = parser.finish(skim, [1])
    assert parsed.aside == {0}
    roses, red = parsed.doc[0], parsed.doc[2]
    assert (roses.lemma_, roses.pos_, roses.head, roses.children) == ("rose", "NOUN", roses, [])
    assert red.dep_ == ""
    attacked = next(t for t in parsed.doc if t.text == "attacked")
    assert {c.text for c in attacked.children} >= {"Rebels", "Goma"}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("He met U.S. President Obama. They talked.", 2),
        ('"We will go," Mr. Smith said. "Now!" he cried.', 2),
        ("On Jan. 5 the council met. J. R. Smith left.", 2),
        ("The army left... Then it came back.", 1),  # in doubt: the parser decides
        ("Is it? Yes. 5 men died.", 3),
        ("", 0),
        (" . ! ?", 1),
    ],
)
def test_stretches_end_where_a_sentence_surely_ends(text: str, count: int) -> None:
    found = stretches(text, [])
    assert len(found) == count
    assert "".join(text[a:b] for a, b in found).replace(" ", "") == text.replace(" ", "")
