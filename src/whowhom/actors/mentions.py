"""Find what may be a party: names of the tables, role nouns, names of people."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field

from .tables import ActorTables, Name, Person, Role, Thing
from .view import View

TITLED = frozenset(("MIL", "LEG", "JUD", "REL"))
"""Sectors whose role nouns are titles: a capital word after one is a name."""
SIMILAR = 0.72
"""difflib ratio of first names that are spellings of one name (Binyamin, Benjamin)."""
ORDER = ("country", "capital", "organisation", "group", "demonym", "region", "person")
"""Which meaning of a name goes first where nothing else decides."""


@dataclass(frozen=True, slots=True)
class NameMention:
    """A name of the tables in the text, with what it stands for on the day."""

    head: int
    first: int
    last: int
    name: Name
    thing: Thing


@dataclass(frozen=True, slots=True)
class RoleMention:
    """A role noun in the text; ``head`` is its last noun or the one before "of"."""

    head: int
    first: int
    last: int
    role: Role


@dataclass(slots=True)
class PersonMention:
    """A person's name in the text with the title right before it."""

    head: int
    first: int
    last: int
    words: tuple[str, ...]  # folded words of the name alone
    title: RoleMention | None = None
    people: tuple[Person, ...] = ()  # those of the tables that bear the full name
    surname_only: bool = False
    honorific: str = ""
    heads: tuple[int, ...] = field(default=())  # further tokens that stand for the person


def _case_fits(view: View, name: Name, first: int, last: int) -> bool:
    """Whether a match is written as a name: capitals, and all of them for an acronym."""
    words = view.words
    surface = view.text[words[first].start : words[last - 1].end]
    if name.acronym:
        if surface.isupper():
            # in a heading set in capitals "US" and "WHO" may be words: the tagger decides
            token = words[first].token
            return view.pos[token] not in ("PRON", "ADV", "AUX") or not (
                view.parsed.doc[token].is_stop
            )
        # British papers write Nato and Eta; a heading writes Plan and Aid
        token = words[first].token
        return (
            len(surface) > 2
            and surface[0].isupper()
            and last - first == 1
            and view.pos[token] == "PROPN"
            and view.ent[token] in ("ORG", "NORP", "GPE", "PERSON")
            and view.ent_last[token] - view.ent_first[token] <= 2
            and not view.parsed.doc[token].is_stop
        )
    if name.surface[:1].islower():
        return True
    if view.postposed and surface.islower() and view.pos[words[first].token] == "ADJ":
        # "la base siria": the adjective is the country's name in small letters
        return any(isinstance(t, Thing) and t.kind == "demonym" for t in name.things)
    start = view.text[words[last - 1].start]
    return surface[:1].isupper() and (
        last - first == 1
        or not start.islower()
        or name.surface.rsplit(" ", 1)[-1][:1].islower()
        or name.surface.rsplit("-", 1)[-1][:1].islower()
    )


def choose(name: Name, date: str | None, known: frozenset[str]) -> Thing | None:
    """What a name stands for on a day; ``known`` are the countries of the document."""
    things = [thing for thing in name.things if isinstance(thing, Thing)]
    if not things:
        return None
    if len(things) > 1:
        if date is not None:
            current = [thing for thing in things if thing.period.holds(date)]
        else:
            current = [thing for thing in things if not thing.period.end]
        things = current or things
    best = min(ORDER.index(thing.kind) for thing in things)
    things = [thing for thing in things if ORDER.index(thing.kind) == best]
    if len(things) > 1 and best == ORDER.index("organisation"):
        near = [thing for thing in things if thing.country in known]
        things = near or things
        if len({thing.country for thing in things}) > 1:
            sectors = {thing.sector for thing in things}
            return Thing(
                "organisation",
                things[0].name,
                None,
                sectors.pop() if len(sectors) == 1 else None,
            )
    elif len(things) > 1 and best == ORDER.index("demonym"):
        things = [thing for thing in things if thing.country in known] or things
    return things[0]


def find_names(view: View, tables: ActorTables) -> list[tuple[int, int, Name]]:
    """Every name of the tables, longest first, as word ranges (exclusive) and names."""
    found = []
    words, longest, names = view.words, tables.longest_name, tables.names
    position, size = 0, len(words)
    while position < size:
        most = longest.get(words[position].folded, 0)
        step = 1
        if most:
            key = words[position].folded
            keys = [key]
            for other in words[position + 1 : position + most]:
                key = f"{key} {other.folded}"
                keys.append(key)
            for length in range(len(keys), 0, -1):
                name = names.get(keys[length - 1])
                if (
                    name is not None
                    and view.sent[words[position].token] >= 0
                    and _case_fits(view, name, position, position + length)
                    and view.joined(position, position + length)
                ):
                    found.append((position, position + length, name))
                    step = length
                    break
        position += step
    return found


def find_roles(view: View, tables: ActorTables, taken: set[int]) -> list[RoleMention]:
    """Every role noun, longest first; ``taken`` are tokens inside names."""
    found: list[RoleMention] = []
    words, longest, roles = view.words, tables.longest_role, tables.roles
    weak, before_names = tables.words["weak"], tables.words["only_before_names"]
    capital_only = tables.words["capital_only"]
    position, size = 0, len(words)
    while position < size:
        most = longest.get(words[position].folded, 0)
        step = 1
        if most and view.sent[words[position].token] >= 0:
            key = words[position].folded
            keys = [key]
            for other in words[position + 1 : position + most]:
                key = f"{key} {other.folded}"
                keys.append(key)
            for length in range(len(keys), 0, -1):
                role = roles.get(keys[length - 1])
                if role is None or not view.joined(position, position + length):
                    continue
                first, last = words[position].token, words[position + length - 1].token + 1
                if any(token in taken for token in range(first, last)):
                    continue
                head = _role_head(view, first, last)
                if view.pos[head] == "VERB":
                    head = last - 1  # "wanted persons"
                if not _role_fits(view, head, keys[length - 1], weak, before_names, capital_only):
                    continue
                found.append(RoleMention(head, first, last, role))
                step = length
                break
        position += step
    return found


def _role_head(view: View, first: int, last: int) -> int:
    """The noun of a role phrase: "chief" in "army chief of staff", else what governs it."""
    for token in range(first + 1, last):
        if view.lower[token] == "of":
            return token - 1
    return view.span_head(first, last)


def _role_fits(
    view: View, head: int, key: str, weak: frozenset[str], before: frozenset[str],
    capital_only: frozenset[str],
) -> bool:  # fmt: skip
    pos, dep = view.pos[head], view.dep[head]
    if pos in ("VERB", "AUX", "ADP", "PRON", "DET", "CCONJ", "SCONJ", "PART", "NUM"):
        # the tagger takes bare plurals for verbs; "displaced" and "wounded" are participles
        if pos == "VERB" and view.tag[head] == "VBN" and key in weak:
            return any(view.dep[c] in ("det", "poss") for c in view.children[head])
        return pos == "VERB" and dep == "ROOT" and view.tag[head] == "VBZ" and head == 0
    if key in before:
        follows = head + 1
        while follows < len(view.texts) and view.texts[follows] in (".", "-"):
            follows += 1
        return (
            follows < len(view.texts)
            and view.texts[head][:1].isupper()
            and view.pos[follows] == "PROPN"
        )
    if key in capital_only and not view.texts[head][:1].isupper():
        return False
    if pos in ("ADJ", "ADV") and key in weak:
        return dep in ("nsubj", "nsubjpass", "dobj", "pobj", "conj", "ROOT", "attr")
    return True


def find_people(
    view: View,
    tables: ActorTables,
    names: list[tuple[int, int, Name]],
    roles: list[RoleMention],
    blocked: set[int],
) -> list[PersonMention]:
    """Names of people: those of the tables, those that the parser marked, those after titles."""
    found: list[PersonMention] = []
    taken: set[int] = set()
    role_ends = {role.last: role for role in roles}
    role_tokens = {token for role in roles for token in range(role.first, role.last)}

    def add(first: int, last: int, people: tuple[Person, ...], surname: bool) -> None:
        head = view.span_head(first, last)
        words = tuple(
            word.folded
            for word in view.words[_word(view, first) : _word(view, last)]
            if word.folded != "s" or word.token < last - 1
        )
        if not words:
            return
        found.append(PersonMention(head, first, last, words, None, people, surname))
        taken.update(range(first, last))

    for start, end, name in names:
        people = tuple(thing for thing in name.things if isinstance(thing, Person))
        if people and len(people) == len(name.things):
            add(view.words[start].token, view.words[end - 1].token + 1, people, False)
    for first, last, label in view.ents:
        if label != "PERSON" or any(i in taken or i in blocked for i in range(first, last)):
            continue
        while first < last and (
            first in role_tokens
            or (last - first > 1 and view.lower[first] in tables.words["sentence_openers"])
            or (view.texts[first].isupper() and view.lower[first] in tables.words["credits"])
            or view.lower[first].rstrip(".") in tables.words["honorifics"]
            or view.pos[first] in ("DET", "PUNCT", "SPACE", "ADP", "PART")
            or (
                not view.texts[first][:1].isupper()
                and view.lower[first] not in tables.words["name_particles"]
            )
        ):
            first += 1
        while last > first and (
            view.pos[last - 1] in ("PART", "PUNCT", "SPACE", "VERB", "AUX", "ADP")
            or view.lower[last - 1] in ("'s", "’s")
        ):
            last -= 1
        if first < last and view.sent[first] >= 0:
            add(first, last, (), last - first == 1)
    for role in roles:
        first = role.last
        if first < len(view.texts) and view.texts[first] == ".":
            first += 1
        if first in taken or not _name_token(view, first, role_tokens | blocked):
            continue
        last = first + 1
        while (
            last < len(view.texts)
            and last not in taken
            and (
                _name_token(view, last, role_tokens | blocked)
                or view.lower[last] in tables.words["name_particles"]
                or view.texts[last] == "-"
            )
        ):
            last += 1
        while view.texts[last - 1] == "-" or view.lower[last - 1] in ("of", "the"):
            last -= 1
        titled = role.role.kind == "office" or (
            role.role.kind == "person" and role.role.sector in TITLED
        )
        if titled or (role.role.kind == "person" and view.ent[first] == "PERSON"):
            add(first, last, (), last - first == 1)
    for number, word in enumerate(view.words):
        token = word.token
        if token in taken or token in blocked or token in role_tokens or view.sent[token] < 0:
            continue
        if not view.texts[token][:1].isupper() or view.pos[token] not in ("PROPN", "X", "NOUN"):
            continue
        for length in (3, 2, 1):
            part = view.words[number : number + length]
            if len(part) < length or not view.joined(number, number + length):
                continue
            key = " ".join(w.folded for w in part)
            if key in tables.surnames:
                last = part[-1].token + 1
                previous = view.words[number - 1] if number else None
                if (
                    previous is not None
                    and previous.token not in taken | blocked | role_tokens
                    and view.texts[previous.token][:1].isupper()
                    and view.joined(number - 1, number + length)
                    and any(
                        compatible(full, (previous.folded, *key.split()), length)
                        for person in tables.surnames[key]
                        for full in person.words
                    )
                ):
                    add(previous.token, last, (), False)
                    break
                if any(i in taken or i in blocked for i in range(token, last)):
                    break
                first = token
                while (
                    first > 0
                    and view.pos[first - 1] == "PROPN"
                    and view.texts[first - 1][:1].isupper()
                    and first - 1 not in taken | blocked | role_tokens
                    and view.lower[first - 1].rstrip(".") not in tables.words["honorifics"]
                    and not (
                        view.texts[first - 1].isupper()
                        and view.lower[first - 1] in tables.words["credits"]
                    )
                    and view.sent[first - 1] == view.sent[token]
                ):
                    first -= 1  # another's first name: "Saleh Fenwick" is not the Fenwick
                add(first, last, (), first == token)
                break
    _later_surnames(view, found, taken, blocked | role_tokens)
    for mention in found:
        token = mention.first - 1
        while token >= 0 and view.texts[token] == ".":
            token -= 1
        while token >= 0 and view.lower[token].rstrip(".") in tables.words["honorifics"]:
            mention.honorific = view.lower[token].rstrip(".")
            mention.first = token
            token -= 1
        if view.postposed:  # "el presidente colombiano Juan Manuel Santos"
            while token > 0 and view.pos[token] == "ADJ" and view.dep[token] == "amod":
                token -= 1
        title = role_ends.get(token + 1)
        if (
            title is not None
            and title.role.kind in ("office", "person")
            and title.last <= mention.first
        ):
            mention.title = title
    named = tables.words["named_things"]
    found = [m for m in found if m.first == 0 or view.lower[m.first - 1] not in named]
    found.sort(key=lambda mention: mention.first)
    return found


def compatible(full: tuple[str, ...], words: tuple[str, ...], surname: int) -> bool:
    """Whether a full name of the tables can be written as these words are.

    ``surname`` is how many words at the end must be the same.
    """
    if len(full) <= surname or full[-surname:] != words[-surname:]:
        return False
    first, given = full[0], words[0]
    if first == given or (len(given) == 1 and first.startswith(given)):
        return True
    return first[:1] == given[:1] and (
        difflib.SequenceMatcher(None, first, given).ratio() >= SIMILAR
    )


def _later_surnames(
    view: View, found: list[PersonMention], taken: set[int], blocked: set[int]
) -> None:
    """A full name in the document makes its last word a name wherever it stands."""
    surnames: dict[str, int] = {}
    for mention in found:
        if len(mention.words) > 1:
            surnames[mention.words[-1]] = 1
            if len(mention.words) > 2:
                surnames[" ".join(mention.words[-2:])] = 2
    if not surnames:
        return
    for word in view.words:
        if word.folded not in surnames or word.token in taken or word.token in blocked:
            continue
        token = word.token
        if not view.texts[token][:1].isupper() or view.sent[token] < 0:
            continue
        found.append(PersonMention(token, token, token + 1, (word.folded,), None, (), True))
        taken.add(token)


def _word(view: View, token: int) -> int:
    """The number of the first word at or after a token."""
    size = len(view.texts)
    while token < size:
        number = view.word_at.get(token)
        if number is not None:
            return number
        token += 1
    return len(view.words)


def _name_token(view: View, token: int, blocked: set[int]) -> bool:
    return (
        token < len(view.texts)
        and token not in blocked
        and view.texts[token][:1].isupper()
        and view.pos[token] in ("PROPN", "NOUN", "X", "ADJ")
    )
