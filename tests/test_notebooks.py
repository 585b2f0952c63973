"""The notebooks of examples/notebooks run, and show what is stored in them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from nbformat import NotebookNode

FOLDER = Path(__file__).resolve().parents[1] / "examples" / "notebooks"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("notebooks_build", FOLDER / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


build = load()


@pytest.fixture(scope="module")
def executed() -> dict[str, NotebookNode]:
    return dict(zip(build.NAMES, build.executed(build.NAMES), strict=True))


@pytest.mark.parametrize("name", build.NAMES)
def test_a_notebook_shows_what_is_stored(executed: dict[str, NotebookNode], name: str) -> None:
    found = build.differences(build.stored(name), executed[name])
    assert not found, "\n".join(
        ["what it shows has changed; if it should: python examples/notebooks/build.py", *found]
    )


def test_charts_are_stored_as_pictures() -> None:
    for name, least in (("crisis", 3), ("own_codebook", 1)):
        kinds = [
            kind
            for cell in build.stored(name).cells
            for output in cell.get("outputs", [])
            for kind in output.get("data", {})
        ]
        assert kinds.count("image/png") >= least


def test_a_difference_is_seen() -> None:
    one, other = build.stored("quick_start"), build.stored("quick_start")
    assert build.differences(one, other) == []
    cell = next(cell for cell in other.cells if cell.get("outputs"))
    cell.outputs[0].data["text/plain"] = "<Events: 99>"
    assert any("99" in line for line in build.differences(one, other))
