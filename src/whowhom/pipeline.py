"""The way of a document: the stages in their order, one call a line."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar, cast

from . import attribution, time_place
from .actors import ActorResolver
from .codebook import Codebook, load, own_frames
from .errors import InputError
from .events import EventFinder, decision, fits
from .languages import ENGLISH, chosen, data_hash, language, share
from .learned import Scores, WordReader, acting, weights_hash
from .model import (
    Attribution,
    Candidate,
    Coded,
    CoderInfo,
    Coverage,
    Decides,
    Document,
    DocumentRef,
    Event,
    Evidence,
    Judgement,
    Magnitudes,
    Money,
    Parsed,
    Party,
    Place,
    Reading,
    Rejection,
    RejectionReason,
    Statement,
    Status,
    TimeExpression,
    Trigger,
    When,
)
from .parse import Parser, known_vectors, model_hash
from .parse.foreign import ForeignParser
from .read.language import english_share
from .settings import DEFAULT, RUN_ONLY, Settings
from .time_place.spoken import SpokenDates, SpokenMoney, spoken_gazetteer

Located = TypeVar("Located", Party, Attribution, Trigger, Money, Place, Rejection)


@lru_cache(maxsize=1)
def package_version() -> str:
    """The version of the installed package."""
    try:
        return version("whowhom")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0.0.0"


class Coder:
    """Everything loaded once; :meth:`code` turns a document into its events."""

    def __init__(
        self,
        *,
        codebook: str | Path | None = None,
        actors: str | Path | None = None,
        min_confidence: float | None = None,
        settings: Settings = DEFAULT,
        pipeline: str | None = None,
        adjudicator: Decides | None = None,
    ) -> None:
        """Load parser, tables, codebook and gazetteer.

        Args:
            codebook: folder of a codebook; None is the PLOVER codebook of the package.
            actors: file or folder of actor tables laid over the shipped ones; None is the folder
                ``actors`` of the codebook, where it has one.
            min_confidence: events below it (0 to 1) become rejections.
            pipeline: folder of another English spaCy pipeline.
            adjudicator: asked where the coder is in doubt (docs/adjudicator.md).

        Raises:
            CodebookError: codebook or actor tables are wrong.
            DataError: the parser or the gazetteer is missing or not as shipped.
        """
        if min_confidence is not None:
            settings = dataclasses.replace(settings, min_confidence=min_confidence)
        self.settings = settings
        self.codebook: Codebook = load(codebook)
        self.adjudicator = adjudicator
        self.parser: Parser | ForeignParser = Parser(pipeline, settings)
        self._own_actors = actors is not None
        self._overlay = Path(actors) if actors is not None else self.codebook.actors
        self.resolver = ActorResolver(overlay=self._overlay)
        self.places = time_place.PlaceFinder()
        self._model = WordReader() if settings.learned_model else None
        given = codebook is not None
        self.languages = (self.codebook.language,) if given else chosen(settings.languages)
        self._others: dict[str, Coder] = {}
        self._find_dates = time_place.find_dates
        self._find_money: Callable[[str, int, int], Iterable[Money]] | None = None
        # the first look knows the vectors of one pipeline
        self._any_pipeline = pipeline is not None or not known_vectors()
        self._take(self.codebook)

    def _take(self, codebook: Codebook) -> None:
        self.codebook = codebook
        self.finder = EventFinder(codebook, self.settings)
        # without one of the model's types a codebook is coded by its frames alone
        model = self._model
        self.reader = model if model and fits(codebook, model.labels.types) else None
        # neither the first look nor the model knows what frames of one's own are about
        own = bool(own_frames(codebook))
        self._read_all = self.settings.read_all or self._any_pipeline or own

    def with_codebook(self, codebook: Codebook) -> Coder:
        """A coder with another codebook that shares everything else that was loaded."""
        other = copy.copy(self)
        other._others = {}
        if not self._own_actors and codebook.actors != self._overlay:
            other._overlay = codebook.actors
            other.resolver = ActorResolver(overlay=codebook.actors)
        other._take(codebook)
        return other

    def speaking(self, code: str) -> Coder:
        """The coder of a language beside English: its own pipeline, names, dates and frames, no
        learned model, and everything else that was loaded. Loaded when first asked for.

        Raises:
            DataError: the language's pipeline is not installed or not the one that was checked.
        """
        if code not in self._others:
            spoken = language(code)
            other = copy.copy(self)
            other._model, other._others = None, {}
            other.parser = ForeignParser(code, self.settings)
            other.resolver = ActorResolver(overlay=self._overlay, language=spoken.folder / "actors")
            other.places = time_place.PlaceFinder(spoken_gazetteer(self.places.gazetteer, spoken))
            other._find_dates = SpokenDates(spoken).find
            other._find_money = SpokenMoney(spoken).find
            mine = self.codebook.language == code
            other._take(self.codebook if mine else load(spoken.folder / "codebook"))
            self._others[code] = other
        return self._others[code]

    def language_of(self, document: Document) -> str:
        """The language, of those that are coded here, that a document is in; English in doubt."""
        size = self.settings.language_sample_characters
        sample = f"{document.title or ''}\n{document.text[:size]}"
        others = [code for code in self.languages if code != ENGLISH]
        if not others:
            return ENGLISH
        shares = {code: share(sample, code) for code in others}
        best = max(others, key=lambda code: shares[code])
        if shares[best] < self.settings.language_other_words:
            return ENGLISH
        return best if shares[best] > english_share(sample) else ENGLISH

    @property
    def info(self) -> CoderInfo:
        """What coded: stands in every event."""
        label = self.reader.label if self.reader is not None else None
        if label is not None and self.adjudicator is not None:
            label = f"{label} + {self.adjudicator.label}"
        return CoderInfo(package_version(), self.codebook.label, label)

    @property
    def fingerprint(self) -> str:
        """Hash of everything that decides the output beside the input, hexadecimal."""
        digest = hashlib.sha256()
        for part in (
            package_version(),
            self.codebook.sha256,
            model_hash(),
            weights_hash() if self.reader is not None else "",
            *(() if self.adjudicator is None else (self.adjudicator.fingerprint,)),
            _tree_hash(self._overlay),
            *(() if self.languages == (ENGLISH,) else self.languages),
            *(data_hash(code) for code in self.languages if code != ENGLISH),
            repr(
                sorted(
                    (name, value)
                    for name, value in dataclasses.asdict(self.settings).items()
                    if name not in RUN_ONLY
                )
            ),
        ):
            digest.update(part.encode() + b"\0")
        return digest.hexdigest()

    def code(self, document: Document) -> Coded:
        """The events of one document, with what was looked at and not coded.

        Raises:
            InputError: the codebook has no frames for the document's language.
        """
        if isinstance(self.parser, Parser):
            spoken = self.language_of(document)
            if spoken != ENGLISH:
                return self.speaking(spoken).code(document)
            if ENGLISH not in self.languages:
                raise InputError(
                    f"only texts in {', '.join(self.languages)} are coded here",
                    where=document.id,
                    do="Name its language in --language, or use a codebook with frames for it.",
                    reason="other_language",
                )
        parsed, scores = self._read(document)
        parties = self.resolver.resolve(parsed)
        statements = attribution.find_statements(parsed, parties)
        if self.adjudicator is not None:
            self.adjudicator.begin()
        candidates, rejections = self.finder.find(
            parsed, parties, statements, scores, decides=self.adjudicator
        )
        dates = self._find_dates(parsed)
        toponyms = self.places.find(parsed)
        events: dict[str, Event] = {}
        past: list[Candidate] = []  # acts that the text has dated long ago
        for candidate in candidates:
            when = time_place.when(parsed, dates, candidate.token, candidate.status)
            judgement = attribution.judge(
                parsed,
                parties,
                statements,
                candidate.token,
                event_type=candidate.event_type,
                hint=candidate.status,
                when=when,
                historical_days=self.settings.historical_days,
                actors=candidate.actors,
                words=candidate.words,
            )
            judgement = as_framed(candidate, judgement)
            if scores is not None:
                judgement = as_learned(judgement, scores.statuses(candidate.token))
            judgement = long_past(parsed, candidate, judgement, when, past)
            if judgement.status == "historical":
                past.append(candidate)
            judgement = not_yet(judgement, when, parsed)
            when, judgement = self._dated_elsewhere(parsed, dates, candidate, when, judgement)
            candidate = with_speaker(candidate, parsed, statements)
            planned = as_planned(candidate, judgement, self.codebook)
            outer = said_already(parsed, planned, candidate, candidates)
            if outer is not None:
                by = f"coded by {outer.why.rule} at {outer.trigger.start}"
                rejections.append(_rejected(parsed, planned, "covered", by))
                continue
            candidate = planned
            if is_refusal(candidate, judgement, candidates, self.codebook):
                candidate, judgement = as_refused(candidate, judgement, self.codebook)
            where = time_place.where(
                parsed, toponyms, candidate.token, spans(candidate)
            ) or time_place.at_home(
                parsed,
                toponyms,
                candidate.token,
                candidate.event_type,
                (party.country for party in (*candidate.actors, *candidate.recipients)),
            )
            size = time_place.magnitudes(parsed, candidate.token, candidate.event_type)
            size = with_sums(size, parsed, candidate, candidates)
            event = self._event(parsed, candidate, judgement, when, where, size)
            if event.why.sure < self.settings.min_confidence:
                below = f"{event.why.sure:.2f} is below {self.settings.min_confidence:.2f}"
                rejections.append(_rejected(parsed, candidate, "low_confidence", below))
            else:
                events.setdefault(event.id, event)
        found = tuple(events.values())
        rejected = tuple(to_source(parsed.reading, r) for r in (*parsed.skipped, *rejections))
        return Coded(document, found, rejected, coverage(parsed, found))

    def _dated_elsewhere(
        self,
        parsed: Parsed,
        dates: Sequence[TimeExpression],
        candidate: Candidate,
        when: When,
        judgement: Judgement,
    ) -> tuple[When, Judgement]:
        """An act that its own sentence does not date has the date that the text gives it in another
        sentence; long ago is background, where it is plain that the same act is meant."""
        published = parsed.document.published
        if when.date_from == "text" or published is None:
            return when, judgement
        if judgement.status not in {"actual", "historical"}:
            return when, judgement
        past = judgement.status == "historical"
        told = time_place.elsewhere(
            parsed, dates, candidate.token, past, self.settings.historical_days
        )
        if told is None or told.date is None:
            return when, judgement
        if not past and (published - told.date).days > self.settings.historical_days:
            reasons = (*judgement.reasons, f"date:{told.date}")
            judgement = dataclasses.replace(judgement, status="historical", reasons=reasons)
        return told, judgement

    def _read(self, document: Document) -> tuple[Parsed, Scores | None]:
        """The parse of a document and what the model says of its words. A stretch is parsed where
        the model sees an act in it, and read by the model where a first look sees one."""
        if isinstance(self.parser, ForeignParser):
            parsed = self.parser.parse(document)
            parsed.doc.user_data[time_place.MONEY] = self._find_money
            return parsed, None
        skim = self.parser.skim(document)
        if self.reader is None:
            return self.parser.finish(skim), None
        look, stretches = self.reader.first, skim.stretches
        if self._read_all:
            states = self.reader.states((s.first, s.words) for s in stretches)
            parsed = self.parser.finish(skim)
            return parsed, states.scores(parsed)
        worth = [
            n for n, s in enumerate(stretches) if skim.is_title(n) or look.passes(s.vectors, s.tags)
        ]
        states = self.reader.states((stretches[n].first, stretches[n].words) for n in worth)
        limit = decision().parse_from
        kept = [n for n in worth if skim.is_title(n) or states.act(acting(stretches[n])) >= limit]
        names = look.names(stretches)
        parsed = self.parser.finish(skim, kept, names)
        return parsed, states.scores(parsed)

    def _event(
        self,
        parsed: Parsed,
        candidate: Candidate,
        judgement: Judgement,
        when: When,
        where: Place | None,
        size: Magnitudes,
    ) -> Event:
        reading, sentence = parsed.reading, parsed.sentences[candidate.sentence]
        kind = self.codebook.types[candidate.event_type]
        start, end = reading.to_source(sentence.start, sentence.end)
        document = parsed.document
        actors = tuple(to_source(reading, p) for p in candidate.actors)
        recipients = tuple(to_source(reading, p) for p in candidate.recipients)
        trigger = to_source(reading, candidate.trigger)
        part = reading.part(sentence.start)
        return Event(
            id=event_id(
                document.id,
                part,
                trigger,
                candidate.event_type,
                actors,
                recipients,
                judgement.status,
            ),
            document=DocumentRef(
                document.id,
                document.title,
                document.outlet,
                document.url,
                document.published,
                document.genre,
            ),
            event_type=candidate.event_type,
            mode=candidate.mode,
            contexts=candidate.contexts,
            quad=kind.quad,
            score=kind.score_of(candidate.mode),
            actors=actors,
            recipients=recipients,
            status=judgement.status,
            attribution=tuple(
                dataclasses.replace(
                    to_source(reading, a),
                    speaker=to_source(reading, a.speaker) if a.speaker is not None else None,
                )
                for a in judgement.attribution
            ),
            voice=judgement.voice,
            date=when.date,
            end_date=when.end_date,
            date_text=when.date_text,
            date_granularity=when.date_granularity,
            date_from=when.date_from,
            place=to_source(reading, where) if where is not None else None,
            magnitudes=dataclasses.replace(
                size, money=tuple(to_source(reading, m) for m in size.money)
            ),
            evidence=Evidence(sentence.text, start, end, trigger, sentence.number, part),
            why=candidate.why,
            incident=None,
            coder=self.info,
        )


# -------------------------------------------------------------- single steps
def with_speaker(
    candidate: Candidate, parsed: Parsed, statements: tuple[Statement, ...]
) -> Candidate:
    """ "We" and "I" in somebody's mouth are that somebody."""

    def known(party: Party) -> Party:
        if party.resolved_by != "first_person":
            return party
        speaker = attribution.speaker_of(statements, candidate.token)
        if speaker is None:
            return party
        return dataclasses.replace(
            party,
            name=speaker.name,
            country=speaker.country,
            members=speaker.members,
            sector=speaker.sector,
            other_sectors=speaker.other_sectors,
            office=speaker.office,
            wikidata=speaker.wikidata,
            resolved_by="speaker",
        )

    return dataclasses.replace(
        candidate,
        actors=tuple(map(known, candidate.actors)),
        recipients=tuple(map(known, candidate.recipients)),
    )


def as_framed(candidate: Candidate, judgement: Judgement) -> Judgement:
    """A frame that contains the negation ("will not tolerate") says itself how the act stands."""
    if candidate.status == "actual" and judgement.status == "negated":
        return dataclasses.replace(judgement, status="actual")
    return judgement


def as_learned(judgement: Judgement, chances: Mapping[str, float] | None) -> Judgement:
    """The status that the model sees where the rules see none: they leave an act "actual" for want
    of a sign. A status that they found stands, since they know dates and the text around, the
    model the sentence alone (on real articles the rules were right more often there)."""
    if chances is None or judgement.status != "actual":
        return judgement
    best = max(sorted(chances), key=lambda name: chances[name])
    if best == "actual" or chances[best] < decision().status_from:
        return judgement
    reasons = (*judgement.reasons, f"model:{best}")
    return dataclasses.replace(judgement, status=cast("Status", best), reasons=reasons)


def long_past(
    parsed: Parsed, candidate: Candidate, judgement: Judgement, when: When, past: list[Candidate]
) -> Judgement:
    """A noun that takes up an act which the text has dated long ago is as old: "the coup" after
    "the army took power in 1999"."""
    token = parsed.doc[candidate.token]
    if judgement.status != "actual" or when.date_from == "text" or token.pos_ != "NOUN":
        return judgement
    for other in past:
        if other.event_type != candidate.event_type or other.token == candidate.token:
            continue
        same_word = parsed.doc[other.token].lemma_ == token.lemma_
        parties = {p.name for p in (*other.actors, *other.recipients) if p.name}
        shared = any(p.name in parties for p in (*candidate.actors, *candidate.recipients))
        if same_word or shared:
            reasons = (*judgement.reasons, f"as:{other.trigger.text}")
            return dataclasses.replace(judgement, status="historical", reasons=reasons)
    return judgement


def not_yet(judgement: Judgement, when: When, parsed: Parsed) -> Judgement:
    """What the text dates after its own day has not happened."""
    published = parsed.document.published
    if judgement.status != "actual" or when.date is None or published is None:
        return judgement
    if when.date_from != "text" or when.date <= (time_place.written(parsed) or published):
        return judgement
    reasons = (*judgement.reasons, f"date:{when.date}")
    return dataclasses.replace(judgement, status="future", reasons=reasons)


def as_planned(candidate: Candidate, judgement: Judgement, codebook: Codebook) -> Candidate:
    """What is only planned may be another type: planned aid is an agreement to give it."""
    if judgement.status != "future" or candidate.event_type not in codebook.planned:
        return candidate
    planned = codebook.planned[candidate.event_type]
    return dataclasses.replace(candidate, event_type=planned, mode=None)


def said_already(
    parsed: Parsed, planned: Candidate, candidate: Candidate, others: list[Candidate]
) -> Candidate | None:
    """The candidate that already codes a plan: "promised to send aid" is one agreement, on
    "promised"."""
    if planned.event_type == candidate.event_type:
        return None
    above = {token.i for token in parsed.doc[candidate.token].ancestors}
    for other in others:
        if other.event_type == planned.event_type and other.token in above:
            return other
    return None


def with_sums(
    size: Magnitudes, parsed: Parsed, candidate: Candidate, others: list[Candidate]
) -> Magnitudes:
    """Sums of money of the act that is promised stand with the promise: "pledged to give
    $3 million" is one agreement about $3 million."""
    if size.money or candidate.event_type != "AGREE":
        return size
    for other in others:
        below = other.token != candidate.token and any(
            token.i == candidate.token for token in parsed.doc[other.token].ancestors
        )
        if below:
            inner = time_place.magnitudes(parsed, other.token, other.event_type)
            if inner.money:
                return dataclasses.replace(size, money=inner.money)
    return size


def is_refusal(
    candidate: Candidate, judgement: Judgement, others: list[Candidate], codebook: Codebook
) -> bool:
    """Whether somebody says that he will not do this, and no frame has coded that already."""
    if judgement.status != "negated" or candidate.event_type not in codebook.refused:
        return False
    if not candidate.actors or not any(r in _WILL for r in judgement.reasons):
        return False
    target = codebook.refused[candidate.event_type]
    return not any(o.sentence == candidate.sentence and o.event_type == target for o in others)


def as_refused(
    candidate: Candidate, judgement: Judgement, codebook: Codebook
) -> tuple[Candidate, Judgement]:
    """What somebody will not do is the refusal to do it, and the refusal has happened."""
    refused = codebook.refused[candidate.event_type]
    return (
        dataclasses.replace(candidate, event_type=refused, mode=None),
        dataclasses.replace(judgement, status="actual"),
    )


# the reasons that attribution.judge gives for a verb under "will" or "would"
_WILL = frozenset(("modal:will", "modal:would", "modal:wo", "modal:'ll"))


def spans(candidate: Candidate) -> tuple[tuple[int, int], ...]:
    """Character spans of the parties: a party's own name is not where it acts."""
    return tuple((p.start, p.end) for p in (*candidate.actors, *candidate.recipients))


def to_source(reading: Reading, item: Located) -> Located:
    """The same with offsets into the document's own text or title."""
    start, end = reading.to_source(item.start, item.end)
    if isinstance(item, Party | Place | Rejection):
        return dataclasses.replace(item, start=start, end=end, part=reading.part(item.start))
    return dataclasses.replace(item, start=start, end=end)


def event_id(
    document_id: str,
    part: str,
    trigger: Trigger,
    event_type: str,
    actors: Iterable[Party],
    recipients: Iterable[Party],
    status: str,
) -> str:
    """A stable id: the same input gives the same one on every machine."""
    sides = (
        ",".join(f"{p.start}-{p.end}:{p.country or ''}" for p in side)
        for side in (actors, recipients)
    )
    parts = (document_id, part, str(trigger.start), str(trigger.end), event_type, *sides, status)
    return "ev-" + hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:20]


def coverage(parsed: Parsed, events: tuple[Event, ...]) -> Coverage:
    """How much was read and resolved."""
    parties = [p for e in events for p in (*e.actors, *e.recipients)]
    read = sum(s.end - s.start for s in parsed.sentences)
    return Coverage(
        characters=len(parsed.document.text),
        characters_read=min(read, len(parsed.document.text)),
        sentences=len(parsed.sentences) + len(parsed.skipped),
        sentences_read=len(parsed.sentences),
        sentences_aside=len(parsed.aside),
        parties=len(parties),
        parties_resolved=sum(p.country is not None for p in parties),
        events=len(events),
        events_dated=sum(e.date_from == "text" for e in events),
        events_placed=sum(e.place is not None for e in events),
    )


def _rejected(
    parsed: Parsed, candidate: Candidate, reason: RejectionReason, detail: str
) -> Rejection:
    trigger = candidate.trigger
    return Rejection(
        document_id=parsed.document.id,
        sentence=parsed.sentences[candidate.sentence].number,
        start=trigger.start,
        end=trigger.end,
        text=trigger.text,
        reason=reason,
        rule=candidate.why.rule,
        event_type=candidate.event_type,
        detail=detail,
    )


def _tree_hash(path: Path | None) -> str:
    if path is None:
        return ""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    digest = hashlib.sha256()
    for file in files:
        if file.is_file():
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
