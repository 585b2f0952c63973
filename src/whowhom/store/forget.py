"""Taking documents, sources and persons out of a store, so that none of its files holds them.

Segments are rewritten without them, as compacting does it: each new one names what it replaces, is
in the store at once and whole, and then the old one goes, whether somebody reads it or not. In the
order of their numbers, and without rows that were replaced, so that a run that is killed never
brings back what a row hid; running it again does the rest.

A document leaves a row in the ledger, with a hash of its id, the reason ``forgotten`` and nothing
else: the account adds up, and the document is not coded again. Of a person every event and
rejection goes that names it, in whatever field; the documents stay, without the words that do.
"""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whowhom.errors import StoreError, UsageError
from whowhom.store.audits import audit_files
from whowhom.store.index import FORGOTTEN, tombstone
from whowhom.store.lock import Lock
from whowhom.store.marks import MARKS
from whowhom.store.runs import edit_runs
from whowhom.store.schema import SCHEMAS, TABLES, Table
from whowhom.store.segment import (
    TEMPORARY,
    Segment,
    SegmentBuilder,
    drop,
    row_groups,
    write_atomically,
    write_error,
)

if TYPE_CHECKING:
    from whowhom.store.folder import Store, Writer

GONE = "(forgotten)"
"""What stands in the account of a run for an input that was forgotten."""
_CODED: tuple[Table, ...] = ("events", "rejections")
Kind = Literal["document", "event", "rejection", "text"]


@dataclass(frozen=True, slots=True)
class Going:
    """Something that goes. Kind ``text``: a document stays, and loses its title or text."""

    kind: Kind
    id: str
    text: str


Show = Callable[[Going], None]
Mask = Any  # numpy array of bool, one a row


# ----------------------------------------------------------------------- targets
class Target(Protocol):
    """What is to be forgotten."""

    def documents(self, table: Table, rows: pa.Table) -> Mask:
        """Of rows of the ledger and of documents: whose document goes, whole."""

    def words(self, rows: pa.Table) -> Mask | None:
        """Rows that go though their document stays; None where there is no such thing."""

    def says(self, text: str) -> bool:
        """Whether a text, in the account of a run, is to go."""


@dataclass(frozen=True, slots=True)
class ById:
    """Documents by their ids."""

    ids: frozenset[str]

    def documents(self, table: Table, rows: pa.Table) -> Mask:
        column = rows["document_id" if table == "ledger" else "id"]
        return _mask(pc.is_in(column, value_set=pa.array(sorted(self.ids), pa.string())))

    def words(self, rows: pa.Table) -> Mask | None:
        return None

    def says(self, text: str) -> bool:
        return text in self.ids


@dataclass(frozen=True, slots=True)
class BySource:
    """Documents of an outlet, of an address and all below it, of a host, or of a file that was
    read."""

    value: str

    def documents(self, table: Table, rows: pa.Table) -> Mask:
        names = ("document_id", "file", "locator") if table == "ledger" else ("id", "url", "outlet")
        found = np.zeros(rows.num_rows, bool)
        for name in names:
            column = rows[name].combine_chunks().dictionary_encode()
            wanted = [self._is(v, outlet=name == "outlet") for v in column.dictionary.to_pylist()]
            if any(wanted):
                codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
                found |= np.array([*wanted, False])[codes]
        return found

    def words(self, rows: pa.Table) -> Mask | None:
        return None

    def says(self, text: str) -> bool:
        return self._is(text, outlet=False)

    def _is(self, value: str | None, *, outlet: bool) -> bool:
        if value is None:
            return False
        if outlet or value == self.value:
            return value.casefold() == self.value.casefold()
        if "://" in self.value:
            below = value.startswith(self.value)
            return below and (self.value[-1] in "/?#=" or value[len(self.value)] in "/?#")
        if "://" not in value or "." not in self.value:
            return False
        with suppress(ValueError):
            host = (urlsplit(value).hostname or "").casefold()
            mine = self.value.casefold().removeprefix("www.")
            return host == mine or host.endswith("." + mine)
        return False


@dataclass(frozen=True, slots=True)
class ByName:
    """A person, by a name: its words in their order, whatever the case, the accents and the marks
    between them, as whole words. "amina-sesay" in an address is "Amina Sesay"."""

    name: str
    _first: str = field(init=False)
    _pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        words = re.findall(r"[^\W_]+", _plain(self.name))
        if sum(map(len, words)) < 2:
            raise UsageError(f"{self.name!r} is no name", do="Give it as texts write it.")
        between = r"(?:[\W_]|%20){1,4}"
        joined = between.join(re.escape(word) for word in words)
        whole = re.compile(rf"(?:^|%20|[\W_]){joined}(?:[\W_]|$)")
        object.__setattr__(self, "_first", words[0])
        object.__setattr__(self, "_pattern", whole)

    def documents(self, table: Table, rows: pa.Table) -> Mask:
        """Those whose own id or place names the person: there is no way to keep these."""
        names = ("document_id", "file", "locator") if table == "ledger" else ("id",)
        return self._found(rows.select(names))

    def words(self, rows: pa.Table) -> Mask | None:
        return self._found(rows)

    def says(self, text: str) -> bool:
        return self._pattern.search(_plain(text)) is not None

    def _matches(self, texts: pa.Array) -> Mask:
        """Which texts name the person."""
        plain = texts
        if not pc.all(pc.string_is_ascii(texts)).as_py():
            plain = pc.utf8_normalize(texts, form="NFKD")
            plain = pc.replace_substring_regex(plain, pattern=r"\p{Mn}", replacement="")
        # the first word alone leaves so few that the rest can be done one by one
        found = _mask(pc.match_substring(pc.utf8_lower(plain), self._first))
        at = np.flatnonzero(found)
        found[at] = [self.says(text) for text in texts.take(pa.array(at)).to_pylist()]
        return found

    def _found(self, rows: pa.Table) -> Mask:
        found = np.zeros(rows.num_rows, bool)
        every = np.arange(rows.num_rows)
        for column in rows.columns:
            for texts, at in _texts(column.combine_chunks(), every):
                distinct = texts.dictionary_encode()
                hits = self._matches(distinct.dictionary)
                if hits.any():
                    codes = distinct.indices.fill_null(-1).to_numpy(zero_copy_only=False)
                    found[at[np.append(hits, False)[codes]]] = True
        return found


def _plain(text: str) -> str:
    """Small letters without accents."""
    letters = unicodedata.normalize("NFKD", text)
    return "".join(c for c in letters if unicodedata.category(c) != "Mn").lower()


def _texts(array: Any, rows: Any) -> Iterator[tuple[Any, Any]]:
    """The strings of a column, however deep, each list of them with the rows that they are of."""
    if isinstance(array, pa.ChunkedArray):
        for chunk, start in zip(array.chunks, _starts(array), strict=True):
            yield from _texts(chunk, rows[start : start + len(chunk)])
    elif pa.types.is_string(array.type):
        yield array, rows
    elif pa.types.is_struct(array.type):
        for child in array.flatten():
            yield from _texts(child, rows)
    elif pa.types.is_list(array.type):
        parents = pc.list_parent_indices(array).to_numpy(zero_copy_only=False)
        yield from _texts(pc.list_flatten(array), rows[parents])


def _starts(array: pa.ChunkedArray) -> list[int]:
    starts, at = [], 0
    for chunk in array.chunks:
        starts.append(at)
        at += len(chunk)
    return starts


def _mask(array: Any) -> Mask:
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # of no chunks at all
        return np.zeros(0, bool)
    return np.array(array.fill_null(False).to_numpy(zero_copy_only=False))  # to be written to


# ---------------------------------------------------------------------- the work
@dataclass(slots=True)
class Forgotten:
    """What went, or would go: rows that held, by kind, and the rest of what was found."""

    documents: int = 0
    events: int = 0
    rejections: int = 0
    texts: int = 0  # documents that lost title, address or text
    segments: int = 0  # rewritten
    marks: int = 0
    runs: int = 0  # accounts of runs
    watched: int = 0  # files of a watch
    set_aside: int = 0  # damaged segments, which cannot be searched
    had_merge: bool = False
    foreign: tuple[str, ...] = ()  # files that are none of ours, and name what is to be forgotten

    @property
    def nothing(self) -> bool:
        return not any(
            (self.documents, self.events, self.rejections, self.texts, self.segments, self.marks,
             self.runs, self.watched)
        )  # fmt: skip


def survey(store: Store, target: Target, show: Show) -> Forgotten:
    """What would go, without touching anything; ``show`` is given every row.

    Raises:
        StoreError: a segment is damaged.
    """
    found = Forgotten()
    _Survey(store, target, found, show).affected()
    return found


def forget(store: Store, target: Target, *, show: Show = lambda row: None) -> Forgotten:
    """Take everything of ``target`` out of the store. The merge goes, too, and must be made again.

    Raises:
        StoreLocked: another process writes to the store, or a watch polls into it.
        StoreError: the disk is full or cannot be written; what had gone has gone, and running it
            again does the rest.
    """
    from whowhom.store.folder import ASIDE, Writer

    found = Forgotten()
    path = store.path
    with ExitStack() as stack:
        if (path / "watch").is_dir():  # its process would write what it remembers
            stack.enter_context(Lock(path / "watch" / "lock"))
        writer = stack.enter_context(Writer(store))
        found.had_merge = store.merged
        writer.drop(store.leftover, though_read=True)
        looking = _Survey(store, target, found, show)
        affected = looking.affected()
        aside = path / ASIDE
        if aside.is_dir():
            found.set_aside = sum(1 for _ in aside.iterdir())
            shutil.rmtree(aside)
        _drop_merges(store, every=bool(affected))
        for segment in affected:
            _rewrite(writer, segment, target, looking)
            found.segments += 1
        found.marks = _forget_marks(path, target, looking.marked)
        _forget_strata(path, target)
        found.runs = edit_runs(path, lambda run: _scrubbed(run, target.says, GONE))
        found.watched = _forget_watch(path, target, looking.ids)
        found.foreign = tuple(_foreign(path, target))
        store.refresh()
        again = survey(store, target, lambda row: None)
        if not again.nothing:
            raise StoreError(
                f"something is still there: {again}",
                where=str(path),
                do="This is an error in whowhom; please report it.",
            )
    return found


def lift(store: Store, ids: Sequence[str]) -> int:
    """Let documents be coded again that were forgotten; gives how many there were.

    Raises:
        StoreLocked: another process writes to the store.
        StoreError: the disk is full or cannot be written.
    """
    from whowhom.store.folder import Writer

    stones = frozenset(tombstone(identity) for identity in ids)
    target = ById(stones)
    with Writer(store) as writer:
        looking = _Survey(store, target, Forgotten(), lambda row: None)
        affected = looking.affected()
        for segment in affected:
            _rewrite(writer, segment, target, looking, leave=False)
        store.refresh()
    return looking.found.documents


class _Survey:
    """Reads every row, and knows afterwards which segments are affected, and by what."""

    def __init__(self, store: Store, target: Target, found: Forgotten, show: Show) -> None:
        self.store, self.target, self.found, self._show = store, target, found, show
        self.ids: set[str] = set()
        marks = store.path / MARKS
        self._marks = {m.event_id for m in store.marks()} if marks.is_dir() else set()
        self.marked: set[str] = set()  # events that go and have marks

    def affected(self) -> list[Segment]:
        """Segments to write anew, in the order of their numbers: those with rows that go, and,
        where there are any, those with rows that were replaced."""
        # first which documents go: one that goes takes all that was ever read under its id
        places: tuple[tuple[Table, str], ...] = (("ledger", "document_id"), ("documents", "id"))
        for segment in self.store.segments:
            for table, column in places:
                for rows in row_groups(segment, table):
                    mask = self.target.documents(table, rows)
                    if mask.any():
                        ids = rows[column].filter(pa.array(mask)).to_pylist()
                        self.ids.update(i for i in ids if i)
        self.by_id = ById(frozenset(self.ids))
        touched = {s.path for s in self.store.segments if self._look(s)}
        if not touched:
            return []
        return [s for s in self.store.segments if s.path in touched or self._dead(s)]

    def _dead(self, segment: Segment) -> int:
        return segment.rows["ledger"] - len(self.store.alive(segment))

    def gone(self, table: Table, rows: pa.Table) -> Mask:
        """Rows of the ledger or of documents whose document goes."""
        return self.by_id.documents(table, rows) | self.target.documents(table, rows)

    def _look(self, segment: Segment) -> bool:
        alive = self.store.alive(segment)
        touched = False
        sequences = gone_sequences(segment, self)
        for table in TABLES:
            for rows in row_groups(segment, table):
                whole = _mask(pc.is_in(rows["sequence"], value_set=sequences))
                words = self.target.words(rows)
                mask = whole if words is None else whole | words
                if not mask.any():
                    continue
                touched = True
                self._count(table, rows, whole, mask, alive)
        return touched

    def _count(self, table: Table, rows: pa.Table, whole: Mask, mask: Mask, alive: Any) -> None:
        holds = np.isin(rows["sequence"].to_numpy(), alive)
        if table == "ledger":
            here = whole & holds
            self.found.documents += int(here.sum())
            for row in rows.filter(pa.array(here)).select(["document_id", "file"]).to_pylist():
                self._show(Going("document", row["document_id"], row["file"]))
            return
        if table == "documents":
            here = mask & ~whole & holds
            self.found.texts += int(here.sum())
            for row in rows.filter(pa.array(here)).select(["id", "title"]).to_pylist():
                self._show(Going("text", row["id"], row["title"] or ""))
            return
        here = rows.filter(pa.array(mask & holds))
        if table == "events":
            self.found.events += here.num_rows
            self.marked |= self._marks & set(rows.filter(pa.array(mask))["id"].to_pylist())
            for row in here.select(["id", "evidence"]).to_pylist():
                self._show(Going("event", row["id"], row["evidence"]["sentence_text"]))
        else:
            self.found.rejections += here.num_rows
            for row in here.select(["document_id", "text"]).to_pylist():
                self._show(Going("rejection", row["document_id"], row["text"]))


def gone_sequences(segment: Segment, looking: _Survey) -> pa.Array:
    """The sequences of a segment whose document goes."""
    found = [
        rows["sequence"].filter(pa.array(mask)).combine_chunks()
        for rows in row_groups(segment, "ledger")
        if (mask := looking.gone("ledger", rows)).any()
    ]
    return pa.concat_arrays(found) if found else pa.array([], pa.int64())


def _rewrite(
    writer: Writer, segment: Segment, target: Target, looking: _Survey, *, leave: bool = True
) -> None:
    """Write a segment anew without what goes. ``leave``: tombstones in the ledger."""
    store = looking.store
    sequences = gone_sequences(segment, looking)
    lost: dict[Table, Counter[int]] = {"events": Counter(), "rejections": Counter()}
    builder = SegmentBuilder(store.path / "segments")
    try:
        for table in _CODED:
            for rows in row_groups(segment, table):
                rows = store.living(segment, rows)
                rows = rows.filter(pc.invert(pc.is_in(rows["sequence"], value_set=sequences)))
                words = target.words(rows)
                if words is not None and words.any():
                    lost[table].update(rows["sequence"].filter(pa.array(words)).to_pylist())
                    rows = rows.filter(pa.array(~words))
                builder.add(table, rows)
        for rows in row_groups(segment, "documents"):
            rows = store.living(segment, rows)
            rows = rows.filter(pc.invert(pc.is_in(rows["sequence"], value_set=sequences)))
            builder.add("documents", _without_words(rows, target, "documents"))
        gone = set(sequences.to_pylist())
        for rows in row_groups(segment, "ledger"):
            rows = store.living(segment, rows)
            if not leave:
                rows = rows.filter(pc.invert(pc.is_in(rows["sequence"], value_set=sequences)))
            else:
                rows = _ledger(_without_words(rows, target, "ledger"), gone, lost)
            builder.add("ledger", rows)
    except BaseException:
        builder.discard()
        raise
    builder.commit(segment.number, first=segment.first, replaces=[segment.path.name])
    writer.drop([segment.path.name], though_read=True)


def _ledger(rows: pa.Table, gone: set[int], lost: Mapping[Table, Counter[int]]) -> pa.Table:
    """Rows of the ledger with tombstones, and with the counts of what is left."""
    touched = gone | set(lost["events"]) | set(lost["rejections"])
    if not touched.intersection(rows["sequence"].to_pylist()):
        return rows
    made = []
    for row in rows.to_pylist():
        sequence = row["sequence"]
        if sequence in gone:
            row = _tombstone(row)
        elif sequence in touched:
            for table in _CODED:
                less = lost[table][sequence]
                row[table] -= less
                if less:
                    noun = table[:-1] if less == 1 else table
                    row["notes"] = [*row["notes"], f"{less} {noun} forgotten"]
            if row["status"] == "coded" and not row["events"]:
                row["status"] = "no_events"
        made.append(row)
    return pa.Table.from_pylist(made, schema=SCHEMAS["ledger"])


def _tombstone(row: Mapping[str, Any]) -> dict[str, Any]:
    if row["reason"] == FORGOTTEN:
        return dict(row)
    name = row["document_id"] or f"{row['file']}\0{row['locator']}"
    return {
        "sequence": row["sequence"],
        "document_id": tombstone(name),
        # duplicates stay duplicates: else only one row of a document would hold
        "status": "duplicate" if row["status"] == "duplicate" else "skipped",
        "file": "",
        "locator": f"{FORGOTTEN} {row['sequence']}",
        "reason": FORGOTTEN,
        "detail": None,
        "sha256": None,
        "events": 0,
        "rejections": 0,
        "notes": [],
        "fingerprint": None,
    }


_CLEARED: Mapping[str, tuple[str, ...]] = {
    "documents": ("title", "outlet", "url", "text"),
    "ledger": ("detail", "notes"),
}
"""Fields of rows that stay, which go where they name a person. Ids and places of such rows do not:
a document that names a person in these goes whole."""


def _without_words(rows: pa.Table, target: Target, table: Table) -> pa.Table:
    """Rows that stay, without the fields that name a person."""
    for name in _CLEARED[table]:
        mask = target.words(rows.select([name]))
        if mask is None or not mask.any():
            continue
        at = rows.schema.get_field_index(name)
        kind = rows.schema.field(at).type
        empty = pa.scalar([] if pa.types.is_list(kind) else None, kind)
        kept = [
            empty.as_py() if gone else value
            for gone, value in zip(mask, rows[name].to_pylist(), strict=True)
        ]
        rows = rows.set_column(at, rows.schema.field(at), pa.array(kept, kind))
    return rows


# ------------------------------------------------------------------ the other files
def _drop_merges(store: Store, *, every: bool) -> None:
    """Take the merges away: they hold sentences. One that is up to date may stay."""
    keep = None if every or store.merge is None or not store.merged else store.merge.path
    folder = store.path / "merges"
    try:
        for path in sorted(folder.glob("*")) if folder.is_dir() else ():
            if path != keep:
                drop(path)
    except OSError as error:
        raise write_error(error, folder) from error


def _forget_marks(store: Path, target: Target, events: set[str]) -> int:
    gone = 0
    for path in sorted((store / MARKS).glob("*.json")):
        data = _json(path)
        named = isinstance(data, dict) and data.get("event_id") in events
        if named or any(target.says(text) for text in _strings(data)):
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _forget_strata(store: Path, target: Target) -> None:
    """Names of strata in the samples of audits: an outlet, or a type of a user's own."""
    for path in audit_files(store):
        data = _json(path)
        if not isinstance(data, dict) or not any(map(target.says, _strings(data))):
            continue
        for stratum in data.get("strata", ()):
            stratum["name"] = [GONE if target.says(name) else name for name in stratum["name"]]
        write_atomically(path, json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n")


def _forget_watch(store: Path, target: Target, ids: set[str]) -> int:
    """Files of a watch: what waits is taken out; one whose feed or host is named goes."""
    changed = 0
    for path in sorted((store / "watch").glob("*.json")):
        data = _json(path)
        waiting = data.pop("waiting", None) if isinstance(data, dict) else None
        if any(target.says(text) for text in _strings(data)):
            path.unlink(missing_ok=True)
            changed += 1
        elif isinstance(waiting, dict):
            kept = {
                key: row
                for key, row in waiting.items()
                if key not in ids and not any(map(target.says, (key, *_strings(row))))
            }
            if len(kept) < len(waiting):
                content = json.dumps({**data, "waiting": kept}, separators=(",", ":"))
                write_atomically(path, content.encode() + b"\n")
                changed += 1
    return changed


def _foreign(store: Path, target: Target) -> Iterator[str]:
    """Files in the folder that are none of ours and name what is to be forgotten."""
    from whowhom.store.folder import HEADER, HEADER_COPY, READERS

    ours = {"segments", "merges", MARKS, "runs", "watch", "lock", READERS, HEADER, HEADER_COPY}
    for top in sorted(store.iterdir()):
        if top.name in ours or top.name.startswith(TEMPORARY):
            continue
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            with suppress(OSError):
                if target.says(path.name) or (
                    path.is_file() and target.says(path.read_bytes().decode("utf-8", "replace"))
                ):
                    yield str(path.relative_to(store))


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _scrubbed(value: Any, says: Callable[[str], bool], instead: str) -> Any:
    """A JSON value with those of its texts that are to go replaced."""
    if isinstance(value, str):
        return instead if says(value) else value
    if isinstance(value, Mapping):
        return {key: _scrubbed(item, says, instead) for key, item in value.items()}
    if isinstance(value, list):
        return [_scrubbed(item, says, instead) for item in value]
    return value
