"""The crosswalk between CAMEO and PLOVER: complete, consistent, and open about what is lost."""

from __future__ import annotations

import csv
import tomllib
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.records import every_pair, party, record
from whowhom.codebook.loading import load
from whowhom.formats import cameo
from whowhom.model import SECTORS

DATA = resources.files("whowhom.data")


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / "crosswalk" / name).read_text("utf-8").splitlines()))


def test_codes_are_strings_with_their_zeros() -> None:
    assert {"01", "010", "0811", "20", "2042"} <= set(cameo.codes())
    assert all(code.isdigit() and 2 <= len(code) <= 4 for code in cameo.codes())
    assert {code[:2] for code in cameo.codes()} == {f"{root:02}" for root in range(1, 21)}


def test_every_code_lies_under_its_root_and_its_base() -> None:
    for code in cameo.codes().values():
        assert code.root in cameo.codes()
        assert code.base in cameo.codes()


def test_every_code_but_statements_has_a_type_and_mode_of_the_codebook() -> None:
    types = load().types
    contexts = set(
        tomllib.loads((DATA / "codebooks" / "plover" / "codebook.toml").read_text("utf-8"))[
            "contexts"
        ]
    )
    for code in cameo.codes().values():
        if code.root in ("01", "02"):
            assert code.event_type is None
            continue
        assert code.event_type in types
        assert code.mode is None or code.mode in types[code.event_type].modes
        assert set(code.contexts) <= contexts


@pytest.mark.parametrize(
    ("code", "event_type", "mode"),
    [
        # where the line-level crosswalk of 2021 leaves the type of the root
        ("0813", "RETREAT", None),
        ("0814", "RETREAT", None),
        ("163", "COERCE", "restrict"),
        ("191", "COERCE", "restrict"),
        ("192", "COERCE", "seize"),
        ("1712", "ASSAULT", "destroy"),
        ("175", "ASSAULT", None),
        ("116", "ACCUSE", "disapprove"),
    ],
)
def test_exceptions_of_the_published_crosswalk(
    code: str, event_type: str, mode: str | None
) -> None:
    found = cameo.codes()[code]
    assert (found.event_type, found.mode) == (event_type, mode)


def test_every_pair_of_plover_has_a_code_that_gives_the_type_back() -> None:
    notes = {(row["event_type"], row["mode"] or None): row["note"] for row in rows("plover.csv")
             if not row["context"]}  # fmt: skip
    changed_type = set()
    for event_type, mode in every_pair():
        code = cameo.code_of(event_type, mode)
        assert code is not None, (event_type, mode)
        if (code.event_type, code.mode) == (event_type, mode):
            assert not notes[event_type, mode], f"{event_type} {mode}: nothing is lost"
        else:
            assert notes[event_type, mode], f"{event_type} {mode}: the reason is missing"
        if code.event_type != event_type:
            changed_type.add((event_type, mode))
    assert changed_type == {("RETREAT", "resign"), ("SANCTION", "convict")}


def test_a_context_refines_the_code_and_leaves_type_and_mode() -> None:
    for row in rows("plover.csv"):
        if row["context"]:
            code = cameo.code_of(row["event_type"], row["mode"] or None, [row["context"]])
            assert code is not None
            assert code.code == row["code"]
            assert (code.event_type, code.mode or "") == (row["event_type"], row["mode"]), row


def test_differences_from_the_published_crosswalk_name_codes_that_exist() -> None:
    named = [code for entry in cameo.tables()["differs"] for code in entry["codes"]]
    assert len(named) == len(set(named)) == 32
    assert set(named) <= set(cameo.codes())


def test_goldstein_and_classes() -> None:
    code = cameo.codes()["190"]
    assert (code.goldstein, code.quad, code.penta) == (-10.0, 4, 4)
    # Phoenix counts the reducing of relations as verbal, GDELT as material
    assert (cameo.codes()["160"].quad, cameo.codes()["160"].penta) == (4, 3)
    # the table of scores is older than these codes: the score of the code above
    assert cameo.codes()["176"].goldstein is None
    assert cameo.codes()["176"].score == cameo.codes()["17"].goldstein == -7.0
    for code in cameo.codes().values():
        assert code.score is not None
        assert -10 <= code.score <= 10


@pytest.mark.parametrize(
    ("cell", "title", "root", "code"),
    [
        ("040", "", "", "040"),
        ("40", "", "", "040"),
        ("841", "", "", "0841"),
        ("190.0", "", "", "190"),
        ("10", "Make statement", "", "010"),
        ("10", "", "1", "010"),
        ("10", "", "10", "10"),
        ("10", "", "", "10"),
        ("", "fight with small arms and light weapons", "", "193"),
    ],
)
def test_codes_that_lost_their_zero(cell: str, title: str, root: str, code: str) -> None:
    found = cameo.find(cell, title=title, root=root)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("cell", ["", "999", "1O1", "---", "٠٤٠", "0 4 0"])
def test_what_is_no_code(cell: str) -> None:
    assert cameo.find(cell) is None


# ----------------------------------------------------------------------- status
@pytest.mark.parametrize(
    ("event_type", "status", "code"),
    [
        ("ASSAULT", "actual", "180"),
        ("ASSAULT", "future", None),
        ("ASSAULT", "negated", None),
        ("ASSAULT", "hypothetical", None),
        ("THREATEN", "actual", "130"),
        ("AGREE", "future", "030"),
        ("CONCEDE", "actual", "080"),
        ("CONCEDE", "future", "035"),
        ("AID", "hypothetical", None),
    ],
)
def test_what_did_not_happen_is_not_written_as_if_it_had(
    event_type: str, status: str, code: str | None
) -> None:
    found, reason = cameo.choose(record(event_type, status=status))
    assert (found.code if found else None) == code
    assert bool(reason) == (code is None)


@pytest.mark.parametrize(
    ("event_type", "rule", "contexts", "code"),
    [
        ("AGREE", "CONSULT.travel-official", (), "036"),
        ("AGREE", "AID.send", ("military",), "0332"),
        ("AGREE", "COOPERATE.exercise", ("diplomatic", "military"), "0312"),
        ("AGREE", "AGREE.pledge", ("military",), "0312"),
        ("AGREE", None, (), "030"),
        ("CONCEDE", "RETREAT.withdraw", ("military",), "0356"),
        ("CONCEDE", "CONCEDE.lift", ("military",), "035"),
    ],
)
def test_a_plan_gets_the_code_of_what_is_planned(
    event_type: str, rule: str | None, contexts: tuple[str, ...], code: str
) -> None:
    planned = record(event_type, status="future", contexts=contexts)
    planned["why"]["rule"] = rule
    found, _ = cameo.choose(planned)
    assert found == cameo.codes()[code]
    assert found is not None
    assert found.event_type == "AGREE"


def test_an_event_of_the_past_needs_a_day_of_its_own() -> None:
    assert cameo.choose(record(status="historical"))[0] is not None
    found, reason = cameo.choose(record(status="historical", date=None))
    assert found is None
    assert "without a date" in reason


def test_an_imported_event_keeps_its_code_while_it_says_the_same() -> None:
    read = record("ASSAULT", "targeted")
    read["why"]["rule"] = "cameo 185"
    assert cameo.choose(read)[0] == cameo.codes()["185"]
    read["mode"] = "beat"
    assert cameo.choose(read)[0] == cameo.codes()["182"]


# ------------------------------------------------------------- actors, countries
def test_media_and_medical_are_not_mistaken() -> None:
    assert cameo.role_of("JRN") == "MED"
    assert cameo.role_of("MED") == "HLH"
    assert cameo.read_actor("FRAMED").sectors == ("JRN",)
    assert cameo.read_actor("FRAHLH").sectors == ("MED",)


def test_every_sector_is_in_the_tables() -> None:
    assert {row["sector"] for row in rows("sectors.csv")} == SECTORS
    assert {row["sector"] for row in rows("roles.csv")} <= SECTORS
    assert {row["sector"] for row in rows("icews.csv")} <= SECTORS


def test_sectors_come_back_or_the_table_says_why_not() -> None:
    for row in rows("sectors.csv"):
        back = cameo.sector_of(row["cameo"])
        assert (back == row["sector"]) != bool(row["note"]) or row["sector"] in ("JRN", "MED"), row
        if row["icews"]:
            says = cameo.of_icews_sectors(row["icews"].replace(";", ",")).sectors
            expected = "REB" if row["sector"] == "PRM" else row["sector"]
            assert says == (expected,), row


@pytest.mark.parametrize(
    ("code", "country", "sectors"),
    [
        ("USAGOVMIL", "USA", ("GOV", "MIL")),
        ("ROMMED", "ROU", ("JRN",)),
        ("TMP", "TLS", ()),
        ("IGOUNO", "UNO", ()),
        ("IGOEUREEC", "EUR", ()),
        ("EUR", None, ()),  # CAMEO's EUR is Europe, an area
        ("IGO", "IGO", ()),
        ("NGM", "ISM", ()),
        ("REB", None, ("REB",)),
        ("SYRINS", "SYR", ("REB",)),
        ("IMGMUSISI", "IMG", ()),
        ("", None, ()),
        ("XX", None, ()),
    ],
)
def test_actor_codes(code: str, country: str | None, sectors: tuple[str, ...]) -> None:
    says = cameo.read_actor(code)
    assert (says.country, says.sectors) == (country, sectors)


def test_actor_codes_there_and_back() -> None:
    bodies = ["UNO", "EUR", "IGO", "NGO", "ISM", "IMG", "MNC"]
    for iso in [row["country"] for row in rows("countries.csv")] + bodies:
        code = cameo.write_actor(party("x", iso, "GOV"))
        says = cameo.read_actor(code)
        assert (says.country, says.sectors) == (iso, ("GOV",)), code


def test_fips_is_not_iso() -> None:
    assert cameo.fips("CHN") == "CH"
    assert cameo.of_fips("CH") == "CHN"  # in ISO Switzerland
    assert cameo.of_fips("AU") == "AUT"  # in ISO Australia
    assert cameo.of_fips("GZ") == cameo.of_fips("WE") == "PSE"
    assert cameo.of_fips("KV") == "KOS"
    assert cameo.of_fips("ZZ") is None


def test_every_country_of_ours_has_fips_and_a_name_for_icews() -> None:
    table = (DATA / "actors" / "countries.csv").read_text("utf-8").splitlines()
    for row in csv.DictReader(table):
        if row["end"] or row["country"] in ("SUN", "YUG", "CSK", "DDR"):
            continue
        iso = row["country"]
        assert cameo.of_fips(cameo.fips(iso)) == iso, iso
        assert cameo.of_country_name(cameo.country_name(iso)) == iso, iso


def test_the_order_of_a_sector_list_does_not_matter() -> None:
    one = cameo.of_icews_sectors("Government,Executive,Foreign Ministry")
    other = cameo.of_icews_sectors("Foreign Ministry,Government,Executive")
    assert one == other
    assert one.sectors == ("GOV",)
    assert cameo.of_icews_sectors("Social,Media").sectors == ("JRN",)
    assert cameo.of_icews_sectors("Dissident,Rebel").sectors == ("REB",)
    assert cameo.of_icews_sectors("Military,Government").sectors == ("MIL",)
    assert cameo.of_icews_sectors("State Owned Enterprises,Government").sectors == ("GOV", "BUS")
    names = {row["name"] for row in rows("icews.csv")}
    assert {row["parent"] for row in rows("icews.csv")} - {""} <= names


@settings(max_examples=150, deadline=None)
@given(
    country=st.sampled_from(
        [None, *(row["country"] for row in rows("countries.csv")), "UNO", "EUR", "ISM"]
    ),
    sectors=st.lists(st.sampled_from(sorted(SECTORS)), max_size=4, unique=True),
)
def test_any_party_of_codes_comes_back_as_far_as_cameo_has_its_sectors(
    country: str | None, sectors: list[str]
) -> None:
    given_ = party("x", country, sectors[0] if sectors else None, other_sectors=sectors[1:])
    says = cameo.read_actor(cameo.write_actor(given_))
    assert says.country == country
    back = [cameo.sector_of(cameo.role_of(sector)) for sector in sectors]
    assert says.sectors == tuple(dict.fromkeys(sector for sector in back if sector))
