"""How an event stands: who says so, whether it happened, in what voice."""

from __future__ import annotations

import bisect
from collections.abc import Iterable

from whowhom.attribution.language import modality, reporting, voice_words
from whowhom.attribution.status import SPEECH_ACTS, is_irreal, status_of
from whowhom.attribution.tree import Tree, tree_of
from whowhom.attribution.voice import voice_of, wished
from whowhom.model import (
    Attribution,
    Judgement,
    Parsed,
    Parties,
    Party,
    Statement,
    Status,
    When,
)

# Speech within speech within speech: more links than this are a broken text, not a chain.
_CHAIN_LIMIT = 8


def judge(
    parsed: Parsed,
    parties: Parties,
    statements: tuple[Statement, ...],
    token_index: int,
    *,
    event_type: str,
    hint: Status | None = None,
    when: When | None = None,
    historical_days: int = 92,
    actors: tuple[Party, ...] = (),
    words: tuple[int, ...] = (),
) -> Judgement:
    """The judgement on the event whose trigger's head token is ``token_index``.

    ``statements`` are those of :func:`find_statements`. ``hint`` is the status that
    the construction imposes; it yields only to negation. ``when`` dates the event;
    further back than ``historical_days`` before publication it is historical.
    The event that is itself a speech act ("condemned") is attributed to nobody for
    its own cue, only to those who report it: not to one of ``actors`` either, nor,
    where they are not given, to the speaker whose own words are the act ("it would
    help, he said" as an agreement). ``words`` are the tokens that the event's frame
    used.
    """
    tree = tree_of(parsed.doc)
    covering = covering_statements(tree, statements, token_index)
    status, reasons = status_of(
        tree,
        parsed,
        covering,
        token_index,
        event_type=event_type,
        hint=hint,
        when=when,
        historical_days=historical_days,
        words=frozenset(words),
    )
    sources = [
        s
        for s in covering
        if attributes(s) and not _unsaid(tree, s) and _asserted(tree, s, token_index)
    ]
    if event_type in SPEECH_ACTS:
        sources = _others(tree, sources, token_index, actors)
    chain = tuple(_link(parsed, tree, s) for s in sources)
    quoted = any(s.quoted for s in covering)
    offset = tree.start[token_index]
    cue = any(
        s.speaker is not None and attributes(s) and any(a <= offset < b for a, b in s.cue)
        for s in statements
    )
    voice, voice_reasons = voice_of(
        tree, parsed, token_index, attributed=bool(chain) or quoted, cue=cue
    )
    taken = reporting().factive | modality().words("verbs", "doubts")
    unsaid = [
        s.cue_lemma
        for s in covering
        if not s.denied and s.cue_lemma not in taken and _unsaid(tree, s)
    ]
    if status == "actual" and unsaid:
        status = "hypothetical"
        reasons = [*reasons, f"unsaid:{unsaid[0]}"]
    if status == "future" and event_type == "ASSAULT" and _is_plot(reasons, actors):
        status = "hypothetical"
        reasons = [*reasons, "plot"]
    open_act = status == "actual" or (status == "future" and "modal:will" not in reasons)
    if voice == "advocacy" and open_act and wished(tree, token_index):
        status = "hypothetical"
        reasons = [*reasons, "voice:advocacy"]
    return Judgement(status, chain, voice, tuple(dict.fromkeys([*reasons, *voice_reasons])))


_OFFICIAL = frozenset(("GOV", "MIL", "LEG", "COP"))  # PLOVER sectors that announce their plans


def _is_plot(reasons: Iterable[str], actors: tuple[Party, ...]) -> bool:
    """Whether the act is what private persons or a band are said to have planned: known of
    because it was found out, it is no appointment (the gold's guide codes plots so)."""
    planned = any(r in ("under:plan", "under:intend", "under:plot") for r in reasons)
    return planned and bool(actors) and not any(p.sector in _OFFICIAL for p in actors)


def speaker_of(statements: tuple[Statement, ...], token_index: int) -> Party | None:
    """Who speaks the words around a token: for "we" and "I" inside a quotation.

    The speaker of the innermost quoted statement whose content covers the token; None
    where nobody is named.
    """
    found = [
        s for s in statements if s.quoted and s.speaker is not None and _covers(s, token_index)
    ]
    return min(found, key=_size).speaker if found else None


def covering_statements(
    tree: Tree, statements: tuple[Statement, ...], token: int
) -> tuple[Statement, ...]:
    """Statements whose content holds a token, outermost first."""
    offset = tree.start[token]
    found = [
        s
        for s in statements
        if _covers(s, token) and not any(low <= offset < high for low, high in s.cue)
    ]
    found.sort(key=lambda s: (-_size(s), s.cue))
    return tuple(found[-_CHAIN_LIMIT:])


def _others(
    tree: Tree, sources: list[Statement], token: int, actors: tuple[Party, ...]
) -> list[Statement]:
    """The statements about a speech act, without that which is the act itself."""
    if actors:
        own = {party.key for party in actors}
        spans = [(party.start, party.end) for party in actors]
        return [
            s
            for s in sources
            if s.speaker is None
            or not (
                s.speaker.key in own
                or any(s.speaker.start < end and start < s.speaker.end for start, end in spans)
            )
        ]
    words = reporting()
    verb = token
    for node in (token, *tree.ancestors(token)):
        verb = node
        if tree.pos[node] in ("VERB", "AUX"):
            break
    subject = _agent_of(tree, verb)
    if subject is not None and tree.pos[subject] == "PRON" and tree.tag[subject] == "PRP":
        return sources[:-1]
    if tree.lemma[token] in words.verbs or tree.lemma[token] in words.nouns:
        return sources
    duty = any(tree.lower[a] in voice_words().duty_modals for a in tree.kids(verb, "aux"))
    predicate = tree.dep[token] in ("attr", "acomp", "ROOT") and verb != token
    return sources[:-1] if duty or predicate else sources


def _agent_of(tree: Tree, verb: int) -> int | None:
    """Subject of a verb, its own or that of the verb that controls it."""
    for _ in range(8):
        subject = tree.kid(verb, "nsubj", "nsubjpass")
        if subject is not None:
            return subject if tree.dep[subject] == "nsubj" else None
        if tree.dep[verb] not in ("xcomp", "conj", "advcl") or tree.head[verb] == verb:
            return None
        verb = tree.head[verb]
    return None


def _cue_tokens(tree: Tree, statement: Statement) -> list[int]:
    found = []
    for low, high in statement.cue:
        i = bisect.bisect_left(tree.start, low)
        while i < len(tree) and tree.start[i] < high:
            found.append(i)
            i += 1
    return found


def _unsaid(tree: Tree, statement: Statement) -> bool:
    """Whether the saying itself did not happen: "did not say", "might claim", "refused to say"."""
    tokens = _cue_tokens(tree, statement)
    main = next((i for i in tokens if tree.pos[i] == "VERB"), None)
    return main is not None and is_irreal(tree, main)


def _asserted(tree: Tree, statement: Statement, token: int) -> bool:
    """Whether a token stands in what the source asserts, not in a thing that it judges.

    "Praised the raid" takes the raid for granted, "reported a raid" does not.
    """
    words = reporting()
    reporter = words.verbs.get(statement.cue_lemma)
    if (
        reporter is None
        or "judgement" not in reporter.kinds
        or statement.cue_lemma in words.hearsay_objects
    ):
        return True
    cue = set(_cue_tokens(tree, statement))
    node = token
    for ancestor in tree.ancestors(token):
        if ancestor in cue:
            return tree.dep[node] not in ("dobj", "nsubjpass", "prep", "attr", "oprd")
        node = ancestor
    return True


def attributes(statement: Statement) -> bool:
    """Whether a statement's content is asserted on the word of its source."""
    words = reporting()
    lemma = statement.cue_lemma
    if lemma in words.impersonal:
        return False
    if lemma in words.attitude_adjectives:
        return True
    if lemma in words.hearsay_adjectives or lemma in words.adverbs:
        return True
    reporter = words.verbs.get(lemma) or words.nouns.get(lemma)
    if reporter is None or reporter.attributes:
        return bool(statement.source) or lemma in words.hearsay_passive
    return False


def _covers(statement: Statement, token: int) -> bool:
    return any(low <= token < high for low, high in statement.tokens)


def _size(statement: Statement) -> int:
    return sum(high - low for low, high in statement.content)


def _link(parsed: Parsed, tree: Tree, statement: Statement) -> Attribution:
    start, end = statement.cue[0][0], statement.cue[-1][1]
    return Attribution(
        speaker=statement.speaker,
        cue=" ".join(parsed.reading.text[low:high] for low, high in statement.cue),
        quoted=statement.quoted,
        start=start,
        end=end,
    )
