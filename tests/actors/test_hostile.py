"""No text makes the stage fail, and none takes long by its shape."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whowhom.actors import ActorResolver
from whowhom.model import Parsed

PIECES = [
    "the", "US", "president", "of", "Iran", "'s", "and", ",", ".", "(", ")", '"', "police",
    "Mr", "Kerry", "he", "they", "it", "which", "both", "sides", "two", "leaders", "who", "-",
    "Gen.", "al", "de", "spokesman", "former", "elect", "25", "killed", "THE", "French",
    "the group", "U.S.", "d'Ivoire", "\n", "Ünder", "北京", "’s", "\u200b", "I", "group",
]  # fmt: skip


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join), st.booleans())
def test_any_text(
    parsed: Callable[..., Parsed], resolver: ActorResolver, text: str, dated: bool
) -> None:
    parse = parsed(text, "2015-10-23" if dated else None, text[:30] or None)
    for token, party in resolver.resolve(parse).by_token.items():
        assert 0 <= token < len(parse.doc)
        assert parse.reading.text[party.start : party.end] == party.text
        assert party.text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "police " * 600,
        "the president of " * 300,
        "French and " * 400 + "Spanish police fled.",
        "Kerry's " * 300,
        "(" * 50 + "Iran" + ")" * 50,
        "Gen. " * 200 + "Fenwick",
        "US. " * 200,
        "a\u0301\u200d\u202eIran",
    ],
)
def test_shapes(parsed: Callable[..., Parsed], resolver: ActorResolver, text: str) -> None:
    parse = parsed(text, "2015-10-23")
    for party in resolver.resolve(parse):
        assert parse.reading.text[party.start : party.end] == party.text
