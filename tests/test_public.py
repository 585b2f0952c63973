"""What `import whowhom` offers, and what calling it gives."""

from __future__ import annotations

import doctest
import subprocess
import sys

import pytest

import whowhom
from whowhom import errors


def test_the_exported_names_are_there_and_documented() -> None:
    for name in whowhom.__all__:
        value = getattr(whowhom, name)
        if name != "__version__":
            assert value.__doc__, name
    assert whowhom.__version__
    with pytest.raises(AttributeError):
        _ = whowhom.no_such_name


def test_the_docstring_is_true() -> None:
    assert doctest.testmod(whowhom).failed == 0


def test_importing_loads_nothing_heavy() -> None:
    code = (
        "import sys, whowhom; "
        "heavy = {'spacy', 'duckdb', 'pyarrow', 'pandas', 'numpy'} & set(sys.modules); "
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_text_a_mapping_and_a_list_can_be_coded() -> None:
    text = "Police in Nairobi arrested three journalists on Tuesday."
    alone = whowhom.code(text, date="2004-06-10")
    assert [e.event_type for e in alone] == ["COERCE"]
    assert str(alone[0].date) == "2004-06-08"
    several = whowhom.code(
        [{"text": text, "published": "2004-06-10"}, {"text": ""}], outlet="The Example"
    )
    assert [e.event_type for e in several] == ["COERCE"]
    assert several[0].document.outlet == "The Example"
    assert [s.reason for s in several.skipped] == ["bad_record"]


def test_a_wrong_date_is_named() -> None:
    with pytest.raises(whowhom.InputError, match=r"2015-10-23"):
        whowhom.code("Iran met Iraq.", date="yesterday")


def test_errors_say_what_where_and_what_to_do() -> None:
    import pickle

    error = errors.InputError("no text", where="a.txt: line 3", do="Add some.", reason="empty")
    assert str(error) == "a.txt: line 3: no text. Add some."
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - what the engine's workers send
    assert (str(again), again.reason) == (str(error), "empty")
    locked = errors.StoreLocked("locked", where="s")
    assert str(pickle.loads(pickle.dumps(locked))) == str(locked)  # noqa: S301
    assert str(errors.UsageError("plain")) == "plain"
