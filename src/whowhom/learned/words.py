"""What the model looks at: the words that may carry an event, the mentions that may take part,
and the way between the two in the dependency tree. Training and run time share this file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..parse.tokens import Token

CARRIERS = frozenset({"VERB", "NOUN", "ADJ", "PROPN", "AUX", "ADV"})
MENTIONS = frozenset({"NOUN", "PROPN", "PRON", "ADJ", "NUM", "DET"})
_STEPS = 6  # a longer way between trigger and mention tells nothing that a bound of 6 does not
_PREPOSITIONS = ("prep", "agent", "dative")


def may_carry(token: Token) -> bool:
    """Whether a word can be the trigger of an event."""
    return token.pos_ in CARRIERS and token.dep_ not in ("aux", "auxpass") and len(token) > 1


def may_take_part(token: Token) -> bool:
    """Whether a word can be the head of an actor's, a recipient's or a speaker's mention."""
    if token.pos_ not in MENTIONS:
        return False
    # inside a name only its head counts, except where another party's name stands in it
    return token.dep_ not in ("compound", "nummod") or token.pos_ == "PROPN"


def mention_heads(tokens: Iterable[Token]) -> list[Token]:
    return [token for token in tokens if may_take_part(token)]


def way(trigger: Token, mention: Token) -> str:
    """The dependency way from a trigger to a mention: labels up ("<") and down (">"), with the
    words of prepositions, as "<conj>nsubj" or ">prep:against>pobj"."""
    up: list[Token] = [trigger]
    for _ in range(_STEPS):
        if up[-1].head is up[-1] or up[-1].head.i == up[-1].i:
            break
        up.append(up[-1].head)
    places = {token.i: n for n, token in enumerate(up)}
    down: list[Token] = []
    at = mention
    for _ in range(_STEPS):
        if at.i in places:
            break
        down.append(at)
        if at.head.i == at.i:
            break
        at = at.head
    if at.i not in places:
        return "far"
    rise = "".join(f"<{token.dep_}" for token in up[: places[at.i]])
    fall = "".join(f">{_label(token)}" for token in reversed(down))
    passive = (
        "!" if any(c.dep_ in ("auxpass", "nsubjpass") for c in trigger.children) else ""
    ) + trigger.pos_[0]
    return f"{passive}{rise}{fall}"


def _label(token: Token) -> str:
    return f"{token.dep_}:{token.lower_}" if token.dep_ in _PREPOSITIONS else token.dep_


def distance(trigger: Token, mention: Token) -> int:
    """A coarse distance in words, signed: -4 to 4 (the mention stands before where negative)."""
    steps = mention.i - trigger.i
    size = abs(steps)
    coarse = 1 if size <= 2 else 2 if size <= 5 else 3 if size <= 12 else 4
    return coarse if steps > 0 else -coarse
