"""What merging goes by: ``data/merge.toml``."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Copies:
    words: int
    hashes: int
    bands: int
    share: float
    days: int


@dataclass(frozen=True, slots=True, eq=False)
class MergeSettings:
    """Types that may be one act, statuses that go together, weights, limits."""

    state_sectors: frozenset[str]
    related: frozenset[frozenset[str]]
    mutual: frozenset[str]
    saying: frozenset[str]
    status_group: Mapping[str, int]
    endings: tuple[str, ...]
    copies: Copies
    weights: Mapping[str, float]
    threshold: float
    block_size: int
    group_size: int
    digest: str  # of the file: part of what a merge was made with

    def related_types(self, left: str, right: str) -> bool:
        return left == right or frozenset((left, right)) in self.related


@lru_cache(maxsize=1)
def settings() -> MergeSettings:
    """The shipped settings."""
    raw = resources.files("whowhom.data").joinpath("merge.toml").read_bytes()
    data = tomllib.loads(raw.decode("utf-8"))
    return MergeSettings(
        state_sectors=frozenset(data["parties"]["state_sectors"]),
        related=frozenset(frozenset(pair) for pair in data["types"]["related"]),
        mutual=frozenset(data["types"]["mutual"]),
        saying=frozenset(data["types"]["saying"]),
        status_group={s: n for n, group in enumerate(data["status"]["groups"]) for s in group},
        endings=tuple(data["words"]["endings"]),
        copies=Copies(**data["copies"]),
        weights=data["weights"],
        threshold=data["decision"]["threshold"],
        block_size=data["decision"]["block_size"],
        group_size=data["decision"]["group_size"],
        digest=hashlib.sha256(raw).hexdigest(),
    )
