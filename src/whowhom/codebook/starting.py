"""Start a codebook of one's own: a folder with one type to change, and comments that teach."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Literal

from ..errors import UsageError
from .editor import PARTS, json_text

Start = Literal["plover", "nothing"]
STARTS: tuple[Start, ...] = ("plover", "nothing")


def start(folder: Path, base: Start = "plover") -> list[Path]:
    """Write a codebook that passes its check into a folder, which is made where there is none.

    Args:
        base: ``plover`` lays it over the shipped codebook, ``nothing`` starts without one.

    Returns:
        The files that were written: the codebook's, and the schemas that editors check it by.

    Raises:
        UsageError: the folder is not empty, or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            "it exists and is not empty", where=str(folder), do="Name a folder that is new."
        )
    templates = resources.files("whowhom.data").joinpath("codebooks", "new", base)
    contents = {
        item.name: item.read_text(encoding="utf-8")
        for item in templates.iterdir()
        if item.name.endswith(".toml")
    }
    contents |= {f"{part}.schema.json": json_text(part) for part in PARTS}
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in sorted(contents):
            (folder / name).write_text(contents[name], encoding="utf-8")
            written.append(folder / name)
    except OSError as error:
        raise UsageError(f"it cannot be written: {error.strerror}", where=str(folder)) from error
    return written
