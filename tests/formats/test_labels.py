"""The labels of older PLOVERs and of data sets are read, and what was changed is said."""

from __future__ import annotations

import pytest

from tests.formats.records import every_pair
from whowhom.codebook.loading import load
from whowhom.formats.terms import contexts, term

EIGHTEEN = (
    "AGREE", "CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT", "INVESTIGATE",
    "DEMAND", "DISAPPROVE", "REJECT", "THREATEN", "PROTEST", "SANCTION", "MOBILIZE", "COERCE",
    "ASSAULT", "FIGHT",
)  # fmt: skip
NGEC_ADDS = (
    ("RETREAT", "return"), ("THREATEN", "ban"), ("THREATEN", "rights"), ("COERCE", "ban"),
    ("ASSAULT", "execute"), ("ASSAULT", "assassinate"), ("ASSAULT", "cleansing"),
    ("ASSAULT", "massacre"),
)  # fmt: skip
NGEC_LACKS = {("PROTEST", "vandalize"), ("COERCE", "martial-law"), ("ASSAULT", "targeted")}


@pytest.mark.parametrize("label", EIGHTEEN)
def test_the_eighteen_types(label: str) -> None:
    found = term(label, None)
    assert found.event_type in load().types
    assert bool(found.note) == (label not in load().types)


def test_the_sixty_seven_pairs_stay_as_they_are() -> None:
    pairs = every_pair()
    assert sum(mode is not None for _, mode in pairs) == 67
    for event_type, mode in pairs:
        assert term(event_type, mode) == (event_type, mode, "")


def test_the_seventy_two_pairs_of_ngec() -> None:
    ours = {pair for pair in every_pair() if pair[1] is not None}
    theirs = (ours - NGEC_LACKS) | set(NGEC_ADDS)
    assert len(theirs) == 72
    for event_type, mode in theirs:
        found = term(event_type, mode)
        assert found.event_type == event_type
        assert found.mode is None or (event_type, found.mode) in ours
        assert bool(found.note) == ((event_type, mode) in NGEC_ADDS)


@pytest.mark.parametrize(
    ("label", "event_type", "mode"),
    [
        (("ASSAULT", "sideAB"), "ASSAULT", None),
        (("COERCE", "martial_law"), "COERCE", "martial-law"),
        (("ASSAULT", "suicide attack"), "ASSAULT", "suicide-attack"),
        (("protest", "Demo"), "PROTEST", "demo"),
        (("YIELD", None), "CONCEDE", None),
        (("DISAPPROVE", None), "ACCUSE", "disapprove"),
    ],
)
def test_spellings_of_data_sets(
    label: tuple[str, str | None], event_type: str, mode: str | None
) -> None:
    found = term(*label)
    assert (found.event_type, found.mode) == (event_type, mode)
    assert found.note


def test_a_type_that_plover_has_given_up_says_why() -> None:
    with pytest.raises(ValueError, match="crime is a context"):
        term("CRIME", None)


def test_contexts_in_plovers_spelling() -> None:
    given = ["pro-democracy", "natural_resources", "humanitarian", "Military", "military", ""]
    assert contexts(given) == ["pro_democracy", "natural_resource", "human_security", "military"]
