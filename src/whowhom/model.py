"""The domain types: what passes from one stage to the next.

Every type is frozen and typed; no dict crosses a stage's border. Offsets are
counts of Unicode characters, end exclusive. Inside the pipeline they count
into :attr:`Reading.text`; :mod:`whowhom.pipeline` maps them to the document's
own text as the last step, so that ``document.text[start:end]`` holds the words
of every field of an :class:`Event` (``document.title[start:end]`` where
``part`` is ``"title"``).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, get_args

if TYPE_CHECKING:
    from whowhom.parse.tokens import Doc, Token

Genre = Literal["report", "opinion", "live", "other"]
Status = Literal["actual", "historical", "future", "hypothetical", "negated"]
STATUSES: tuple[Status, ...] = get_args(Status)
Voice = Literal["reported", "opinion", "advocacy"]
Quad = Literal["verbal cooperation", "material cooperation", "verbal conflict", "material conflict"]
QUADS: tuple[Quad, ...] = get_args(Quad)
Granularity = Literal["day", "week", "month", "year"]
DateFrom = Literal["text", "tense", "published"]
Resolution = Literal["city", "province", "country"]
Part = Literal["title", "text"]
SECTORS = frozenset(
    (
        "COP", "GOV", "JUD", "LEG", "MIL", "PRM", "PTY", "REB", "SPY", "UAF", "UNK",
        "AGR", "BUS", "CRM", "CVL", "EDU", "ELI", "JRN", "LAB", "MED", "REF", "OPP",
        "PRE", "REL", "SOC",
    )
)  # fmt: skip
"""PLOVER's 25 sectors (manual 2.0, chapter 4): MED is medical, JRN is media."""
RejectionReason = Literal[
    "no_party",  # a frame matched, but neither side is an actor
    "missing_recipient",  # the type or frame needs a recipient and there is none
    "missing_actor",  # the frame needs an actor and there is none
    "excluded",  # a frame's own exclusion applied (sport, metaphor, business, ...)
    "covered",  # another frame already coded these words
    "low_confidence",  # below the confidence asked for
    "sentence_too_long",  # over the limit in settings
    "too_many_events",  # over the limit a sentence in settings
    "model_veto",  # the learned model says that there is no event
]
LedgerStatus = Literal["coded", "no_events", "duplicate", "skipped", "poisoned"]


# ----------------------------------------------------------------- documents
@dataclass(frozen=True, slots=True)
class Source:
    """Where a document came from: a file and a place in it."""

    file: str  # path as given by the user; "-" for standard input; "" for a string
    locator: str = ""  # "line 3", "row 7", "record 2 at byte 991"; "" for a whole file
    encoding: str = "utf-8"  # the decision made when the bytes were decoded
    notes: tuple[str, ...] = ()  # e.g. "3 bytes were not UTF-8 and were replaced"


@dataclass(frozen=True, slots=True)
class Document:
    """One text to be coded, as it was read. ``text`` is never changed after reading."""

    id: str
    text: str
    title: str | None = None
    outlet: str | None = None
    url: str | None = None
    published: dt.date | None = None
    genre: Genre = "report"
    source: Source = Source("")

    @property
    def sha256(self) -> str:
        """Hash of title and text, hexadecimal: the identity of what was read."""
        joined = (self.title or "") + "\x00" + self.text
        return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that should have been a document and was not, or could not be coded."""

    source: Source
    reason: str  # a short code: "empty", "not_a_feed", "no_text", "bad_json", ...
    detail: str  # a sentence for people: what, where, what to do
    document_id: str | None = None
    status: Literal["skipped", "duplicate"] = "skipped"  # its state in the ledger


# --------------------------------------------------------------------- parse
@dataclass(frozen=True, slots=True)
class Reading:
    """The text that the parser reads: title and body joined, blanks and hidden
    characters cleaned, with the way back to the source.

    ``offsets[i]`` is the source offset of reading character ``i``: into the title
    for ``i < title_end``, into ``Document.text`` from ``body_start`` on.
    """

    text: str
    offsets: tuple[int, ...]  # one more than len(text): the last is the end
    title_end: int  # 0 where there is no title in the reading
    body_start: int

    def part(self, start: int) -> Part:
        return "title" if start < self.title_end else "text"

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """Source offsets of a span of the reading."""
        if end <= start:
            return self.offsets[start], self.offsets[start]
        return self.offsets[start], self.offsets[end - 1] + 1


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: character and token span in the reading."""

    number: int  # 0 is the title (where there is one), the body starts with 1
    start: int
    end: int
    first: int  # index of its first token
    last: int  # index after its last token
    text: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document with its parse. ``doc`` holds the tokens of ``reading.text``."""

    document: Document
    reading: Reading
    doc: Doc
    sentences: tuple[Sentence, ...]
    skipped: tuple[Rejection, ...] = ()  # sentences that were not read, with the reason
    # positions of the sentences that a first look found to hold no event: they have words, tags,
    # lemmas and names, but no trees
    aside: frozenset[int] = frozenset()

    def sentence_of(self, token_index: int) -> Sentence:
        """The sentence that holds a token."""
        low, high = 0, len(self.sentences) - 1
        while low < high:
            middle = (low + high) // 2
            if token_index >= self.sentences[middle].last:
                low = middle + 1
            else:
                high = middle
        return self.sentences[low]


# -------------------------------------------------------------------- actors
@dataclass(frozen=True, slots=True)
class Party:
    """An actor, recipient or speaker, as the words name it and as it was resolved."""

    text: str
    start: int
    end: int
    name: str | None = None  # canonical name; null where only a role or a group is named
    country: str | None = None  # ISO 3166 alpha-3, or UNO EUR IGO NGO ISM IMG MNC, KOS, ...
    members: tuple[str, ...] = ()  # countries of a named bloc
    sector: str | None = None  # PLOVER sector
    other_sectors: tuple[str, ...] = ()
    office: str | None = None
    wikidata: str | None = None
    # title, apposition, lexicon, demonym, capital, coreference, role, context, relation, ...
    resolved_by: str = "lexicon"
    part: Part = "text"

    @property
    def key(self) -> tuple[str | None, ...]:
        """What makes two mentions the same party: name, or country and sector and words."""
        if self.name:
            return (self.name, self.country)
        return (self.text.casefold(), self.country, self.sector)


@dataclass(frozen=True, slots=True)
class Parties:
    """Who is named where in a document: parties by the index of their head token.

    Nested mentions have entries of their own: in "the Israeli prime minister" the
    token "minister" is the prime minister and "Israeli" is Israel.
    """

    by_token: Mapping[int, Party] = field(default_factory=dict)

    def at(self, token: Token) -> Party | None:
        """The party whose mention has this token as its head, or None."""
        return self.by_token.get(token.i)

    def __iter__(self) -> Iterator[Party]:
        return iter(self.by_token.values())


# -------------------------------------------------------------------- events
@dataclass(frozen=True, slots=True)
class Trigger:
    """The words that carry an event."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Why:
    """What decided: a codebook frame or a model, how sure, and what came second."""

    rule: str | None = None
    model: str | None = None
    confidence: float | None = 1.0  # None where the event was imported: nobody said
    runner_up: str | None = None

    @property
    def sure(self) -> float:
        """The confidence as a number: 0 where it is not known."""
        return 0.0 if self.confidence is None else self.confidence


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the events stage found: an event before attribution, time and place."""

    token: int  # index of the trigger's head token
    trigger: Trigger
    sentence: int  # position in Parsed.sentences
    event_type: str
    mode: str | None
    contexts: tuple[str, ...]
    actors: tuple[Party, ...]
    recipients: tuple[Party, ...]
    why: Why
    # status that the construction itself imposes ("threatened to attack": the attack
    # is hypothetical), None where the clause decides
    status: Status | None = None
    words: tuple[int, ...] = ()  # indices of every token that the frame used


class WordScores(Protocol):
    """What a learned model says of the words of one document: probabilities, 0 to 1."""

    @property
    def types(self) -> tuple[str, ...]:
        """The types that it knows; of others it has nothing to say."""

    def likely(self, first: int, last: int, chance: float) -> list[int]:
        """The words from ``first`` up to ``last`` that carry an event with this chance."""

    def kinds(self, token: int) -> dict[str, float] | None:
        """Of each event type, and of NONE, on a word; None where it was not read."""

    def statuses(self, token: int) -> dict[str, float] | None:
        """Of each status of the act that a word carries."""

    def voices(self, token: int) -> dict[str, float] | None:
        """Of each voice."""

    def mode(self, token: int, event_type: str) -> tuple[str | None, float] | None:
        """The likeliest mode of an act of a type, None where it has none, and its share."""

    def roles(self, trigger: Token, mentions: Sequence[Token]) -> list[tuple[float, ...]]:
        """For each mention: that it has no part in the act, is actor, recipient, speaker."""


@dataclass(frozen=True, slots=True)
class Option:
    """A kind of act that an adjudicator may choose."""

    event_type: str
    mode: str | None
    meaning: str


@dataclass(frozen=True, slots=True)
class Question:
    """A candidate that the coder is in doubt about, as an adjudicator sees it."""

    sentence: str
    words: str  # the trigger
    actors: tuple[str, ...]
    recipients: tuple[str, ...]
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Vote:
    """``by``: model and hash of the question; ``option``: place in the list, None for none of
    them; ``failure``: why there is no vote that counts, None where there is one."""

    by: str
    option: int | None
    failure: str | None


class Decides(Protocol):
    """What is asked where the coder is in doubt (:mod:`whowhom.adjudicate`)."""

    ask_from: float
    types: int

    @property
    def label(self) -> str:
        """As it stands in ``coder.model`` of every event."""

    @property
    def fingerprint(self) -> str:
        """Hash of what decides which questions are asked, of whom, and how."""

    def begin(self) -> None:
        """A document begins."""

    def decide(self, question: Question) -> Vote:
        """The vote on a question."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A stretch of text that is somebody's words: source, cue and content spans."""

    source: tuple[tuple[int, int], ...]  # character spans; empty where none is named
    cue: tuple[tuple[int, int], ...]
    content: tuple[tuple[int, int], ...]
    speaker: Party | None  # the source as a party; None where none is named
    cue_lemma: str
    quoted: bool
    denied: bool = False  # the cue denies the content
    tokens: tuple[tuple[int, int], ...] = ()  # the content as spans of token indices


@dataclass(frozen=True, slots=True)
class Attribution:
    """One link of the chain of who says so."""

    speaker: Party | None
    cue: str
    quoted: bool
    start: int  # of the cue
    end: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """How an event stands: whether it happened, who says so, in what voice."""

    status: Status
    attribution: tuple[Attribution, ...]
    voice: Voice
    reasons: tuple[str, ...] = ()  # "modal: would", "negation: not", "genre: opinion", ...


# ---------------------------------------------------------------- time, place
@dataclass(frozen=True, slots=True)
class TimeExpression:
    """A date or time in the text, as TIMEX3 has it, with the days that it covers."""

    start: int
    end: int
    text: str
    type: Literal["DATE", "TIME", "DURATION", "SET"]
    value: str
    first: dt.date | None = None  # first day that it covers, None where not known
    last: dt.date | None = None
    granularity: Granularity | None = None
    mod: str | None = None


@dataclass(frozen=True, slots=True)
class Toponym:
    """A place name in the text. lat and lon are null where it was found, not resolved."""

    start: int
    end: int
    text: str
    name: str | None = None
    country: str | None = None
    admin1: str | None = None
    lat: float | None = None
    lon: float | None = None
    geonameid: int | None = None
    resolution: Resolution | None = None
    literal: bool = True  # the place itself, not its government or people


@dataclass(frozen=True, slots=True)
class When:
    date: dt.date | None = None
    end_date: dt.date | None = None
    date_text: str | None = None
    date_granularity: Granularity | None = None
    date_from: DateFrom | None = None


@dataclass(frozen=True, slots=True)
class Place:
    text: str
    start: int
    end: int
    name: str | None
    country: str | None
    admin1: str | None
    lat: float | None
    lon: float | None
    geonameid: int | None
    resolution: Resolution | None
    part: Part = "text"


@dataclass(frozen=True, slots=True)
class Range:
    """A figure given as at least ``low`` and at most ``high``; null is open."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Money:
    amount: float
    currency: str | None  # ISO 4217, None where the text does not tell
    per: str | None = None  # "year", "month", ...; None for a sum
    text: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Magnitudes:
    killed: int | Range | None = None
    injured: int | Range | None = None
    arrested: int | Range | None = None
    crowd: int | Range | None = None
    money: tuple[Money, ...] = ()


# --------------------------------------------------------------- the record
@dataclass(frozen=True, slots=True)
class DocumentRef:
    id: str
    title: str | None
    outlet: str | None
    url: str | None
    published: dt.date | None
    genre: Genre


@dataclass(frozen=True, slots=True)
class Evidence:
    sentence_text: str
    start: int
    end: int
    trigger: Trigger
    sentence: int
    part: Part = "text"


@dataclass(frozen=True, slots=True)
class CoderInfo:
    version: str
    codebook: str
    model: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """One coded event: the record that ``docs/record.md`` describes field by field."""

    id: str
    document: DocumentRef
    event_type: str
    mode: str | None
    contexts: tuple[str, ...]
    quad: Quad
    score: float | None
    actors: tuple[Party, ...]
    recipients: tuple[Party, ...]
    status: Status
    attribution: tuple[Attribution, ...]
    voice: Voice
    date: dt.date | None
    end_date: dt.date | None
    date_text: str | None
    date_granularity: Granularity | None
    date_from: DateFrom | None
    place: Place | None
    magnitudes: Magnitudes
    evidence: Evidence
    why: Why
    incident: str | None
    coder: CoderInfo

    def to_dict(self) -> dict[str, Any]:
        """The event as plain dicts, lists, strings and numbers; dates are ISO strings."""
        return typing.cast("dict[str, Any]", plain(self))

    def to_json(self) -> str:
        """The event as one line of JSON; the same event gives the same bytes."""
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Event:
        """The inverse of :meth:`to_dict`.

        Raises:
            KeyError: a field is missing.
        """
        return build(cls, data)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A candidate clause that was not coded, and why."""

    document_id: str
    sentence: int
    start: int
    end: int
    text: str
    reason: RejectionReason
    rule: str | None
    event_type: str | None = None
    detail: str = ""
    part: Part = "text"

    def to_dict(self) -> dict[str, Any]:
        return typing.cast("dict[str, Any]", plain(self))


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a document was read and resolved: counts, never shares."""

    characters: int = 0
    characters_read: int = 0
    sentences: int = 0
    sentences_read: int = 0
    parties: int = 0  # actors and recipients of its events
    parties_resolved: int = 0  # those with a country
    events: int = 0
    events_dated: int = 0  # with a date that the text gives
    events_placed: int = 0
    sentences_aside: int = 0  # of those read: thought to hold no event at a first look, not parsed


@dataclass(frozen=True, slots=True)
class Coded:
    """All that coding one document gave."""

    document: Document
    events: tuple[Event, ...]
    rejections: tuple[Rejection, ...]
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """What became of one document, or of one thing that should have been a document."""

    document_id: str
    status: LedgerStatus
    file: str
    locator: str
    reason: str | None
    detail: str | None
    sha256: str | None
    events: int
    rejections: int
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return typing.cast("dict[str, Any]", plain(self))


# ------------------------------------------------------------ plain and back
T = TypeVar("T")


def plain(value: object) -> object:
    """Dataclasses, tuples and dates as dicts, lists and strings, in field order."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def build(cls: type[T], data: Mapping[str, Any]) -> T:
    """A dataclass from what :func:`plain` made of it."""
    hints = typing.get_type_hints(cls)
    values = {
        f.name: _from_plain(hints[f.name], data[f.name])
        for f in dataclasses.fields(typing.cast(Any, cls))
    }
    return cls(**values)


def _from_plain(hint: Any, value: Any) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if value is None:
        return None
    if origin in (typing.Union, types.UnionType):
        for option in arguments:
            if option is type(None):
                continue
            if dataclasses.is_dataclass(option) and not isinstance(value, Mapping):
                continue
            if option is int and isinstance(value, Mapping):
                continue
            return _from_plain(option, value)
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(_from_plain(arguments[0], item) for item in value)
        return tuple(_from_plain(h, item) for h, item in zip(arguments, value, strict=True))
    if hint is dt.date:
        return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)
    if dataclasses.is_dataclass(hint):
        return build(typing.cast("type[Any]", hint), value)
    return value
