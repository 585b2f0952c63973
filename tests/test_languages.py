"""Languages beside English: their data, which are installed, which a text is in."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from whowhom import languages
from whowhom.errors import DataError, UsageError
from whowhom.languages import DATA, language, share, vocabulary

ES = DATA / "es"


def test_every_gloss_is_a_word_of_the_english_lists() -> None:
    """A gloss that no list has would do nothing: it must stand in a list or in the code."""
    english = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in (DATA / "language", DATA / "actors")
        for path in sorted(folder.glob("*.toml"))
    )
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for name in ("attribution", "events", "actors", "time_place")
        for path in sorted((DATA.parent / name).glob("*.py"))
    )
    known = english + code
    unknown = {
        gloss.english
        for gloss in language("es").words.values()
        if gloss.tag not in ("CD", "PRP", "DT", "CC") and f"{gloss.english}" not in known
    }
    assert unknown == set()


def test_no_word_has_two_glosses() -> None:
    with (ES / "words.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    seen: dict[tuple[str, str], str] = {}
    for row in rows:
        for word in row["words"].split("|"):
            key = (word, row["pos"])
            assert seen.setdefault(key, row["english"]) == row["english"], key


def test_the_relations_are_those_that_the_stages_walk() -> None:
    clear = {
        *("dobj", "dative", "nsubjpass", "csubjpass", "auxpass", "expl", "npadvmod", "agent"),
        *("relcl", "intj", "dep", "fixed"),
    }
    assert set(language("es").relations.values()) <= clear


@pytest.mark.parametrize(
    "text",
    [
        "La policía detuvo a doce personas en la capital.",
        "Estados Unidos impuso sanciones a Rusia.",
        "Francia envió soldados a Malí.",
    ],
)
def test_spanish_has_many_of_its_own_words(text: str) -> None:
    assert share(text, "es") >= 0.3


@pytest.mark.parametrize(
    "text",
    [
        "A driver rammed a lorry into a crowd in Nice.",
        "El Salvador's parliament dismissed five judges.",
        "Rebels quit Côte d'Ivoire peace talks",
        "",
    ],
)
def test_english_has_few_of_them(text: str) -> None:
    assert share(text, "es") < 0.2


def test_names_that_english_shares_tell_nothing() -> None:
    assert not {"israel", "cuba", "general", "chile"} & vocabulary("es")
    assert {"alemania", "egipcio", "ejército"} <= vocabulary("es")


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(UsageError, match="xx"):
        language("xx")
    with pytest.raises(UsageError):
        languages.chosen(("en", "xx"))


def test_a_pipeline_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    languages.is_installed.cache_clear()
    monkeypatch.setattr(languages, "pipeline_folder", lambda spoken: None)
    try:
        assert languages.chosen(("en", "es")) == ("en",)
        with pytest.raises(DataError, match="no Spanish pipeline") as error:
            languages.checked_folder(language("es"))
        assert "pip install" in str(error.value)
    finally:
        languages.is_installed.cache_clear()


def test_a_pipeline_with_another_file_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config.cfg").write_text("[nlp]\n")
    monkeypatch.setattr(languages, "pipeline_folder", lambda spoken: tmp_path)
    with pytest.raises(DataError, match="not those that were checked"):
        languages.checked_folder(language("es"))
