"""What the tests of this stage share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from whowhom.model import Document, Skipped
from whowhom.read import Defaults, read
from whowhom.settings import DEFAULT, Settings

SENTENCE = "Fishermen blocked the harbour of Walvis Bay on Monday to protest new quotas."
SECOND = "Kenya's labour minister met dock workers in Mombasa and promised a review."


def sort_out(
    inputs: Sequence[str | Path] | Path,
    defaults: Defaults = Defaults(),  # noqa: B008
    settings: Settings = DEFAULT,
) -> tuple[list[Document], list[Skipped]]:
    """The documents and the reasons that inputs give."""
    paths = [inputs] if isinstance(inputs, Path) else inputs
    items = list(read(paths, defaults, settings))
    documents = [item for item in items if isinstance(item, Document)]
    return documents, [item for item in items if isinstance(item, Skipped)]


def page(body: str, head: str = "") -> str:
    return f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
