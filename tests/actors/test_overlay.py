"""Loading: a user's own rows win, and a wrong one is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from whowhom.actors import ActorResolver, check_tables, load_tables
from whowhom.actors.tables import (
    NON_STATES,
    SECTORS,
    Period,
    _plural,
    build_tables,
    fold,
    key_of,
)
from whowhom.errors import CodebookError
from whowhom.model import Parsed


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_folder_wins(tmp_path: Path, parsed: Callable[..., Parsed]) -> None:
    write(
        tmp_path, "people.csv",
        "name,aliases,surname,country,sector,office,start,end,wikidata,source\n"
        "Ilse Quandary,,Quandary,AUT,GOV,chancellor,2010,2020,,me\n"
        "Vladimir Putin,,Putin,AUT,AGR,farmer,1999,,,me\n",
    )  # fmt: skip
    write(
        tmp_path, "organisations.csv",
        "name,aliases,country,sector\nThe Lantern Circle,Lanterns,AUT,SOC\n",
    )  # fmt: skip
    resolver = ActorResolver(overlay=tmp_path)
    parse = parsed("Quandary blamed the Lantern Circle. Vladimir Putin milked cows.", "2015-05-05")
    found = {parse.doc[i].text: p for i, p in resolver.resolve(parse).by_token.items()}
    assert (found["Quandary"].country, found["Quandary"].sector) == ("AUT", "GOV")
    assert (found["Circle"].country, found["Circle"].sector) == ("AUT", "SOC")
    assert (found["Putin"].country, found["Putin"].sector) == ("AUT", "AGR")


def test_one_file_of_any_name(tmp_path: Path, parsed: Callable[..., Parsed]) -> None:
    path = write(
        tmp_path, "mine.csv", "role,sector,other_sectors,kind,office\nlamplighter,LAB,,person,\n"
    )
    parse = parsed("A Spanish lamplighter marched.")
    found = [p for p in ActorResolver(overlay=path).resolve(parse) if "lamplighter" in p.text]
    assert found[0].sector == "LAB"
    assert found[0].country == "ESP"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("people.csv", "name,country,sector\nA B,KNE,GOV\n", ["row 2", "country", "KNE", "KEN"]),
        ("people.csv", "name,country,sector\nA B,KEN,GVO\n", ["row 2", "sector", "GOV"]),
        ("people.csv", "name,country,start\nA B,KEN,May\n", ["row 2", "start", "May"]),
        ("people.csv", "name,county\nA B,KEN\n", ["county", "country"]),
        ("people.csv", "country,sector\nKEN,GOV\n", ["name", "missing"]),
        ("people.csv", "name,country\n,KEN\n", ["row 2", "name", "empty"]),
        ("people.csv", "name,country\nA,KEN,x,y\n", ["row 2", "4 cells"]),
        ("organisations.csv", "name,members\nA,KEN|ZZZ\n", ["members", "ZZZ"]),
        ("organisations.csv", "name,other_sectors\nA,GOV|QQQ\n", ["other_sectors", "QQQ"]),
        ("roles.csv", "role,sector,kind\nA,GOV,persn\n", ["kind", "person"]),
        ("first_names.csv", "name,gender\nA,x\n", ["gender", "x"]),
        ("countries.csv", "country,name\nken,Kenya\n", ["country", "ken"]),
        ("odd.csv", "a,b\n1,2\n", ["odd.csv", "people.csv"]),
    ],
)
def test_wrong_rows_are_named(tmp_path: Path, name: str, text: str, expected: list[str]) -> None:
    path = write(tmp_path, name, text)
    with pytest.raises(CodebookError) as caught:
        load_tables(path)
    for part in (str(path), *expected):
        assert part in str(caught.value)


def test_nothing_to_load(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match="no table there"):
        load_tables(tmp_path)
    with pytest.raises(CodebookError, match="no such file"):
        load_tables(tmp_path / "none.csv")
    path = tmp_path / "people.csv"
    path.write_bytes(b"name,country\n\xff\xfe,KEN\n")
    with pytest.raises(CodebookError, match="UTF-8"):
        load_tables(path)


def test_unknown_column_without_a_near_name(tmp_path: Path) -> None:
    path = write(tmp_path, "people.csv", "name,qqqqqq\nA,1\n")
    with pytest.raises(CodebookError, match="Columns: name"):
        load_tables(path)


def test_shipped_roles_are_many_and_right() -> None:
    tables = load_tables()
    assert len(tables.roles) > 500
    assert {role.sector for role in tables.roles.values()} <= SECTORS | {None}
    assert tables.roles["prime ministers"].office == "prime minister"
    assert tables.roles["chiefs of staff"].sector == "MIL"


def test_shipped_tables_are_checked() -> None:
    assert check_tables() > 5000


def test_overlay_of_a_country(tmp_path: Path) -> None:
    path = write(tmp_path, "countries.csv", "country,name,demonyms\nXQX,Quonia,Quonian\n")
    tables = load_tables(path)
    assert tables.country_names["XQX"] == "Quonia"
    assert "quonians" in tables.names
    assert "UNO" in NON_STATES


@pytest.mark.parametrize(
    ("start", "end", "date", "holds"),
    [
        ("2015", "", "2015-06-01", True),
        ("2015", "2016", "2016-12-31", True),
        ("2015", "2016", "2017-01-01", False),
        ("2015-10", "", "2015-09-30", False),
        ("2015-10-05", "2015-10-23", "2015-10-23", True),
        ("", "2015-10", "2015-10-31", True),
        ("", "", "1900-01-01", True),
    ],
)
def test_period(start: str, end: str, date: str, holds: bool) -> None:
    assert Period(start, end).holds(date) is holds


def test_folding() -> None:
    assert fold("Côte d’Ivoire") == "cote d’ivoire"
    assert key_of("Côte d’Ivoire") == "cote d ivoire"
    assert key_of("U.S.") == "u s"


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("gunman", "gunmen"), ("city", "cities"), ("Chinese", "Chinese"), ("church", "churches"),
        ("Czech", "Czech"), ("child", "children"), ("boss", "boss"), ("boy", "boys"),
    ],
)  # fmt: skip
def test_plural(one: str, many: str) -> None:
    assert _plural(one) == many


def test_holders_by_office() -> None:
    tables = load_tables()
    row = tables.holder("RUS", "president", "2015-03-04")
    assert row is not None
    assert row[0].name == "Vladimir Putin"
    assert tables.holder("RUS", "chief lamplighter", None) is None
    assert tables.office_of("President of the Republic") == "president"
    assert tables.office_of("keeper of lamps") is None


def test_words_that_are_neither_list_nor_table_are_left_out() -> None:
    tables = build_tables({}, {"a": ["x"], "b": {"k": "v"}, "c": 3}, {"d": 1})
    assert tables.words["a"] == {"x"}
    assert tables.words.map("b") == {"k": "v"}
    assert not tables.ambiguous
