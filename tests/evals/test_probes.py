"""The behavioural probes are well formed, and their checker tells right from wrong."""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib.util
import sys
import tomllib
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from whowhom.codebook.loading import shipped_folder
from whowhom.model import (
    STATUSES,
    Attribution,
    CoderInfo,
    DocumentRef,
    Event,
    Evidence,
    Magnitudes,
    Party,
    Trigger,
    Why,
)

from .test_gold import BODIES, MODES, all_records

EVALS = Path(__file__).resolve().parents[2] / "evals"
BASE = {"id", "type", "date", "actors", "recipients", "text"}
VARIANT = {"text", "expect", "speaker", "also"}


def loaded() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("evals_probes", EVALS / "probes.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


script = loaded()
DATA: dict[str, Any] = script.read()
PROBES = script.probes(DATA)


# -------------------------------------------------------------------------------------- the data
def test_enough_of_everything() -> None:
    assert len(DATA["base"]) >= 60
    counts = Counter(p.kind for p in PROBES)
    assert set(counts) == set(script.KINDS) - {"reordered"}
    assert sum(counts.values()) - counts["base"] >= 450
    assert all(counts[kind] >= 50 for kind in counts)
    assert {base["type"] for base in DATA["base"]} == set(MODES)
    bases = Counter(base["type"] for base in DATA["base"])
    assert [name for name in MODES if bases[name] < 4] == []


def test_every_type_has_every_kind_that_it_can_have() -> None:
    pairs = {(p.type, p.kind) for p in PROBES}
    without = {
        *(("PROTEST", "passive"), ("REJECT", "denied")),  # no natural sentences
        *(("PROTEST", "renamed"), ("COERCE", "renamed"), ("CONCEDE", "renamed")),  # adjectives
    }
    kinds = set(script.KINDS) - {"reordered"}
    assert {(name, kind) for name in MODES for kind in kinds} - pairs == without


@pytest.mark.parametrize("base", DATA["base"], ids=lambda base: base["id"])
def test_fields(base: dict[str, Any]) -> None:
    optional = {"also", "template", "renamed", *script.WRITTEN}
    assert BASE <= set(base) <= BASE | optional
    assert base["type"] in MODES
    assert isinstance(base["date"], dt.date)
    assert 1960 <= base["date"].year <= 2026
    assert ("template" in base) == ("renamed" in base)
    texts = [base["text"]]
    for kind in script.WRITTEN:
        if kind not in base:
            continue
        variant = base[kind] if isinstance(base[kind], dict) else {"text": base[kind]}
        assert "text" in variant, kind
        assert set(variant) <= VARIANT, kind
        assert ("speaker" in variant) == (kind in ("denied", "attributed")), kind
        assert variant.get("speaker", "") in variant["text"], kind
        for pair in variant.get("expect", ()):
            name, status = pair.split()
            assert name in MODES, kind
            assert status in STATUSES, kind
        assert set(variant.get("also", ())) <= set(MODES), kind
        texts.append(variant["text"])
    assert set(base.get("also", ())) <= set(MODES) - {base["type"]}
    assert len(set(texts)) == len(texts)
    assert all(text.strip() == text and text.endswith(".") for text in texts)


def test_countries_exist_and_differ() -> None:
    table = Path(__file__).resolve().parents[2] / "src/whowhom/data/actors/countries.csv"
    rows = table.read_text(encoding="utf-8").splitlines()[1:]
    known = {row.split(",")[0] for row in rows} | BODIES
    assert set(DATA["names"]) <= known
    for base in DATA["base"]:
        codes = [*base["actors"], *base["recipients"]]
        assert len(set(codes)) == len(codes) == 2, base["id"]
        for pair in (codes, *base.get("renamed", ())):
            assert set(pair) <= known, base["id"]
            assert len(set(pair)) == 2, base["id"]
        used = [tuple(codes), *map(tuple, base.get("renamed", ()))]
        assert len(set(used)) == len(used), base["id"]


def test_a_template_is_its_base_with_the_names_out() -> None:
    for base in DATA["base"]:
        if "template" in base:
            codes = [*base["actors"], *base["recipients"]]
            assert script.filled(DATA, base, codes) == base["text"], base["id"]


def test_conventions_are_about_types_and_statuses() -> None:
    assert set(DATA["planned"]) | set(DATA["planned"].values()) <= set(MODES)
    assert set(DATA["status"]) == set(script.KINDS) - {"reordered"}
    assert {s for some in DATA["status"].values() for s in some} <= set(STATUSES)
    assert {name for some in DATA["beside"].values() for name in some} <= set(MODES)


def test_ids_and_texts_are_unique_and_not_in_the_gold() -> None:
    assert len({p.id for p in PROBES}) == len(PROBES)
    texts = Counter(p.text.casefold() for p in PROBES)
    assert [text for text, count in texts.items() if count > 1] == []
    assert set(texts) & {record["text"].casefold() for record in all_records()} == set()


def test_every_kind_has_a_floor() -> None:
    floors = tomllib.loads(script.FLOORS.read_text(encoding="utf-8"))["probes"]
    assert set(floors) == {*script.KINDS, "all"}
    assert all(0 < floor <= 1 for floor in floors.values())


# ----------------------------------------------------------------------------------- the checker
def party(country: str | None, text: str = "x", sector: str | None = "GOV") -> Party:
    return Party(text, 0, len(text), country=country, sector=sector)


def event(
    kind: str, actors: tuple[str, ...], recipients: tuple[str, ...], status: Any = "actual"
) -> Event:
    """An event that says this and nothing else."""
    return Event(
        id="",
        document=DocumentRef("d", None, None, None, None, "report"),
        event_type=kind,
        mode=None,
        contexts=(),
        quad="verbal cooperation",
        score=None,
        actors=tuple(map(party, actors)),
        recipients=tuple(map(party, recipients)),
        status=status,
        attribution=(),
        voice="reported",
        date=None,
        end_date=None,
        date_text=None,
        date_granularity=None,
        date_from=None,
        place=None,
        magnitudes=Magnitudes(),
        evidence=Evidence("", 0, 0, Trigger("", 0, 0), 1),
        why=Why(),
        incident=None,
        coder=CoderInfo("", "", None),
    )


def said(by: str, what: Event) -> Event:
    link = Attribution(party(None, by), "said", False, 0, 0)
    return dataclasses.replace(what, attribution=(link,))


def probe(name: str) -> Any:
    return next(p for p in PROBES if p.id == name)


def wrong(name: str, *events: Event, base: Event | None = None) -> tuple[str, ...]:
    found: tuple[str, ...] = script.check(probe(name), events, base)[0]
    return found


ATTACK = event("ASSAULT", ("HND",), ("SLV",))
BACK = event("ASSAULT", ("SLV",), ("HND",))
DENIAL = event("REJECT", ("HND",), ())


def status_of(what: Event, status: Any) -> Event:
    return dataclasses.replace(what, status=status)


@pytest.mark.parametrize(
    ("kind", "events"),
    [
        ("base", (ATTACK,)),
        ("swapped", (BACK,)),
        ("passive", (ATTACK,)),
        ("negated", (status_of(ATTACK, "negated"),)),
        ("future", (status_of(ATTACK, "future"),)),
        ("hypothetical", (status_of(ATTACK, "hypothetical"),)),
        ("historical", (status_of(ATTACK, "historical"),)),
        ("denied", (DENIAL, said("The Honduran president", status_of(ATTACK, "negated")))),
        ("attributed", (said("a Mexican diplomat", ATTACK),)),
        ("renamed 1", (event("ASSAULT", ("ERI",), ("DJI",)),)),
    ],
)
def test_right_output_passes(kind: str, events: tuple[Event, ...]) -> None:
    assert wrong(f"assault-4 {kind}", *events) == ()


@pytest.mark.parametrize("kind", [k for k in script.KINDS if k not in ("base", "reordered")])
def test_unchanged_output_fails_where_something_should_have_changed(kind: str) -> None:
    number = " 1" if kind == "renamed" else ""
    assert (wrong(f"assault-4 {kind}{number}", ATTACK) == ()) == (kind == "passive")


def test_each_kind_of_mistake_is_named() -> None:
    assert wrong("assault-4 base") == ("no event",)
    assert wrong("assault-4 base", DENIAL) == ("no ASSAULT, only REJECT",)
    assert wrong("assault-4 base", ATTACK, DENIAL) == ("extra REJECT",)
    assert wrong("assault-4 base", ATTACK, ATTACK) == ("extra ASSAULT",)
    assert wrong("assault-4 swapped", ATTACK) == (
        "actors HND, not SLV",
        "recipients SLV, not HND",
    )
    assert wrong("assault-4 negated", ATTACK) == ("status actual, not negated",)
    assert wrong("assault-4 passive", said("he", ATTACK)) == ("speaker he where there is none",)
    assert wrong("assault-4 attributed", said("he", ATTACK)) == (
        "speaker he, not a Mexican diplomat",
    )
    denied = said("The Honduran president", status_of(ATTACK, "negated"))
    assert wrong("assault-4 denied", denied) == ("no REJECT beside it",)


def test_mode_and_sectors_are_as_in_the_base() -> None:
    other = dataclasses.replace(ATTACK, mode="aerial")
    assert wrong("assault-4 passive", other, base=ATTACK) == ("mode aerial, not None",)
    army = dataclasses.replace(ATTACK, actors=(party("HND", sector="MIL"),))
    assert wrong("assault-4 passive", army, base=ATTACK) == ("sectors MIL > GOV, not GOV > GOV",)
    assert wrong("assault-4 passive", army) == ()


def test_a_plan_is_another_type() -> None:
    assert wrong("aid-1 future", event("AGREE", ("CUB",), ("HTI",), "future")) == ()
    assert wrong("aid-1 future", event("AID", ("CUB",), ("HTI",), "future")) != ()
    assert wrong("retreat-1 future", event("CONCEDE", ("ETH",), ("SOM",), "future")) == ()


def test_a_refusal_may_be_one() -> None:
    assert wrong("aid-1 negated", event("REJECT", ("CUB",), ("HTI",))) == ()
    assert wrong("aid-1 negated", event("REJECT", ("CUB",), ("HTI",), "negated")) != ()


def test_sides_of_a_meeting() -> None:
    both = event("CONSULT", ("SDN", "EGY"), ())
    assert wrong("consult-1 base", both) == wrong("consult-1 swapped", both) == ()
    assert wrong("consult-1 base", event("CONSULT", ("EGY",), ("SDN",))) != ()
    assert wrong("consult-1 future", event("AGREE", ("EGY",), ("SDN",), "future")) == ()


# ------------------------------------------------------------------------- the other order, floors
def test_frames_are_turned_round(tmp_path: Path) -> None:
    target = tmp_path / "plover"
    script.reversed_codebook(target)
    file = "assault.toml"
    before = tomllib.loads((shipped_folder() / file).read_text(encoding="utf-8"))
    after = tomllib.loads((target / file).read_text(encoding="utf-8"))
    assert len(before["frame"]) > 10
    assert after["frame"] == before["frame"][::-1]
    assert {k: v for k, v in after.items() if k != "frame"} == {
        k: v for k, v in before.items() if k != "frame"
    }
    assert {f.name for f in target.iterdir()} >= {f.name for f in shipped_folder().glob("*.toml")}


def test_another_order_must_change_nothing() -> None:
    assert script.compare_order((ATTACK, DENIAL), (DENIAL, ATTACK)) == ()
    assert script.compare_order((ATTACK,), (DENIAL,)) == ("gone ASSAULT", "new REJECT")
    assert script.compare_order((ATTACK,), (BACK,)) == ("gone ASSAULT", "new ASSAULT")


def test_shares_leave_the_bases_out_of_the_whole() -> None:
    results = [
        script.Result(probe("assault-4 base"), ("no event",), ()),
        script.Result(probe("assault-4 swapped"), (), ()),
        script.Result(probe("assault-3 swapped"), ("no event",), ()),
    ]
    assert script.shares(results) == {"base": (0, 1), "swapped": (1, 2), "all": (1, 2)}


def test_floors_only_rise_and_leave_the_gate_alone() -> None:
    reached = {"swapped": (1, 2), "passive": (9, 10)}
    assert script.raised(reached, {"swapped": 0.6}) == {"swapped": 0.6, "passive": 0.89}
    text = 'gold = "a"\n\n[floors]\n"date" = 0.9\n\n[probes]\n"swapped" = 0.1\n'
    new = tomllib.loads(script.with_floors(text, {"swapped": 0.6}))
    assert new == {"gold": "a", "floors": {"date": 0.9}, "probes": {"swapped": 0.6}}


@pytest.mark.parametrize(("floor", "status"), [(0.5, 0), (0.6, 1)])
def test_a_fallen_share_is_an_exit_status(
    floor: float,
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    results = [
        script.Result(probe("assault-4 swapped"), (), ()),
        script.Result(probe("assault-3 swapped"), ("no event",), ()),
    ]
    floors = tmp_path / "floors.toml"
    floors.write_text(f'[probes]\n"swapped" = {floor}\n', encoding="utf-8")
    monkeypatch.setattr(script, "FLOORS", floors)
    monkeypatch.setattr(script, "run", lambda *_: results)
    monkeypatch.setattr(sys, "argv", ["probes.py", "--failures"])
    assert script.main() == status
    printed = capsys.readouterr().out
    assert "FAIL assault-3 swapped: no event" in printed
    assert ("FALLEN" in printed) == bool(status)
