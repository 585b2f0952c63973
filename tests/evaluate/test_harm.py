"""Files that are not what they should be end in an error of ours, or in gold that is right."""

from __future__ import annotations

import io
import json
import random
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.stub import StubCoder
from tests.evaluate.examples import ANNA
from tests.evaluate.test_exchange import exported
from whowhom.errors import UsageError, WhowhomError
from whowhom.evaluate.codings import read_coding
from whowhom.evaluate.exchange import read, write
from whowhom.evaluate.gold import check_gold, read_gold

JUNK = (None, 0, -1, 3.5, True, "", "x", [], {}, [1], {"a": 1}, "🕊", 10**30, [[]])


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, (*path, key))
    elif isinstance(value, list):
        for key, item in enumerate(value):
            yield from _places(item, (*path, key))


def _harmed(value: Any, chance: random.Random) -> Any:
    """The value with one to three things in it taken out or put in another's place."""
    value = json.loads(json.dumps(value))
    for _ in range(chance.randint(1, 3)):
        path = chance.choice(list(_places(value)) or [("none",)])
        holder = value
        for key in path[:-1]:
            holder = holder[key]
        if chance.random() < 0.3 and path[-1] != "none":
            del holder[path[-1]]
        elif path[-1] != "none":
            holder[path[-1]] = chance.choice(JUNK)
    return value


def _good(form: str) -> Any:
    gold = read_gold(ANNA)
    if form == "label-studio":
        return exported()[1:2]
    if form == "inception":
        with zipfile.ZipFile(io.BytesIO(write(gold, form))) as archive:
            return json.loads(archive.read("coast-2.json"))
    if form == "events":
        return _event()
    return json.loads(write(gold, form).splitlines()[1])


def _event() -> Any:
    from whowhom.model import Document

    (event,) = StubCoder().code(Document("a", "Kenya shelled Uganda.")).events
    return event.to_dict()


@pytest.mark.parametrize("form", ["whowhom", "label-studio", "doccano", "inception", "events"])
def test_harm(tmp_path: Path, form: str) -> None:
    good, file = _good(form), tmp_path / "harmed"
    refused: list[str] = []
    for seed in range(40):
        chance = random.Random(seed)  # noqa: S311 - no secret
        file.write_text(json.dumps(_harmed(good, chance)))
        try:
            if form == "events":
                read_coding(file)
                continue
            found = read(file, form).documents
        except WhowhomError as error:
            refused.append(str(error))
            continue
        again = tmp_path / "gold.jsonl"
        again.write_bytes(write(found, "whowhom"))
        if found:
            assert check_gold(again)[1] == []
    assert refused
    assert all(str(file) in error for error in refused)


def test_without_the_package_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cassis", None)
    with pytest.raises(UsageError, match=r"pip install 'whowhom\[gold\]'"):
        write(read_gold(ANNA), "inception")
