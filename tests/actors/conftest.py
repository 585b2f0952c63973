"""A resolver over the shipped tables, and a short way to ask it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from whowhom.actors import ActorResolver
from whowhom.model import Parsed, Party

Ask = Callable[..., Party | None]


@pytest.fixture(scope="session")
def resolver() -> ActorResolver:
    return ActorResolver()


@pytest.fixture(scope="session")
def ask(parsed: Callable[..., Parsed], resolver: ActorResolver) -> Ask:
    """The party at the nth token that reads so, in a text of a day."""

    def answer(
        text: str, word: str, date: str | None = "2015-10-23", *, nth: int = 0,
        title: str | None = None,
    ) -> Party | None:  # fmt: skip
        parse = parsed(text, date, title)
        tokens = [token for token in parse.doc if token.text == word]
        assert len(tokens) > nth, f"{word!r} is no token of {text!r}"
        return resolver.resolve(parse).at(tokens[nth])

    return answer
