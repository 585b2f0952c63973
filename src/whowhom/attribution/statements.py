"""Who says what: sources, cues and contents, from verbs, nouns, phrases and quotation marks.

The terms are those of Pareti's attribution scheme: the *source* is whose words or
thoughts they are, the *cue* is the word that links it to the *content*.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from whowhom.attribution.language import Reporter, Reporting, reporting
from whowhom.attribution.quotes import Quote, Quoted
from whowhom.attribution.tree import Tree, tree_of
from whowhom.model import Parsed, Parties, Party, Statement

Span = tuple[int, int]
_SUBJECTS = ("nsubj", "csubj", "expl")
_PASSIVE_SUBJECTS = ("nsubjpass", "csubjpass")
_FINITE = ("VBD", "VBZ", "VBP")
_OBJECTS = ("dobj", "oprd", "attr")
_RELATIVES = frozenset({"who", "which", "that", "whom"})
_BLANK = re.compile(r"[\s,.;:—–\-()\[\]'\"“”‘’«»]*\Z")
_LINE = re.compile(r"[^\n]+")
# reports that begin before a word and may still go on at it: more are not looked at
_REPORTS_BACK = 24
# between two quotations of one sentence: "A," and then "B"
_JOINT = re.compile(
    r"[\s,;]*(?:(?:and|or|but|then|also|even|especially|as well as|to)[\s,;:]+){0,3}"
)
_SPEAKER_LINE = re.compile(r"([^\n:\"“]{2,60}):[ \t]+(?=\S)")
_REPORTED_SPEECH = frozenset({"speech", "document", "denial", "accusation", "hearsay"})
# a colon headline's speaker is a short name
_SPEAKER_TOKENS = 7
# between a quotation and its cue: "..., the minister of trade of that country said"
_QUOTE_GAP_TOKENS = 40


@dataclass(slots=True)
class Draft:
    """A statement while it is put together; places are token indices."""

    cue: list[int]
    kind: str
    lemma: str
    head: int | None = None  # head token of the source
    source: list[int] = field(default_factory=list)
    content: list[Span] = field(default_factory=list)  # characters
    quoted: bool = False
    denied: bool = False
    order: int = 0


def find_statements(parsed: Parsed, parties: Parties) -> tuple[Statement, ...]:
    """All attributions of a document, in the order of their cues.

    Spans count into ``parsed.reading.text``. A statement of which the text does
    not name the speaker ("reportedly") has no source spans and no speaker.
    """
    if not len(parsed.doc):
        return ()
    return _Finder(parsed, parties).statements()


class _Finder:
    def __init__(self, parsed: Parsed, parties: Parties) -> None:
        self.parsed = parsed
        self.parties = parties
        self.text = parsed.reading.text
        self.tree: Tree = tree_of(parsed.doc)
        self.quotes = Quoted.of(self.text)
        self.words: Reporting = reporting()
        self.covered: set[Quote] = set()

    def statements(self) -> tuple[Statement, ...]:
        drafts = [d for d in self._drafts() if d.content and self._counts(d)]
        drafts = self._own(drafts)
        self._leftover_quotes(drafts)
        drafts.sort(key=lambda d: (d.order, d.content))
        return tuple(self._statement(d) for d in drafts)

    def _counts(self, draft: Draft) -> bool:
        """Whether a statement inside a quotation is a second speaker's.

        What the quoted one thinks, wants and judges is the quotation itself.
        """
        if self.quotes.at(draft.order) is None:
            return True
        if draft.kind not in _REPORTED_SPEECH:
            return False
        return draft.head is None or self.tree.lower[draft.head] not in self.words.own_voice

    def _own(self, drafts: list[Draft]) -> list[Draft]:
        """Without the stands that somebody is reported to take: they are in the report.

        What is asserted within an assertion stays, as a link of the chain.
        """
        reports = sorted(
            ((low, high, d) for d in drafts if self._asserts(d) for low, high in d.content),
            key=lambda entry: entry[:2],
        )
        starts = [low for low, _, _ in reports]

        def reported(draft: Draft) -> bool:
            place = bisect.bisect_right(starts, draft.order)
            return any(
                draft.order < high and not self._spans_over(draft, other.order)
                for _, high, other in reports[max(0, place - _REPORTS_BACK) : place]
            )

        return [d for d in drafts if self._asserts(d) or not reported(d)]

    def _asserts(self, draft: Draft) -> bool:
        if draft.kind in ("hearsay", "attitude", "impression"):
            return False
        reporter = self.words.verbs.get(draft.lemma) or self.words.nouns.get(draft.lemma)
        return reporter is None or reporter.attributes

    @staticmethod
    def _spans_over(draft: Draft, offset: int) -> bool:
        return any(low <= offset < high for low, high in draft.content)

    # ------------------------------------------------------------- candidates
    def _drafts(self) -> Iterator[Draft]:
        tree, words = self.tree, self.words
        for i in range(len(tree)):
            pos, lemma = tree.pos[i], tree.lemma[i]
            if pos in ("VERB", "AUX"):
                reporter = words.verbs.get(lemma)
                if lemma == "accord" and tree.lower[i] == "according":
                    yield from self._according(i)
                elif reporter is not None:
                    yield from self._verb(i, reporter)
                elif lemma in words.impersonal and pos == "VERB":
                    yield from self._impersonal(i)
            elif pos in ("NOUN", "PROPN"):
                noun = words.nouns.get(lemma)
                if noun is not None:
                    yield from self._noun(i, noun)
                if lemma in words.in_noun:
                    yield from self._in_view(i)
            elif pos == "ADV" and tree.lower[i] in words.adverbs:
                yield from self._adverb(i)
            elif pos == "ADJ":
                if lemma in words.hearsay_adjectives and tree.dep[i] == "amod":
                    yield self._hearsay_noun(i)
                elif lemma in words.attitude_adjectives:
                    yield from self._adjective(i)
            elif tree.lower[i] == "according":
                yield from self._according(i)
        yield from self._colons()

    # ------------------------------------------------------------------ verbs
    def _verb(self, v: int, reporter: Reporter) -> Iterator[Draft]:
        tree = self.tree
        draft = Draft([v], reporter.kind, tree.lemma[v], order=tree.start[v])
        passive = self._is_passive(v)
        if passive:
            draft.head = self._agent(v)
        else:
            draft.head = self._subject(v)
        if tree.tag[v] == "VBN" and tree.dep[v] in ("amod",):
            return
        draft.cue = self._cue(v)
        if draft.head is not None and self._quoted_apart(draft.head, v):
            draft.head = self._before(v)  # "Peace is near," the envoy said
        if draft.head is not None:
            draft.source = self._source(draft.head, v)
        draft.denied = reporter.kind == "denial"
        spans = [self._ended(span, v) for span in self._contents(v, reporter, passive)]
        draft.content = self._without(spans, draft)
        if "quote" in reporter.complements:
            if draft.head is None and not draft.content and self._after_quote(v, passive):
                self._lost_subject(v, draft)
            self._add_quotes(v, draft)
        if draft.content and draft.head is None and not passive:
            self._late_subject(v, draft)
            if draft.head is None and tree.tag[v] in _FINITE:
                self._lost_subject(v, draft)
        yield draft

    def _contents(self, v: int, reporter: Reporter, passive: bool) -> Iterator[Span]:
        """Character spans of the clauses and phrases that a verb's content stands in."""
        tree, kinds = self.tree, reporter.complements
        found = False
        if "clause" in kinds:
            for c in tree.kids(v, "ccomp"):
                if tree.tag[c] == "VB" and "infinitive" not in kinds and self._is_to(c):
                    continue
                yield self._span(c)
                found = True
                if tree.kid(c, *_SUBJECTS, *_PASSIVE_SUBJECTS) is None and c > v:
                    # "state their goal is ...": the clause's subject hangs from the verb
                    yield from (self._span(k) for k in tree.kids(v, "dobj") if v < k < c)
            if found:
                # "said he left and that he was ill": the parser may hang the second clause
                # from the verb of speech
                for c in tree.kids(v, "conj"):
                    if any(tree.lower[m] == "that" for m in tree.kids(c, "mark")):
                        yield self._span(c)
            if not found:
                for c in tree.kids(v, "advcl", "xcomp"):
                    # "asked whether ..." and small clauses that the parser calls xcomp
                    if any(tree.lower[m] in ("whether", "if") for m in tree.kids(c, "mark")):
                        yield self._span(c)
                        found = True
            if not found and (around := self._parenthetical(v)) is not None:
                yield around
                found = True
            if found:
                yield from self._reasons(v)
        if "infinitive" in kinds and not found:
            for c in tree.kids(v, "xcomp", "ccomp"):
                if self._is_to(c):
                    if passive and tree.lemma[v] in self.words.raised:
                        continue
                    yield self._span(c)
                    found = True
                    if "command" in reporter.kinds and not passive:
                        # "urged Chile to leave": who is to act is part of what is urged
                        yield from self._addressee(v, c)
        if passive and not found and tree.lemma[v] in self.words.raised:
            for c in tree.kids(v, "xcomp", "oprd", "prep"):
                if tree.dep[c] == "prep" and tree.lower[c] not in ("of", "as"):
                    continue
                yield self._span(c)
                subject = tree.kid(v, *_PASSIVE_SUBJECTS)
                if subject is not None and tree.lower[subject] not in _RELATIVES:
                    yield self._span(subject)
                found = True
        if found:
            return
        if "gerund" in kinds:
            for c in tree.kids(v, "xcomp", "pcomp"):
                if tree.tag[c] == "VBG":
                    yield self._span(c)
                    found = True
        if "oblique" in kinds and not found:
            subject = tree.kid(v, *_PASSIVE_SUBJECTS) if passive else None
            thing = tree.kid(v, "dobj") if not passive else subject
            prep = next((p for p in tree.kids(v, "prep") if tree.lower[p] in ("of", "for")), None)
            # the parser hangs "of theft" from the accused as often as from the verb
            within = thing is not None and any(
                tree.lower[p] in ("of", "for") for p in tree.kids(thing, "prep")
            )
            if prep is not None or within:
                for part in (thing, prep):
                    if part is not None and tree.lower[part] not in _RELATIVES:
                        yield self._span(part)
                        found = True
        if "object" in kinds and not found:
            yield from self._object(v, passive)
            found = tree.kid(v, *_OBJECTS, *_PASSIVE_SUBJECTS) is not None
        if "as" in kinds and not found:
            thing = tree.kid(v, "nsubjpass" if passive else "dobj")
            manner = next((p for p in tree.kids(v, "prep") if tree.lower[p] == "as"), None)
            if thing is not None and manner is not None:
                yield self._span(manner)
                if tree.lower[thing] not in _RELATIVES:
                    yield self._span(thing)
                return
        if "about" in kinds and not found:
            for p in tree.kids(v, "prep"):
                if tree.lower[p] in reporter.prepositions and p > v:
                    for c in tree.kids(p, "pobj", "pcomp"):
                        yield self._span(c)
                    # "referred to them as allies"
                    yield from (
                        self._span(k)
                        for k in tree.kids(v, "prep")
                        if k > p and tree.lower[k] == "as"
                    )
                    return

    def _ended(self, span: Span, v: int) -> Span:
        """A content without what its speaker says next: "said he left, adding that ..."."""
        tree = self.tree
        if span[0] < tree.start[v]:
            return span
        k = bisect.bisect_right(tree.start, span[0])
        while k < len(tree) and tree.start[k] < span[1]:
            if tree.lemma[k] in self.words.verbs and self._beside(k) == v:
                return span[0], tree.end[k - 2]
            k += 1
        return span

    def _beside(self, k: int) -> int | None:
        """The verb of speech that a participle of speech goes on from, after a comma.

        The parser hangs it from the clause that is reported.
        """
        tree, verbs = self.tree, self.words.verbs
        if k < 2 or tree.lemma[k] not in verbs:
            return None
        if tree.tag[k] == "VBG":
            if tree.dep[k] not in ("advcl", "acl") or tree.lower[k - 1] != ",":
                return None
        elif not self._adds(k):
            return None
        node = k
        for _ in range(6):
            dep, head = tree.dep[node], tree.head[node]
            if head == node:
                return None
            if dep in ("ccomp", "dobj", "oprd") and head < node < k and tree.lemma[head] in verbs:
                return head
            node = head
        return None

    def _adds(self, k: int) -> bool:
        """ "said he left but added ...": who adds is who has just spoken."""
        tree = self.tree
        return (
            tree.dep[k] == "conj"
            and tree.lemma[k] in self.words.going_on
            and tree.tag[k] in ("VBD", "VBZ", "VBP")
            and tree.pos[k - 1] == "CCONJ"
        )

    def _addressee(self, v: int, infinitive: int) -> Iterator[Span]:
        """ "asked **them** to go", "called on **them** to go"."""
        tree = self.tree
        for c in tree.kids(v, "dobj", "dative"):
            if v < c < infinitive:
                yield self._span(c)
        for p in tree.kids(v, "prep"):
            if v < p < infinitive and tree.lower[p] in ("on", "upon", "for"):
                yield from (self._span(c) for c in tree.kids(p, "pobj"))

    def _object(self, v: int, passive: bool) -> Iterator[Span]:
        tree = self.tree
        if passive:
            subject = tree.kid(v, *_PASSIVE_SUBJECTS)
            if subject is not None and tree.lower[subject] not in _RELATIVES:
                yield self._span(subject)
            elif tree.dep[v] == "acl":
                return
        for c in tree.kids(v, *_OBJECTS):
            if c > v:
                yield self._span(c)
        if tree.kid(v, "dobj") is not None or passive:
            for p in tree.kids(v, "prep"):
                if tree.lower[p] in self.words.object_prepositions and p > v:
                    yield self._span(p)

    def _parenthetical(self, v: int) -> Span | None:
        """The clause that a verb of speech is set into: "..., officials say, ..."."""
        tree = self.tree
        head = tree.head[v]
        if tree.dep[head] in ("aux", "auxpass"):
            head = tree.head[head]
        if head == v or tree.dep[v] not in ("parataxis", "ccomp", "advcl", "conj", "dep"):
            return None
        subject = tree.kid(v, *_SUBJECTS)
        if subject is None:
            return None
        mark = tree.kid(v, "mark", "advmod")
        if tree.dep[v] == "advcl" and (mark is None or tree.lower[mark] != "as"):
            return None
        if tree.dep[v] == "ccomp" and tree.lemma[head] in self.words.verbs:
            return None
        if tree.dep[v] == "conj" and tree.kid(head, "cc") is not None:
            return None
        if any(tree.dep[c] in _OBJECTS for c in tree.children[v] if c > v):
            return None
        return self._span(head)

    def _reasons(self, v: int) -> Iterator[Span]:
        """ "He left, she said, because it rained": the rest of a clause around its cue."""
        tree = self.tree
        before = any(c < v for c in tree.kids(v, "ccomp"))
        around = tree.dep[v] != "ROOT" and tree.kid(v, "ccomp") is None
        if not before and not around:
            return
        for c in tree.kids(v, "advcl"):
            low = tree.left[c]
            if c > v and tree.lower[low - 1] == "," and tree.lower[low] in self.words.reasons:
                yield self._span(c)

    def _impersonal(self, v: int) -> Iterator[Draft]:
        """ "It appears that ...", "X seems to ...": nobody's word, but not a plain fact."""
        tree = self.tree
        spans = [self._span(c) for c in tree.kids(v, "ccomp", "xcomp", "oprd")]
        if not spans:
            return
        subject = tree.kid(v, *_SUBJECTS)
        if subject is not None and tree.lower[subject] not in self.words.empty_subjects:
            spans.insert(0, self._span(subject))
        draft = Draft([v], "impression", tree.lemma[v], order=tree.start[v])
        draft.content = self._without(spans, draft)
        yield draft

    # ------------------------------------------------------------- who speaks
    def _is_passive(self, v: int) -> bool:
        tree = self.tree
        if tree.kid(v, "auxpass", *_PASSIVE_SUBJECTS) is not None:
            return True
        if tree.tag[v] == "VBN" and tree.dep[v] == "acl":
            return True
        # "Asked whether he would go, the mayor said ...": somebody else asks
        return (
            tree.dep[v] == "advcl"
            and tree.tag[v] in ("VBN", "VBD")
            and "question" in self.words.verbs[tree.lemma[v]].kinds
            and tree.kid(v, *_SUBJECTS, "aux", "mark") is None
        )

    def _agent(self, v: int) -> int | None:
        tree = self.tree
        by = tree.kid(v, "agent")
        return None if by is None else tree.kid(by, "pobj")

    def _subject(self, v: int) -> int | None:
        """Head of the words that name who does what a verb says."""
        tree = self.tree
        node = v
        for _ in range(12):  # chains of infinitives and participles are short
            own = tree.kid(node, "nsubj")
            if own is not None:
                return own
            if node != v and (passive := tree.kid(node, *_PASSIVE_SUBJECTS)) is not None:
                return passive
            dep, head = tree.dep[node], tree.head[node]
            if head == node:
                return None
            if (beside := self._beside(node)) is not None:
                node = beside
                continue
            if dep == "acl":
                return head if tree.tag[node] != "VBN" else None
            if dep in ("xcomp", "ccomp") and self._is_to(node):
                controlled = tree.kid(head, "dobj", "dative")
                if controlled is not None and self._controls(head):
                    return controlled
                node = head
            elif dep in ("conj", "xcomp", "advcl"):
                node = head
            elif dep == "pcomp":
                verb = tree.head[head]
                if tree.lemma[verb] in self.words.as_saying:
                    quoted = tree.kid(verb, "dobj", *_PASSIVE_SUBJECTS)
                    if quoted is not None:
                        return quoted
                if tree.pos[verb] in ("NOUN", "PROPN"):
                    return next(tree.kids(verb, "poss"), None)
                node = verb
            else:
                return None
        return None

    def _controls(self, verb: int) -> bool:
        """Whether the object of a verb does what its infinitive says: "urged him to deny"."""
        lemma, words = self.tree.lemma[verb], self.words
        reporter = words.verbs.get(lemma)
        return lemma in words.object_control or (
            reporter is not None and "command" in reporter.kinds
        )

    def _quoted_apart(self, head: int, v: int) -> bool:
        """Whether a subject stands in a quotation and its verb outside of it."""
        if self.tree.dep[self.tree.head[head]] == "relcl":
            return False
        quote = self.quotes.at(self.tree.start[head])
        return quote is not None and quote.end <= self.tree.start[v]

    def _before(self, v: int) -> int | None:
        """The noun right before a verb, back to a quotation mark."""
        tree = self.tree
        for i in range(v - 1, max(v - 8, -1), -1):
            if self.quotes.at(tree.start[i]) is not None or tree.pos[i] in ("PUNCT", "VERB"):
                return None
            if tree.pos[i] in ("NOUN", "PROPN", "PRON"):
                return i
        return None

    def _late_subject(self, v: int, draft: Draft) -> None:
        """ "...," said X: the parser often loses a subject that follows its verb."""
        tree = self.tree
        if tree.dep[v] not in ("ROOT", "parataxis", "ccomp", "conj", "advcl"):
            return
        for i in range(v + 1, min(v + 12, len(tree))):
            if tree.pos[i] in ("PUNCT", "VERB", "ADP") and tree.dep[i] != "compound":
                return
            if tree.pos[i] in ("PROPN", "NOUN", "PRON") and tree.dep[i] not in (
                "compound", "npadvmod", "poss",
            ):  # fmt: skip
                if not self._inside(i, draft.content):
                    draft.head = i
                    draft.source = self._source(i, v)
                return

    def _after_quote(self, v: int, passive: bool) -> bool:
        """Whether a finite verb stands right of a quotation that begins its sentence."""
        tree = self.tree
        if passive or tree.tag[v] not in _FINITE:
            return False
        start = tree.bounds[tree.sentence[v]][0]
        return bool(self.quotes.between(tree.start[start], tree.start[v]))

    def _lost_subject(self, v: int, draft: Draft) -> None:
        """The noun that a finite verb's sentence begins with, where the parser gave it none."""
        tree = self.tree
        start = tree.bounds[tree.sentence[v]][0]
        if tree.kid(v, *_SUBJECTS, *_PASSIVE_SUBJECTS) is not None or v - start > 40:
            return
        for i in range(start, v):
            if tree.pos[i] not in ("NOUN", "PROPN", "PRON"):
                continue
            if start <= tree.head[i] < v and tree.head[i] != i:
                continue
            if tree.dep[i] in ("npadvmod", "pobj", "dobj", "attr") or self._inside(
                i, draft.content
            ):
                continue
            if self.quotes.at(tree.start[i]) is None:
                draft.head = i
                draft.source = self._source(i, v)
            return

    def _source(self, head: int, cue: int) -> list[int]:
        """Token span of a source: its noun phrase without what belongs to the cue."""
        tree = self.tree
        low, high = tree.left[head], tree.right[head]
        if low <= cue <= high:
            if cue > head:
                high = cue - 1
                # "officials who said": stop before the relative clause
                for child in tree.kids(head, "relcl", "acl"):
                    if child > head:
                        high = min(high, tree.left[child] - 1)
            else:
                low = cue + 1
        while high > head and (tree.pos[high] in ("PUNCT", "SPACE")):
            high -= 1
        while low < head and tree.pos[low] in ("PUNCT", "SPACE"):
            low += 1
        return [low, high]

    def _cue(self, v: int) -> list[int]:
        tree = self.tree
        cue = [v]
        cue.extend(c for c in tree.children[v] if tree.dep[c] in ("aux", "auxpass", "neg", "prt"))
        return sorted(cue)

    def _is_to(self, v: int) -> bool:
        return any(self.tree.lower[a] == "to" for a in self.tree.kids(v, "aux"))

    # ----------------------------------------------------------------- quotes
    def _add_quotes(self, v: int, draft: Draft) -> None:
        """Quotations that belong to a verb of speech, whole, and their continuation."""
        tree = self.tree
        if self.quotes.at(tree.start[v]) is not None or not self.quotes.outer:
            return
        found: list[Quote] = []
        for low, high in draft.content:
            found.extend(self.quotes.between(low, high))
            if (over := self.quotes.at(low)) is not None and over not in found:
                found.append(over)
        first = min([v, *draft.source])
        last = max([v, *draft.source])
        before = self.quotes.before(tree.start[first])
        if (
            before is not None
            and (draft.kind not in ("judgement", "talk") or before in found)
            and _BLANK.match(self.text, before.end, tree.start[first])
            and "\n" not in self.text[before.end : tree.start[first]]
            and not self._taken(before, v)
            and not self.text[before.start : before.end].rstrip("\"'”’»").endswith(".")
        ):
            # direct speech: what stands between the marks, and nothing else
            found = [quote for quote in found if quote.end <= before.end] or [before]
            if before not in found:
                found.append(before)
            # but for the words that lead into it: The dam is "quite safe," she said
            draft.content = [
                (low, before.start)
                for low, high in draft.content
                if low < before.start and high > before.start and self.quotes.at(low) is None
            ]
        # the sentence without the blank lines after it
        start, stop = tree.bounds[tree.sentence[v]]
        while stop - 1 > start and tree.pos[stop - 1] == "SPACE":
            stop -= 1
        if not found:
            low = tree.end[last]
            for quote in self.quotes.between(low, tree.end[stop - 1]):
                between = [
                    i for i in range(last + 1, stop)
                    if tree.start[i] < quote.start and i not in draft.cue
                ]  # fmt: skip
                if any(
                    tree.pos[i] == "VERB" and tree.lemma[i] in self.words.verbs for i in between
                ):
                    break
                if draft.kind in ("judgement", "manner", "command") and len(between) > 12:
                    break
                if draft.content and any(tree.lower[i] in (".", "?", "!") for i in between):
                    break  # a new sentence, whatever the parser says
                found.append(quote)
                if not draft.content:
                    break
            if not found and self.text[low : tree.end[stop - 1] + 1].rstrip().endswith(":"):
                after = self.quotes.between(tree.end[stop - 1], tree.end[stop - 1] + 6)
                found.extend(after[:1])
        if not found:
            return
        spans = [(q.start, q.end) for q in found if not q.start <= tree.start[v] < q.end]
        if spans:
            draft.quoted = True
            if found[-1].end <= tree.start[first]:
                # "A," he said, "and B."
                for quote in self.quotes.between(tree.end[last], tree.end[stop - 1])[:1]:
                    if _BLANK.match(self.text, tree.end[last], quote.start):
                        spans.append((quote.start, quote.end))
                        found.append(quote)
            while (more := self._goes_on(found[-1], v, tree.end[stop - 1])) is not None:
                spans.append((more.start, more.end))
                found.append(more)
            # "A," he said. "B."
            tail = tree.end[stop - 1]
            if found[0].end <= tree.start[first] or draft.content == []:
                follow = self.quotes.between(max(tail - 2, found[-1].end), tail + 3)
                for quote in follow[:1]:
                    if (
                        not self.text[tail : quote.start].strip()
                        and "\n" not in self.text[tail : quote.start]
                    ):
                        spans.append((quote.start, quote.end))
                        found.append(quote)
            draft.content = self._without([*draft.content, *spans], draft)
            self.covered.update(found)

    def _goes_on(self, quote: Quote, v: int, end: int) -> Quote | None:
        """The next quotation of a sentence, where only "and" or the like joins it."""
        following = self.quotes.between(quote.end, end)[:1]
        if not following or quote.end <= self.tree.start[v]:
            return None
        between = self.text[quote.end : following[0].start]
        return following[0] if _JOINT.fullmatch(between) else None

    def _taken(self, quote: Quote, v: int) -> bool:
        """Whether another verb of speech stands between a quotation and a verb.

        "No," she said, adding that ...: the quotation is what she said.
        """
        tree = self.tree
        i = v - 1
        while i >= 0 and tree.start[i] >= quote.end:
            if (
                tree.pos[i] == "VERB"
                and tree.lemma[i] in self.words.verbs
                and (
                    "quote" in self.words.verbs[tree.lemma[i]].complements
                    and tree.dep[i] not in ("relcl", "acl")
                )
            ):
                return True
            i -= 1
        return False

    def _leftover_quotes(self, drafts: list[Draft]) -> None:
        """A paragraph that is all quotation continues the words of the last speaker."""
        if not self.quotes.outer:
            return
        by_quote: list[tuple[int, Draft]] = [
            (max(high for _, high in d.content), d) for d in drafts if d.quoted
        ]
        by_quote.sort(key=lambda pair: pair[0])
        last_end, current = -1, None
        place = 0
        inside = sorted((low, high) for d in drafts for low, high in d.content)
        for quote in self.quotes.outer:
            while place < len(by_quote) and by_quote[place][0] <= quote.start + 1:
                last_end, current = by_quote[place]
                place += 1
            if quote in self.covered or any(
                low <= quote.start and quote.end <= high for low, high in inside
            ):
                continue
            line_start = self.text.rfind("\n", 0, quote.start) + 1
            line_end = self.text.find("\n", quote.end - 1)
            line_end = len(self.text) if line_end < 0 else line_end
            apart = self.text[last_end : quote.start].strip("\n").count("\n\n")
            if current is not None and apart > 1:
                current = None
            whole = not self.text[line_start : quote.start].strip() and not self.text[
                quote.end : line_end
            ].strip(" .,")
            if current is None:
                continue
            if quote.start - last_end < 4:
                current.content.append((quote.start, quote.end))
            elif whole:
                # a statement of its own, by the same speaker with the same cue
                current = replace(current, content=[(quote.start, quote.end)])
                drafts.append(current)
            else:
                continue
            last_end = quote.end
            self.covered.add(quote)

    # ------------------------------------------------------------------ nouns
    def _noun(self, n: int, reporter: Reporter) -> Iterator[Draft]:
        tree = self.tree
        clause = next(
            (
                c
                for c in tree.kids(n, "acl", "ccomp", "relcl")
                if c > n
                and (
                    any(tree.lower[m] in ("that", "whether") for m in tree.kids(c, "mark"))
                    or (tree.dep[c] == "acl" and tree.lower[tree.left[c]] == "that")
                    or (self._is_to(c) and reporter.kind in ("command", "commitment", "denial"))
                )
            ),
            None,
        )
        head = self._owner(n)
        spans: list[Span] = []
        cue = [n]
        if clause is not None:
            spans.append(self._span(clause))
        else:
            for p in tree.kids(n, "prep"):
                if tree.lower[p] in (reporter.prepositions or self.words.noun_prepositions):
                    spans.extend(self._span(c) for c in tree.kids(p, "pobj", "pcomp"))
                    cue.append(p)
                    break
            if spans and head is None and "object" not in reporter.complements:
                return
        if not spans:
            return
        draft = Draft(sorted(cue), reporter.kind, tree.lemma[n], order=tree.start[n])
        draft.denied = reporter.kind == "denial"
        if head is not None:
            draft.head = head
            draft.source = self._source(head, n)
        draft.content = self._without(spans, draft)
        for low, high in draft.content:
            if self.quotes.between(low, high):
                draft.quoted = True
        yield draft

    def _owner(self, n: int) -> int | None:
        """Whose claim it is: possessor, "by X", "from X", or who makes or has it."""
        tree = self.tree
        owner = tree.kid(n, "poss")
        if owner is not None:
            return owner
        for p in tree.kids(n, "prep", "agent"):
            if tree.lower[p] in ("by", "from"):
                return tree.kid(p, "pobj")
        head = tree.head[n]
        if tree.dep[n] == "dobj" and tree.pos[head] == "VERB":
            return self._subject(head)
        return None

    def _in_view(self, n: int) -> Iterator[Draft]:
        """ "In X's view", "in the words of X"."""
        tree = self.tree
        prep = tree.head[n]
        if tree.dep[n] != "pobj" or tree.lower[prep] not in ("in", "to", "by"):
            return
        owner = tree.kid(n, "poss")
        if owner is None:
            of = next((p for p in tree.kids(n, "prep") if tree.lower[p] == "of"), None)
            owner = None if of is None else tree.kid(of, "pobj")
        clause = tree.head[prep]
        if owner is None or clause == prep:
            return
        low, high = tree.left[prep], tree.right[prep]
        draft = Draft([prep, n], "thought", tree.lemma[n], order=tree.start[n])
        draft.head, draft.source = owner, self._source(owner, n)
        span = self._span(clause)
        draft.content = self._cut([span], (tree.start[low], tree.end[high]))
        yield draft

    # ---------------------------------------------------------- other phrases
    def _according(self, i: int) -> Iterator[Draft]:
        tree = self.tree
        if i + 1 >= len(tree) or tree.lower[i + 1] != "to":
            return
        to = i + 1
        head = tree.kid(to, "pobj")
        if head is None:
            head = tree.kid(i, "pobj")
        if head is None:
            return
        top = tree.head[i]
        if top == i or tree.left[head] <= top <= tree.right[head]:
            return
        # a phrase hangs from a noun as often as from the clause: climb to the clause
        while tree.pos[top] not in ("VERB", "AUX") and tree.head[top] != top:
            top = tree.head[top]
        # "..., according to X" at the end speaks for the whole coordination
        while tree.dep[top] in ("conj", "advcl", "xcomp") and tree.head[top] != top and i > top:
            top = tree.head[top]
        draft = Draft([i, to], "speech", "according", order=tree.start[i])
        draft.head = head
        draft.source = self._source(head, i)
        edge = (tree.start[i], tree.end[max(tree.right[i], draft.source[-1])])
        draft.content = self._cut([self._span(top)], edge)
        yield draft

    def _adverb(self, i: int) -> Iterator[Draft]:
        tree = self.tree
        head = tree.head[i]
        if head == i:
            return
        draft = Draft([i], "hearsay", tree.lower[i], order=tree.start[i])
        draft.content = self._cut([self._span(head)], (tree.start[i], tree.end[i]))
        yield draft

    def _hearsay_noun(self, i: int) -> Draft:
        tree = self.tree
        head = tree.head[i]
        draft = Draft([i], "hearsay", tree.lower[i], order=tree.start[i])
        draft.content = [(tree.start[head], tree.end[tree.right[head]])]
        return draft

    def _adjective(self, i: int) -> Iterator[Draft]:
        """ "is confident that ...", "were angry about ..."."""
        tree = self.tree
        if tree.dep[i] not in ("acomp", "conj", "advcl"):
            return
        clause = next(
            (c for c in tree.kids(i, "ccomp", "xcomp") if c > i and tree.pos[c] in ("VERB", "AUX")),
            None,
        )
        spans = [self._span(clause)] if clause is not None else []
        if not spans:
            for p in tree.kids(i, "prep"):
                if tree.lower[p] in self.words.attitude_prepositions:
                    spans.extend(self._span(c) for c in tree.kids(p, "pobj", "pcomp"))
                    break
        head = self._subject(tree.head[i])
        if not spans or head is None or tree.lower[head] in self.words.empty_subjects:
            return
        draft = Draft([i], "attitude", tree.lemma[i], order=tree.start[i])
        draft.head, draft.source = head, self._source(head, i)
        draft.content = self._without(spans, draft)
        yield draft

    def _colons(self) -> Iterator[Draft]:
        """ "Minister: No talks this year": a short name, a colon, and words of its own."""
        tree = self.tree
        if ":" not in self.text:
            return
        for line in _LINE.finditer(self.text):
            match = _SPEAKER_LINE.match(self.text, line.start(), line.end())
            if match is None:
                continue
            name = match.group(1).strip()
            if not name[:1].isupper() or name.split()[0].casefold() in self.words.not_speakers:
                continue
            span = self.parsed.doc.char_span(
                match.start(1), match.end(1), alignment_mode="contract"
            )
            if span is None or not 0 < len(span) <= _SPEAKER_TOKENS:
                continue
            root = span.root.i
            if tree.pos[root] not in ("PROPN", "NOUN") or any(
                tree.pos[k] in ("VERB", "AUX") for k in range(span.start, span.end)
            ):
                continue
            if (
                tree.pos[root] == "NOUN"
                and not name.isupper()
                and tree.lemma[root] not in self.words.colon_nouns
                and root not in self.parties.by_token
            ):
                continue
            colon = next((k for k in range(span.end, len(tree)) if tree.lower[k] == ":"), None)
            if colon is None or tree.start[colon] >= line.end():
                continue
            draft = Draft([colon], "speech", ":", order=tree.start[colon])
            draft.head, draft.source = root, [span.start, span.end - 1]
            draft.content = [(match.end(), line.end())]
            yield draft

    # -------------------------------------------------------------- character
    def _span(self, i: int) -> Span:
        tree = self.tree
        low, high = tree.left[i], tree.right[i]
        while low < i and tree.pos[low] in ("PUNCT", "SPACE"):
            low += 1
        while high > i and tree.pos[high] in ("PUNCT", "SPACE"):
            high -= 1
        return tree.start[low], tree.end[high]

    def _without(self, spans: Iterable[Span], draft: Draft) -> list[Span]:
        """Spans joined, with the words of source and cue cut out."""
        tree = self.tree
        parts = _join(spans)
        for token in draft.cue:
            parts = self._cut(parts, (tree.start[token], tree.end[token]))
        if draft.source:
            parts = self._cut(parts, (tree.start[draft.source[0]], tree.end[draft.source[-1]]))
        if len(parts) > 1 and self._opening(parts[0]):
            del parts[0]
        return parts

    def _opening(self, span: Span) -> bool:
        """Whether a span before the cue is a mere turn: "Still, he said, ..."."""
        tree = self.tree
        i = bisect.bisect_left(tree.start, span[0])
        found = False
        while i < len(tree) and tree.start[i] < span[1]:
            if tree.pos[i] not in ("CCONJ", "ADV", "SCONJ", "INTJ", "PUNCT", "SPACE"):
                return False
            found = True
            i += 1
        return found

    def _cut(self, spans: Iterable[Span], hole: Span) -> list[Span]:
        kept: list[Span] = []
        for low, high in spans:
            if hole[1] <= low or hole[0] >= high:
                kept.append((low, high))
                continue
            kept.extend(
                (a, b) for a, b in ((low, hole[0]), (hole[1], high)) if self._has_words(a, b)
            )
        return kept

    def _has_words(self, low: int, high: int) -> bool:
        return any(c.isalnum() for c in self.text[low:high])

    def _inside(self, token: int, spans: Iterable[Span]) -> bool:
        return any(low <= self.tree.start[token] < high for low, high in spans)

    # ----------------------------------------------------------------- result
    def _statement(self, draft: Draft) -> Statement:
        tree = self.tree
        source: tuple[Span, ...] = ()
        if draft.source:
            source = ((tree.start[draft.source[0]], tree.end[draft.source[-1]]),)
        content = tuple(_trim(self.text, span) for span in _join(draft.content))
        cue = tuple(_join((tree.start[t], tree.end[t]) for t in draft.cue))
        return Statement(
            source=source,
            cue=cue,
            content=content,
            speaker=self._speaker(draft),
            cue_lemma=draft.lemma,
            quoted=draft.quoted,
            denied=draft.denied,
            tokens=tuple(
                (bisect.bisect_left(tree.start, low), bisect.bisect_left(tree.start, high))
                for low, high in content
            ),
        )

    def _speaker(self, draft: Draft) -> Party | None:
        tree = self.tree
        if draft.head is None:
            return None
        head = draft.head
        if tree.lower[head] in _RELATIVES:
            # "the minister who said": the speaker is the one whom the clause describes
            verb = tree.head[head]
            while tree.dep[verb] not in ("relcl", "ROOT") and tree.head[verb] != verb:
                verb = tree.head[verb]
            if tree.dep[verb] == "relcl":
                head = tree.head[verb]
        party = self.parties.by_token.get(head)
        if party is not None:
            return party
        if tree.lower[head] in self.words.empty_subjects:
            return None
        start, end = (
            (tree.start[draft.source[0]], tree.end[draft.source[-1]])
            if head == draft.head
            else (tree.start[tree.left[head]], tree.end[head])
        )
        return Party(
            text=self.text[start:end],
            start=start,
            end=end,
            resolved_by="unresolved",
            part=self.parsed.reading.part(start),
        )


def _join(spans: Iterable[Span]) -> list[Span]:
    """Spans sorted; those that touch or overlap made one."""
    joined: list[Span] = []
    for low, high in sorted(spans):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return joined


def _trim(text: str, span: Span) -> Span:
    low, high = span
    while low < high and (text[low].isspace() or text[low] in ",;:—–-"):
        low += 1
    while high > low and (text[high - 1].isspace() or text[high - 1] in ",;:—–-"):
        high -= 1
    return low, high
