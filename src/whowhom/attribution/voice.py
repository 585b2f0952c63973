"""In what voice a sentence speaks: report, the author's judgement, or a call to act."""

from __future__ import annotations

import re

from whowhom.attribution.language import VoiceWords, voice_words
from whowhom.attribution.tree import Tree
from whowhom.model import Parsed, Voice

# Judging words in a report are as often a name or a quotation cut short: one is no proof.
_REPORT_MARKS = 2


def voice_of(
    tree: Tree, parsed: Parsed, token: int, *, attributed: bool, cue: bool = False
) -> tuple[Voice, list[str]]:
    """The voice of the sentence around a token, with the words that decided it.

    What stands in somebody else's mouth is ``reported``, whatever it says: whose
    opinion it is can be read from the attribution. So does the cue of a named speaker.
    """
    if attributed or cue:
        return "reported", []
    words = voice_words()
    opinionated = parsed.document.genre == "opinion"
    low, high = tree.bounds[tree.sentence[token]]
    text = " ".join(tree.lower[low:high]).replace("’", "'").replace(" n't", "n't")
    text = " " + re.sub(r"\s+", " ", text.replace(" 's", "'s")) + " "
    call = _call(tree, words, token, low, high, text, opinionated=opinionated)
    if call is not None:
        return "advocacy", [call]
    marks = _marks(tree, words, low, high, text)
    if opinionated:
        if marks:
            return "opinion", [marks[0], "genre:opinion"]
        if _dated(tree, words, low, high):
            return "reported", ["fact:dated"]
        return "opinion", ["genre:opinion"]
    if len(marks) >= _REPORT_MARKS and _own_person(tree, words, low, high, text):
        return "opinion", marks[:2]
    return "reported", []


def wished(tree: Tree, token: int) -> bool:
    """Whether a token's verb is no finite past or present: an act that is called for."""
    node = token
    for _ in range(len(tree)):
        if tree.pos[node] in ("VERB", "AUX") or tree.head[node] == node:
            break
        node = tree.head[node]
    return tree.tag[node] not in ("VBD", "VBZ", "VBN")


def _call(
    tree: Tree, words: VoiceWords, token: int, low: int, high: int, text: str, *, opinionated: bool
) -> str | None:
    """The word by which a sentence calls to act, or None."""
    for phrase in words.advocacy_phrases:
        if f" {phrase} " in text and (opinionated or phrase.split()[0] in words.first_person):
            return f"phrase:{phrase}"
    if not opinionated:
        return None
    for i in (token, *tree.ancestors(token)):
        for a in tree.kids(i, "aux"):
            if tree.lower[a] in words.duty_modals and not any(
                tree.lower[c] == "have" for c in tree.kids(i, "aux")
            ):
                return f"modal:{tree.lower[a]}"
        if (
            tree.lemma[i] in words.duty_verbs
            and tree.tag[i] in ("VBP", "VBZ")
            and any(
                tree.lower[a] == "to" for x in tree.kids(i, "xcomp") for a in tree.kids(x, "aux")
            )
            and i != token
        ):
            return f"duty:{tree.lower[i]} to"
        if (
            tree.dep[i] == "ROOT"
            and tree.tag[i] == "VB"
            and tree.kid(i, "nsubj", "nsubjpass", "expl", "aux") is None
        ):
            return "imperative"
    return None


def _marks(tree: Tree, words: VoiceWords, low: int, high: int, text: str) -> list[str]:
    found = [f"phrase:{phrase}" for phrase in words.opinion_phrases if f" {phrase} " in text]
    found += [
        f"word:{tree.lower[i]}"
        for i in range(low, high)
        if tree.lower[i] in words.opinion_words or tree.lemma[i] in words.opinion_words
    ]
    if text.rstrip().endswith(("?", "!", '? "', '! "')):
        found.append("mark:" + text.rstrip(' "”’')[-1:])
    found += [
        f"superlative:{tree.lower[i]}"
        for i in range(low, high)
        if tree.tag[i] in words.superlative_tags
        and tree.lower[i] not in ("least", "most", "latest")
    ]
    return found


def _own_person(tree: Tree, words: VoiceWords, low: int, high: int, text: str) -> bool:
    return any(tree.lower[i] in words.first_person for i in range(low, high))


def _dated(tree: Tree, words: VoiceWords, low: int, high: int) -> bool:
    """A day and a proper name: a sentence that tells what was done, not what to think."""
    return any(tree.lower[i] in words.dates for i in range(low, high)) and any(
        tree.pos[i] == "PROPN" for i in range(low, high)
    )
