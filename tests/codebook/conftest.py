"""What every command loads is the same: these tests load it once."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

import whowhom.parse
from whowhom.codebook import difference, load, trial
from whowhom.pipeline import Coder
from whowhom.settings import DEFAULT


@functools.cache
def base() -> Coder:
    return Coder(settings=dataclasses.replace(DEFAULT, read_all=True))


PARSER = functools.cache(whowhom.parse.Parser)


@pytest.fixture(scope="module")
def _loaded_once() -> Iterator[None]:
    def coder(*, codebook: Path | None, **_: object) -> Coder:
        return base().with_codebook(load(codebook))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial, "Coder", coder)
        patch.setattr(difference, "Coder", coder)
        patch.setattr(whowhom.parse, "Parser", PARSER)
        yield
