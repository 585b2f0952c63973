"""Events over their sentences: no word is lost, and each role is where its words are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whowhom.web.drawing import ROLES, Span, locate, nearest, pieces

SPANS = st.lists(
    st.builds(
        Span, st.sampled_from(sorted(ROLES)), st.integers(-5, 60), st.integers(-5, 60)
    ),
    max_size=8,
)  # fmt: skip


@given(st.text(max_size=50), SPANS)
def test_nothing_is_lost_or_doubled(text: str, spans: list[Span]) -> None:
    assert "".join(p.text for p in pieces(text, spans)) == text


@given(st.text(min_size=10, max_size=50), SPANS)
def test_every_role_that_fits_is_there(text: str, spans: list[Span]) -> None:
    made = {role for p in pieces(text, spans) for role in p.roles}
    assert made == {s.role for s in spans if 0 <= s.start < s.end <= len(text)}


def test_overlapping_roles_are_both_named() -> None:
    made = pieces("The Kenyan army fired", [Span("actor", 0, 15), Span("place", 4, 10)])
    assert [(p.text, p.roles) for p in made if p.roles] == [
        ("The ", ("actor",)),
        ("Kenyan", ("actor", "place")),
        (" army", ("actor",)),
    ]


def test_words_are_found_near_where_they_should_be() -> None:
    assert locate("a Kenya b Kenya", 10, "Kenya", 5) == (10, 15)
    assert locate("a Kenya b", 3, "Kenya", 5) == (2, 7)  # blanks were folded
    assert locate("x" * 200 + "Kenya", 0, "Kenya", 5) is None  # another mention
    assert nearest("ab ab", "ab", 4) == (3, 5)
    assert nearest("ab", "", 0) is None
