"""Pronouns: who "he", "they" and "which" are, by agreement, salience and recency."""

from __future__ import annotations

from .draft import Draft
from .tables import Words
from .view import View

WINDOW = 3
"""Sentences back in which an antecedent is sought."""
SUBJECTS = frozenset(("nsubj", "nsubjpass", "csubj", "agent"))


def resolve_pronouns(view: View, words: Words, drafts: dict[int, Draft]) -> None:
    """Add a draft for every pronoun that stands for a party or a speaker."""
    groups = {
        name: words[f"pronouns_{name}"]
        for name in ("person_m", "person_f", "plural", "thing", "first", "relative")
    }
    for token in range(len(view.texts)):
        if view.sent[token] < 0 or view.pos[token] not in ("PRON", "DET", "SCONJ", "PROPN"):
            continue
        lower = view.lower[token]
        kind = next((name for name, group in groups.items() if lower in group), None)
        if kind is None or token in drafts:
            continue
        if view.pos[token] == "PROPN" and kind != "first":
            continue
        if kind == "first":
            if view.texts[token] == "US" or view.pos[token] == "PROPN":
                continue
            draft = Draft(token, token, token + 1, "pronoun", by="first_person")
            draft.plural = lower not in ("i", "me", "my", "mine", "myself")
            drafts[token] = draft
            continue
        if kind == "relative":
            found = _relative(view, drafts, token)
        elif kind == "thing":
            found = None if _expletive(view, words, token) else _best(view, drafts, token, kind)
        else:
            found = _best(view, drafts, token, kind)
        draft = Draft(token, token, token + 1, "pronoun")
        draft.gender = {"person_m": "m", "person_f": "f"}.get(kind)
        if found is not None:
            draft.take(found, "coreference")
            draft.kind = found.kind
            draft.plural = found.plural
        elif kind in ("person_m", "person_f"):
            draft.by = "unresolved"
        else:
            continue
        drafts[token] = draft


def _relative(view: View, drafts: dict[int, Draft], token: int) -> Draft | None:
    if view.tag[token] not in ("WDT", "WP", "WP$"):
        return None
    position, steps = token, 0
    while view.head[position] != position and steps < 12:
        if view.dep[position] == "relcl":
            head = view.head[position]
            found = drafts.get(head)
            if found is None:  # "members of the party who": the complement may be the party
                for other in range(token - 1, max(token - 6, -1), -1):
                    if other in drafts and not drafts[other].adjective:
                        return drafts[other]
            return found
        position = view.head[position]
        steps += 1
    if token and view.lower[token - 1] == ",":
        return drafts.get(token - 2)
    return drafts.get(token - 1)


def _expletive(view: View, words: Words, token: int) -> bool:
    """Whether "it" stands for nothing: weather, "it is clear that", "it seems"."""
    if view.lower[token] != "it" or view.dep[token] == "expl":
        return view.dep[token] == "expl"
    if view.dep[token] not in ("nsubj", "nsubjpass"):
        return False
    verb = view.head[token]
    if view.lemma[verb] in words["expletive_verbs"]:
        return True
    if view.dep[token] == "nsubjpass":
        return view.lower[verb] in words["expletive_adjectives"]
    if view.lemma[verb] == "be" or view.lemma[verb] == "become":
        for child in view.children[verb]:
            if view.dep[child] in ("acomp", "attr", "advmod", "oprd") and (
                view.lemma[child] in words["expletive_adjectives"]
                or view.lower[child] in words["expletive_adjectives"]
            ):
                return True
            if view.dep[child] in ("ccomp", "advcl") and child > verb:
                return True
    return False


def _agrees(draft: Draft, kind: str) -> bool:
    if draft.adjective or not draft.main or draft.kind == "pronoun":
        return False
    if kind == "person_m":
        return draft.kind in ("person", "role") and draft.gender != "f" and not draft.plural
    if kind == "person_f":
        return draft.kind in ("person", "role") and draft.gender != "m" and not draft.plural
    if kind == "plural":
        if draft.kind in ("person", "role"):
            return draft.plural
        return draft.kind in ("group", "organisation", "state")
    return draft.kind in ("organisation", "state", "group") and not (
        draft.plural and draft.kind == "group"
    )


def _best(view: View, drafts: dict[int, Draft], token: int, kind: str) -> Draft | None:
    """The antecedent with the highest score, None where none agrees."""
    sentence = view.sent[token]
    verb = view.head[token]
    best: Draft | None = None
    score = -100.0
    mentions: dict[int, int] = {}
    for position in range(token - 1, -1, -1):
        if view.sent[position] < 0:
            continue
        distance = sentence - view.sent[position]
        if distance > WINDOW:
            break
        draft = drafts.get(position)
        if draft is None:
            continue
        pronoun = view.pos[position] == "PRON"
        if draft.entity:
            mentions[draft.entity] = mentions.get(draft.entity, 0) + 1
        if not _agrees(draft, kind) or (pronoun and draft.by == "first_person"):
            continue
        # an object is not its own verb's subject ("Smith met him")
        if (
            view.dep[token] in ("dobj", "dative", "iobj")
            and view.head[position] == verb
            and view.lower[token] not in ("himself", "herself", "itself", "themselves")
        ):
            continue
        value = -2.0 * distance
        if view.dep[position] in SUBJECTS:
            value += 2.0
        elif view.dep[position] in ("dobj", "poss"):
            value += 0.5
        elif view.dep[position] == "pobj":
            value -= 0.5
        if kind in ("person_m", "person_f"):
            if draft.kind == "person":
                value += 1.0
            if draft.gender is not None:
                value += 1.0
        elif kind == "plural":
            if draft.plural:
                value += 1.5
            if draft.kind == "state":
                value -= 3.0
        elif draft.kind == "organisation":
            value += 0.5
        if draft.entity:
            value += 0.3 * mentions[draft.entity]
        value -= 0.01 * (token - position)
        if value > score:
            best, score = draft, value
    if kind in ("plural", "thing") and score < -4.5:
        return None
    return best
