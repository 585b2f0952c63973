"""JSON Schemas of a codebook's files, for editors: what may stand where, and what it means.

They are made from the same tables that check a file when it is loaded, so that an editor and
``whowhom codebook check`` agree. TOML has no schema language of its own; editors use JSON Schema
(draft 7, which taplo and Even Better TOML read).
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

from ..model import QUADS, SECTORS, STATUSES
from .schema import (
    CLAUSES,
    FRAME_FIELDS,
    HEADER_FIELDS,
    MODE_FIELDS,
    NEEDS,
    PREPOSITION,
    RANGES,
    ROLES,
    TYPE_FIELDS,
    TYPE_NAME,
    Kinds,
)

Part = Literal["type", "codebook"]
PARTS: tuple[Part, ...] = ("type", "codebook")
"""The files that have a schema: a type's, and ``codebook.toml``."""
Json = dict[str, Any]

_WORDS: Json = {"type": "array", "items": {"type": "string", "pattern": r"\S"}}
_WORDS_BY_NAME: Json = {"type": "object", "additionalProperties": _WORDS}
_NAME_BY_NAME: Json = {"type": "object", "additionalProperties": {"type": "string"}}
_ROLES: Json = {
    "type": "array",
    "items": {"anyOf": [{"enum": list(ROLES)}, {"type": "string", "pattern": PREPOSITION}]},
}
_SECTORS: Json = {"type": "array", "items": {"enum": sorted(SECTORS)}}
_NUMBERS: Mapping[str, Json] = {
    name: {"type": "number", "minimum": low, "maximum": high}
    for name, (low, high) in RANGES.items()
}
_EXAMPLES: Json = {**_WORDS, "minItems": 1}
# what a field may hold beyond its kind
_NARROWER: Mapping[str, Mapping[str, Json]] = {
    "type": {
        "type": {"type": "string", "pattern": TYPE_NAME},
        "quad": {"enum": list(QUADS)},
        "recipient": {"enum": ["optional", "required"]},
        "score": _NUMBERS["score"],
        "classes": _WORDS_BY_NAME,
        "mode": {"type": "array", "items": {"$ref": "#/definitions/mode"}},
        "frame": {"type": "array", "items": {"$ref": "#/definitions/frame"}},
    },
    "mode": {"score": _NUMBERS["score"]},
    "frame": {
        "needs": {"enum": list(NEEDS)},
        "clause": {"enum": list(CLAUSES)},
        "status": {"enum": list(STATUSES)},
        "confidence": _NUMBERS["confidence"],
        "actor": _ROLES,
        "recipient": _ROLES,
        **{
            f"{no}{side}_sector": _SECTORS for no in ("", "not_") for side in ("actor", "recipient")
        },
        "prep": _WORDS_BY_NAME,
        "not_prep": _WORDS_BY_NAME,
        "mode_by_object": _WORDS_BY_NAME,
        "mode_by_clause": _NAME_BY_NAME,
        "match": _EXAMPLES,
        "reject": _EXAMPLES,
    },
    "header": {
        "extends": {"enum": ["plover"]},
        "planned": _NAME_BY_NAME,
        "refused": _NAME_BY_NAME,
        "recipients": {
            "type": "object",
            "properties": {"places": _WORDS},
            "additionalProperties": False,
        },
    },
}


def json_schema(part: Part) -> Json:
    """The schema of a type's file, or of ``codebook.toml``."""
    base = {"$schema": "http://json-schema.org/draft-07/schema#"}
    if part == "codebook":
        return {**base, "title": "whowhom: codebook.toml", **_table("header", HEADER_FIELDS)}
    triggers = [{"required": [name]} for name in ("verb", "noun", "adjective")]
    frame = {**_table("frame", FRAME_FIELDS, "id", "match", "reject"), "anyOf": triggers}
    return {
        **base,
        "title": "whowhom: one type of a codebook",
        **_table("type", TYPE_FIELDS, "type"),
        "definitions": {"mode": _table("mode", MODE_FIELDS, "name"), "frame": frame},
    }


def json_text(part: Part) -> str:
    """The schema as it is kept in a file."""
    return json.dumps(json_schema(part), indent=2, ensure_ascii=False) + "\n"


def _table(name: str, fields: Mapping[str, Kinds], *required: str) -> Json:
    meanings = _meanings()[name]
    properties = {
        field: {**_kind(kinds), **_NARROWER[name].get(field, {}), "description": meanings[field]}
        for field, kinds in fields.items()
    }
    made: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**made, "required": list(required)} if required else made


def _kind(kinds: Kinds) -> Json:
    if kinds is list:
        return _WORDS
    if kinds is dict:
        return {"type": "object"}
    names = {str: "string", bool: "boolean"}
    return {"type": names[kinds]} if isinstance(kinds, type) else {"type": "number"}


@lru_cache(maxsize=1)
def _meanings() -> Mapping[str, Mapping[str, str]]:
    """What each field means (``data/codebooks/fields.toml``)."""
    file = resources.files("whowhom.data").joinpath("codebooks", "fields.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))
