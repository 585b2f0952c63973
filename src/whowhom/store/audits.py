"""The samples of audits: a small file each in the folder ``audits`` of the store.

They hold ids of events and names of strata, no text of documents.
"""

from __future__ import annotations

from pathlib import Path

AUDITS = "audits"


def audit_files(store: Path) -> list[Path]:
    """The files of a store's samples, oldest first."""
    found = [path for path in (store / AUDITS).glob("*.json") if path.stem.isdigit()]
    return sorted(found, key=lambda path: int(path.stem))
