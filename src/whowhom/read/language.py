"""Is a text English? Only what certainly is not is left out, with the language's name.

Most texts are decided by their letters and their commonest words, in microseconds. For the
rest py3langid (97 languages, a naive Bayes model inside the package) weighs the bytes; it is
loaded only then. Headlines, lists and mixed texts stay in: what is not sure is read.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import TYPE_CHECKING

from whowhom.languages import ENGLISH, Language, is_installed, language, share
from whowhom.read.words import inputs
from whowhom.settings import DEFAULT, Settings

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_LONGEST_WORD = 30
"""Letters of a word; longer runs are encoded data."""
_WORD = re.compile(r"(?<![\w@/.#-])[^\W\d_]+(?:['’][^\W\d_]+)*(?![\w@/])")
"""Whole words: no parts of numbers, addresses and encoded data."""


def other_language(title: str | None, text: str, settings: Settings = DEFAULT) -> str | None:
    """Why a document is not read as English; None where it is, or where that is not sure.

    Looks at the title and the beginning of the text and, where that is not English, also
    at the middle of a long text: a page whose second half is English is read.
    """
    if not settings.check_language:
        return None
    size = settings.language_sample_characters
    sample = f"{title or ''}\n{text[:size]}"[:size]
    reason = _not_english(sample, settings)
    if reason is not None and (spoken := _spoken(sample, settings)) is not None:
        if is_installed(spoken.code):
            return None
        missing = f"{spoken.name}, whose pipeline is not installed; {spoken.install}"
        return f"the text is not English; it is {missing}"
    if reason and len(text) > 2 * size:
        half = len(text) // 2
        if _not_english(text[half : half + size], settings) is None:
            return None
    return reason


def _not_english(sample: str, settings: Settings) -> str | None:
    words = _WORD.findall(sample)
    known = inputs().english
    hits = [word.casefold() in known for word in words]
    if words and sum(hits) >= settings.language_function_words * len(words):
        return None
    size = settings.language_stretch_words
    if any(3 * sum(hits[i : i + size]) >= size for i in range(len(words) - size + 1)):
        return None
    letters = [character for character in sample if character.isalpha()]
    different = {word.casefold() for word in words if 1 < len(word) <= _LONGEST_WORD}
    if len(letters) < settings.language_min_letters:
        # a short text is judged by its script alone, and only where hardly a letter is Latin
        few = len(letters) < settings.language_min_letters / 3
        return None if few or _latin(letters) > 0.1 else _script(letters)
    if _latin(letters) < 0.5:
        return _script(letters)
    if sum(map(len, different)) < settings.language_min_letters:
        return None  # a pattern, a table, encoded data
    ranks = dict(_identifier().rank(" ".join(words)))
    english = sum(ranks.get(code, 0.0) for code in inputs().englishes)
    if english >= settings.language_max_english:
        return None
    best = max(ranks, key=lambda code: ranks[code])
    named = f"; it looks most like {best!r}" if ranks[best] >= 0.5 else ""
    return f"the text is not English{named}"


def _spoken(sample: str, settings: Settings) -> Language | None:
    """The language beside English that a text is in, among those that are to be coded."""
    others = [code for code in settings.languages if code != ENGLISH]
    if not others:
        return None
    shares = {code: share(sample, code) for code in others}
    best = max(others, key=lambda code: shares[code])
    if shares[best] < settings.language_other_words:
        return None
    # its neighbours share many of these words: the model decides between them
    ranks = _identifier().rank(" ".join(_WORD.findall(sample)))
    return language(best) if ranks[0][0] == best else None


def english_share(sample: str) -> float:
    """Share, 0 to 1, of English function words among the words of a text."""
    words = _WORD.findall(sample)
    known = inputs().english
    return sum(word.casefold() in known for word in words) / len(words) if words else 0.0


def _latin(letters: list[str]) -> float:
    """Share of Latin letters (up to U+024F, and U+1E00 to U+1EFF)."""
    return sum(c < "\u0250" or "\u1e00" <= c <= "\u1eff" for c in letters) / len(letters)


def _script(letters: list[str]) -> str:
    foreign = next(c for c in letters if not (c < "\u0250" or "\u1e00" <= c <= "\u1eff"))
    script = unicodedata.name(foreign, "an unknown").split()[0].capitalize()
    return f"the text is not English; its letters are not Latin ({script})"


@functools.cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # 1 s, 60 MB: only who needs it

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
