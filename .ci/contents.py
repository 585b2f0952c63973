"""What a wheel or a source archive holds, and whether it may be published.

python .ci/contents.py dist/*        sizes, and 1 where something is missing or too much
"""

from __future__ import annotations

import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST_BYTES = 60_000_000
# names that mean that a working folder was packed with the work
STRAY = ("scratch/", ".venv", "__pycache__", ".pyc", "whowhom-demo", ".cache/", "dist/", "build/")
# what a user cannot do without, from the package's root
DATA = (
    "py.typed",
    "data/model/encoder.onnx",
    "data/model/LICENSE-Apache-2.0.txt",
    "data/places/places.npz",
    "data/places/NOTICE.md",
    "data/map/LICENCE.txt",
    "data/actors/SOURCES.md",
    "data/examples/documents.jsonl",
    "data/bundled.cdx.json",
)


def names(archive: Path) -> list[str]:
    """The files in a wheel or a source archive."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.namelist()
    with tarfile.open(archive) as packed:
        return [m.name for m in packed.getmembers() if m.isfile()]


def wrong(archive: Path) -> list[str]:
    """What speaks against publishing this archive, one sentence each."""
    found = names(archive)
    size = archive.stat().st_size
    said = []
    if size > MOST_BYTES:
        said.append(f"{size:,} bytes, {MOST_BYTES:,} at most")
    said += [f"{name} does not belong here" for name in found if any(s in name for s in STRAY)]
    said += [f"{name} leaves the archive" for name in found if ".." in name or name[0] == "/"]
    texts = {f"LICENSES/{path.name}" for path in (ROOT / "LICENSES").iterdir()}
    needed = {"LICENSE", "NOTICE", *texts}
    if archive.suffix == ".whl":
        needed = {f".dist-info/licenses/{name}" for name in needed}
        needed |= {f"whowhom/{name}" for name in DATA} | {".dist-info/sboms/bundled.cdx.json"}
    else:
        needed |= {f"src/whowhom/{name}" for name in DATA}
        needed |= {"docs/tutorial.md", "tests/conftest.py", ".ci/run", "CHANGELOG.md"}
    said += [f"{name} is missing" for name in sorted(needed) if not _has(found, name)]
    listed = tomllib.loads((ROOT / "src/whowhom/data/bundled.toml").read_text(encoding="utf-8"))
    for part in listed["part"]:
        if f"LICENSES/{part['licence']}.txt" not in texts:
            said.append(f"LICENSES has no text of {part['licence']}, the licence of {part['name']}")
    return said


def _has(found: list[str], ending: str) -> bool:
    return any(name.endswith(ending) for name in found)


def main() -> None:
    archives = [Path(name) for name in sys.argv[1:] if name.endswith((".whl", ".tar.gz"))]
    if not archives:
        sys.exit(__doc__)
    bad = 0
    for archive in archives:
        said = wrong(archive)
        size = archive.stat().st_size
        print(f"{archive.name}: {size / 1e6:.1f} MB, {len(names(archive))} files")
        for line in said:
            print(f"  {line}")
        bad += bool(said)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
