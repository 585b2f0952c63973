"""spaCy without the second that its command line takes to import."""

from __future__ import annotations

import importlib.util
import runpy
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.language import Language

_EMPTY = "whowhom.tokenizer_to_fill.v1"
_CLI, _INFO = "spacy.cli", "spacy.cli.info"


def import_spacy() -> Any:
    """The module spaCy. Its command line (a quarter of its import, for ``spacy.info`` alone) is
    imported when somebody asks for it."""
    if "spacy" in sys.modules or _CLI in sys.modules:
        import spacy

        return spacy
    _index_entry_points()
    package, inner = ModuleType(_CLI), ModuleType(_INFO)
    package.__path__ = []
    inner.info = _info  # type: ignore[attr-defined]
    sys.modules[_CLI], sys.modules[_INFO] = package, inner
    try:
        import spacy
    finally:
        for name, stand_in in ((_CLI, package), (_INFO, inner)):
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]
    vars(spacy).pop("cli", None)
    return spacy


def _index_entry_points() -> None:
    """Loading a pipeline asks 250 times for the entry points of a group, which the standard
    library answers by looking through all of them; catalogue takes a dictionary as well."""
    import catalogue  # type: ignore[import-untyped]

    found = catalogue.AVAILABLE_ENTRY_POINTS
    if hasattr(found, "groups"):
        catalogue.AVAILABLE_ENTRY_POINTS = {g: list(found.select(group=g)) for g in found.groups}


def load(folder: Path) -> Language:
    """A spaCy pipeline from its folder: ``spacy.load`` without the tokenizer that it makes first
    and then replaces, and without the component for sentences, which nobody asks."""
    spacy = import_spacy()
    if _EMPTY not in spacy.registry.tokenizers:
        spacy.registry.tokenizers(_EMPTY, func=_empty)
    config = {"nlp": {"tokenizer": {"@tokenizers": _EMPTY}}}
    nlp: Language = spacy.load(folder, exclude=["senter"], config=config)
    return nlp


def _empty() -> Any:
    from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found,unused-ignore]

    return lambda nlp: Tokenizer(nlp.vocab)


def _info(*arguments: Any, **options: Any) -> Any:
    from spacy.cli.info import info

    return info(*arguments, **options)


def stop_words() -> frozenset[str]:
    """spaCy's English stop words, without importing spaCy for them."""
    if "spacy" not in sys.modules:
        found = importlib.util.find_spec("spacy")
        if found is not None and found.origin is not None:
            file = Path(found.origin).parent / "lang" / "en" / "stop_words.py"
            if file.is_file():
                return frozenset(runpy.run_path(str(file))["STOP_WORDS"])
    from spacy.lang.en.stop_words import STOP_WORDS

    return frozenset(STOP_WORDS)
