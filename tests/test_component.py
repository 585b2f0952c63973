"""whowhom in a spaCy pipeline: the same events, spans, and a pipeline that can be kept."""

from __future__ import annotations

import doctest
import shutil
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin

import whowhom
from whowhom import component
from whowhom.parse import find_model

TEXT = (
    "Kenya accused Somalia on Monday of shelling a border post.\n\n"
    "The army denied that it shelled the town. Police in Nairobi arrested three journalists.\n"
)


@pytest.fixture(scope="module")
def own() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("whowhom")
    return nlp


@pytest.fixture(scope="module")
def taken() -> Language:
    nlp = spacy.load(find_model()[1])
    nlp.add_pipe("whowhom", config={"parse": "doc"})
    return nlp


def facts(events: tuple[whowhom.Event, ...] | whowhom.store.Events) -> list[tuple[object, ...]]:
    return [
        (e.event_type, e.status, e.actors, e.recipients, e.evidence.trigger, e.date) for e in events
    ]


def test_the_factory_is_an_entry_point_and_declares_what_it_sets(own: Language) -> None:
    from importlib.metadata import entry_points

    (point,) = entry_points(group="spacy_factories", name="whowhom")
    assert point.load() is component.make
    assert "doc._.whowhom_events" in own.get_pipe_meta("whowhom").assigns
    assert not own.analyze_pipes()["problems"]["whowhom"]


def test_the_docstring_is_true() -> None:
    assert doctest.testmod(component).failed == 0


def test_events_are_those_of_code(own: Language) -> None:
    doc = own.make_doc(TEXT)
    doc._.whowhom_source = {"date": "2004-06-10", "outlet": "The Example"}
    own(doc)
    expected = whowhom.code({"text": TEXT, "date": "2004-06-10", "outlet": "The Example"})
    assert facts(doc._.whowhom_events) == facts(expected)
    assert len(expected) == 5
    assert doc._.whowhom_events[0].document.outlet == "The Example"
    assert doc._.whowhom_parse == "own"
    assert len(doc._.whowhom_rejections) == len(expected.rejections)


def test_a_context_gives_the_date(own: Language) -> None:
    texts = [("Police in Nairobi arrested three journalists on Tuesday.", {"date": "2004-06-10"})]
    ((doc, context),) = own.pipe(texts, as_tuples=True)
    assert context == {"date": "2004-06-10"}
    assert str(doc._.whowhom_events[0].date) == "2004-06-08"


def test_spans_cover_trigger_and_parties(own: Language) -> None:
    doc = own(TEXT)
    event = doc._.whowhom_events[-1]
    mine = {s.label_: s.text for s in doc.spans["whowhom"] if s.id_ == event.id}
    assert mine == {"ACTOR": "Police", "COERCE": "arrested", "RECIPIENT": "three journalists"}
    last = doc.char_span(TEXT.index("Police"), len(TEXT) - 1)
    assert last._.whowhom_events == (event,)
    assert doc[:3]._.whowhom_events == doc._.whowhom_events[:1]


def test_a_given_parse_is_taken_over(taken: Language, own: Language) -> None:
    doc = taken(TEXT)
    assert doc._.whowhom_parse == "doc"
    assert facts(doc._.whowhom_events) == facts(own(TEXT)._.whowhom_events)
    for event in doc._.whowhom_events:
        trigger = event.evidence.trigger
        assert TEXT[trigger.start : trigger.end] == trigger.text


def test_a_changed_parse_changes_the_events(taken: Language) -> None:
    # the component looks at the document's tree: without its object the verb has no recipient
    doc = Doc(
        taken.vocab,
        words=["Kenya", "accused", "Somalia", "."],
        tags=["NNP", "VBD", "NNP", "."],
        pos=["PROPN", "VERB", "PROPN", "PUNCT"],
        lemmas=["Kenya", "accuse", "Somalia", "."],
        heads=[1, 1, 1, 1],
        deps=["dobj", "ROOT", "nsubj", "punct"],
        ents=["B-GPE", "O", "B-GPE", "O"],
    )
    taken.get_pipe("whowhom")(doc)
    (event,) = doc._.whowhom_events
    assert event.actors[0].country == "SOM"
    assert event.recipients[0].country == "KEN"


def test_a_title_or_odd_letters_are_parsed_anew(taken: Language) -> None:
    titled = taken.make_doc("Iran met Iraq.")
    titled._.whowhom_source = {"title": "Talks held in Vienna"}
    assert taken(titled)._.whowhom_parse == "own"
    odd = taken("The Se\u0301negal army shelled a town.")
    assert odd._.whowhom_parse == "own"
    assert [e.event_type for e in odd._.whowhom_events] == ["ASSAULT"]


def test_what_is_missing_is_named() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("whowhom", config={"parse": "doc"})
    with pytest.raises(whowhom.UsageError, match="no TAG, POS, LEMMA, DEP, ENT_IOB"):
        nlp("Kenya accused Somalia.")
    assert nlp("")._.whowhom_events == ()
    with pytest.raises(whowhom.UsageError, match="English"):
        spacy.blank("de").add_pipe("whowhom")
    with pytest.raises(whowhom.UsageError, match="0 to 1"):
        spacy.blank("en").add_pipe("whowhom", config={"min_confidence": 2})
    with pytest.raises(ValueError, match="parse"):
        spacy.blank("en").add_pipe("whowhom", config={"parse": "mine"})


def test_nothing_is_coded_of_another_language_and_it_is_said(own: Language) -> None:
    doc = own(
        "Die Regierung hat gestern angekündigt, dass sie die Verhandlungen mit der Opposition "
        "abbrechen und die Truppen in den Norden des Landes schicken wird."
    )
    assert doc._.whowhom_events == ()
    assert doc._.whowhom_skipped.startswith("other_language")
    assert own("")._.whowhom_skipped == "bad_record: there is no text"


def test_documents_can_be_written(own: Language) -> None:
    doc = own(TEXT)
    again = Doc(own.vocab).from_bytes(doc.to_bytes())
    assert again._.whowhom_events == doc._.whowhom_events
    assert [(s.text, s.label_, s.id_) for s in again.spans["whowhom"]] == [
        (s.text, s.label_, s.id_) for s in doc.spans["whowhom"]
    ]
    packed = DocBin(store_user_data=True, docs=[doc]).to_bytes()
    (binned,) = DocBin().from_bytes(packed).get_docs(own.vocab)
    assert binned._.whowhom_events == doc._.whowhom_events


def test_a_pipeline_is_kept_with_its_codebook(tmp_path: Path) -> None:
    from importlib.resources import files

    book = tmp_path / "book"
    shutil.copytree(Path(str(files("whowhom.data") / "codebooks" / "plover")), book)
    nlp = spacy.blank("en")
    nlp.add_pipe("whowhom", config={"codebook": str(book), "min_confidence": 0.99})
    nlp.to_disk(tmp_path / "nlp")
    shutil.rmtree(book)
    loaded = spacy.load(tmp_path / "nlp")
    kept = loaded.get_pipe("whowhom")
    assert kept.min_confidence == 0.99
    assert kept.coder.codebook.sha256 == whowhom.api.default_coder().codebook.sha256
    doc = loaded("Kenya accused Somalia of shelling a border post.")
    assert "low_confidence" in {r.reason for r in doc._.whowhom_rejections}
    plain = spacy.blank("en")
    plain.add_pipe("whowhom", config={"min_confidence": 0.5})
    plain.from_bytes(loaded.to_bytes())
    assert set(plain.get_pipe("whowhom")._files()["codebook"]) == set(kept._files()["codebook"])


def test_what_was_kept_cannot_lead_out_of_its_folder() -> None:
    with pytest.raises(whowhom.InputError, match="leads out"):
        component.Component().from_bytes(b'{"codebook": {"../../x.toml": "a = 1"}}')
