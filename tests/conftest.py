"""What every test may use: one loaded pipeline a session, and a quick way to a parse."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from whowhom.model import Document, Parsed
from whowhom.parse import Parser

if TYPE_CHECKING:
    from spacy.language import Language


@pytest.fixture(scope="session")
def parser() -> Parser:
    return Parser()


@pytest.fixture(scope="session")
def nlp(parser: Parser) -> Language:
    return parser.nlp


@pytest.fixture(scope="session")
def parsed(parser: Parser) -> Callable[..., Parsed]:
    def make(text: str, date: str | None = None, title: str | None = None) -> Parsed:
        published = dt.date.fromisoformat(date) if date else None
        return parser.parse(Document("test", text, title=title, published=published))

    return make


@pytest.fixture(autouse=True)
def present_names() -> Iterator[None]:
    """States are called by their present names, whatever a test before set."""
    from whowhom.analyse.names import ERA

    token = ERA.set(None)
    yield
    ERA.reset(token)
