"""What is published says what is in it, under which licence, and holds nothing else."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PARTS = tomllib.loads((ROOT / "src/whowhom/data/bundled.toml").read_text())["part"]


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"ci_{name}", ROOT / ".ci" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def sbom() -> ModuleType:
    return load("sbom")


@pytest.fixture(scope="module")
def contents() -> ModuleType:
    return load("contents")


def test_one_version_everywhere() -> None:
    citation = (ROOT / "CITATION.cff").read_text()
    assert f"\nversion: {PROJECT['version']}\n" in citation
    changes = (ROOT / "CHANGELOG.md").read_text()
    day = re.search(r"^date-released: (\S+)$", citation, re.M)
    assert day
    assert f"## {PROJECT['version']} ({day[1]})" in changes


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part["name"])
def test_a_part_of_others_is_named_with_its_licence(part: dict[str, str]) -> None:
    assert len((ROOT / "LICENSES" / f"{part['licence']}.txt").read_text()) > 500
    assert part["name"] in (ROOT / "NOTICE").read_text()
    assert part["licence"] in PROJECT["license"]
    for name in part["files"]:
        assert (ROOT / "src/whowhom" / name).is_file()


def test_the_bill_in_the_package_is_that_of_its_files(sbom: ModuleType) -> None:
    assert sbom.BUNDLED.read_text() == sbom.bundled(), "run: python .ci/sbom.py bundled"


def test_a_wrong_bill_is_not_written(sbom: ModuleType) -> None:
    bill = json.loads(sbom.bundled())
    bill["components"][0]["type"] = "something"
    with pytest.raises(ValueError, match=r"CycloneDX 1\.6"):
        sbom.write(bill)


def test_the_bill_of_an_environment(sbom: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sbom, "write", lambda bill: bill)
    bill = sbom.everything(sys.executable)
    monkeypatch.undo()
    # the environment of the tests is large; that a bill of these packages is valid needs a few
    known = {"whowhom", "spacy", "numpy", "GeoNames", "PLOVER"}
    few = [c for c in bill["components"] if c["name"] in known]
    sbom.write({**bill, "components": few, "dependencies": bill["dependencies"][:3]})
    assert bill["metadata"]["component"]["name"] == "whowhom"
    names = {c["name"]: c for c in bill["components"]}
    assert names["spacy"]["version"] == version("spacy")
    assert names["spacy"]["purl"].startswith("pkg:pypi/spacy@")
    assert names["GeoNames"]["licenses"] == [{"license": {"id": "CC-BY-4.0"}}]
    # whoever reads it learns nothing of the machine that it was made on
    assert "file://" not in json.dumps(bill)
    assert str(ROOT) not in json.dumps(bill)


def wheel(path: Path, names: set[str], size: int = 1) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(names):
            archive.writestr(name, "x" * size)
    return path


def whole(contents: ModuleType) -> set[str]:
    licences = {f"LICENSES/{p.name}" for p in (ROOT / "LICENSES").iterdir()} | {"LICENSE", "NOTICE"}
    return (
        {f"whowhom/{name}" for name in contents.DATA}
        | {f"whowhom-1.dist-info/licenses/{name}" for name in licences}
        | {"whowhom-1.dist-info/sboms/bundled.cdx.json"}
    )


def test_a_whole_wheel_may_go(contents: ModuleType, tmp_path: Path) -> None:
    assert contents.wrong(wheel(tmp_path / "a.whl", whole(contents))) == []


@pytest.mark.parametrize(
    ("more", "less", "said"),
    [
        ("scratch/notes.txt", "", "does not belong here"),
        ("whowhom/__pycache__/x.pyc", "", "does not belong here"),
        ("../outside", "", "leaves the archive"),
        ("", "whowhom/data/model/encoder.onnx", "encoder.onnx is missing"),
        ("", "whowhom-1.dist-info/licenses/LICENSES/CC-BY-4.0.txt", "CC-BY-4.0.txt is missing"),
        ("", "whowhom-1.dist-info/sboms/bundled.cdx.json", "bundled.cdx.json is missing"),
    ],
)
def test_what_must_not_go(
    more: str, less: str, said: str, contents: ModuleType, tmp_path: Path
) -> None:
    names = (whole(contents) | {more}) - {less, ""}
    (line,) = contents.wrong(wheel(tmp_path / "a.whl", names))
    assert said in line


def test_a_heavy_wheel_must_not_go(
    contents: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "MOST_BYTES", 1_000)
    (line,) = contents.wrong(wheel(tmp_path / "a.whl", whole(contents)))
    assert "1,000 at most" in line
