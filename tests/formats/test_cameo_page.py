"""docs/cameo.md says what the crosswalk does."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

from tests.formats.records import every_pair
from whowhom.formats import cameo
from whowhom.model import SECTORS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cameo.md"
TEXT = PAGE.read_text()


def table(header: str) -> list[list[str]]:
    found = re.search(rf"^\| {re.escape(header)} \|.*\n\|[-|]+\n((?:\|.*\n)+)", TEXT, re.M)
    assert found, header
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in found[1].splitlines()]


def test_every_pair_is_in_the_table_with_its_code() -> None:
    rows = table("type | mode | code")
    assert [(row[0], row[1] or None) for row in rows] == every_pair()
    for event_type, mode, code, contexts, back, reason in rows:
        found = cameo.code_of(event_type, mode or None)
        assert found is not None
        assert found.code == code
        same = (found.event_type, found.mode or "") == (event_type, mode)
        assert back == ("" if same else " ".join(filter(None, (found.event_type, found.mode))))
        assert bool(reason) == (not same)
        for item in filter(None, contexts.split(", ")):
            context, refined = item.split(" ")
            other = cameo.code_of(event_type, mode or None, [context])
            assert other is not None
            assert other.code == refined


def test_the_counts_of_the_page() -> None:
    pairs = [pair for pair in every_pair() if pair[1] is not None]
    same = 0
    for event_type, mode in pairs:
        code = cameo.code_of(event_type, mode)
        same += code is not None and (code.event_type, code.mode) == (event_type, mode)
    assert f"{len(cameo.codes())} CAMEO codes" in TEXT
    assert f"{same} of {len(pairs)} are read back" in TEXT
    assert f"Version {cameo.version()}." in TEXT
    assert f"In {sum(len(e['codes']) for e in cameo.tables()['differs'])} codes the mode" in TEXT
    for reason in cameo.tables()["reasons"]:
        assert f"`{reason}`" in TEXT


def test_the_sectors_of_the_page() -> None:
    named = set()
    for sectors, role, back in table("PLOVER | CAMEO | read back as"):
        for sector in re.findall(r"[A-Z]{3}", sectors):
            named.add(sector)
            written = cameo.role_of(sector)
            assert written == ("" if not role else sector if role == "the same" else role)
            came = cameo.sector_of(written) or "lost"
            assert came == (sector if back == "the same" else back)
    assert named == SECTORS


def test_the_examples_of_the_page() -> None:
    assert doctest.testfile(str(PAGE), module_relative=False).failed == 0
