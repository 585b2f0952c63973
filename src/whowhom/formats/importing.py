"""Foreign files into a store: a row is a document with one event, in the segments of coded text.

A row is known by its document's id and its content, so importing a file again, or going on after
an interruption, adds nothing twice:

1. the same id and content in the store: done, nothing is written;
2. twice in one file: the second is a duplicate, and stands in the ledger as one;
3. an id that stands for something else: in the same file as before, the new content replaces the
   old (the file was corrected); within one file, or from another file, both are kept, the later
   under ``<id>~<hash>``, unless ``replace`` is asked for;
4. a row that cannot be read is in the ledger with its line and the reason.

Documents of whowhom's own record keep their ids; one that the store has with other events, coded
here or imported from another file, stays as it is.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import hashlib
import platform
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from whowhom.engine.run import Interrupted, Interrupts
from whowhom.errors import InputError, StoreError
from whowhom.formats.base import OUTSIDE, BadRow, Format, Origin, Row
from whowhom.formats.imported import OWN_TYPES, event_id
from whowhom.formats.known import STORED, Known, digest
from whowhom.formats.known import Origin as Maker
from whowhom.formats.opening import Opened, opened
from whowhom.model import Coverage, LedgerRow, Quad
from whowhom.settings import IMPORT
from whowhom.store.folder import Header, Store, Writer, create_store, is_store, open_store
from whowhom.store.index import FORGOTTEN, tombstone
from whowhom.store.schema import SCHEMA_VERSION, SCHEMAS, SEQUENCE_STEP, to_table

READERS = 2
"""Version of the readers as a whole; raised when one makes another record of the same row, so
that importing a file again brings its events up to date."""
FINGERPRINT = "import:"
"""How the fingerprint of an imported row of the ledger begins."""
OWN = "import-own:"
"""The same for rows of whowhom's own record, whose ids documents can have that are coded here."""
_LEDGER = tuple(f.name for f in dataclasses.fields(LedgerRow))
_NOTHING_READ = dataclasses.asdict(Coverage())


@dataclass(slots=True)
class Imported:
    """The account of an import. ``rows`` is the sum of what follows it up to ``bad``."""

    rows: int = 0
    added: int = 0
    replaced: int = 0
    before: int = 0  # in the store already
    duplicates: int = 0  # within a file
    outside: int = 0  # whole rows that hold no event of PLOVER
    bad: int = 0
    files: int = 0  # whole files that could not be read, or broke off; not among the rows
    forgotten: int = 0  # taken out of the store by whowhom forget
    renamed: int = 0  # of those added: their id stood for something else
    left: int = 0  # of those before: the store has the document with other events
    changed: int = 0  # documents with notes: what reading changed or left out
    latin: int = 0  # lines that were no UTF-8
    notes: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    troubles: list[LedgerRow] = field(default_factory=list)  # the first ones
    seconds: float = 0.0
    share: float | None = None  # of the file at hand

    def counts(self) -> dict[str, int]:
        """The counts by name, for the manifest."""
        return {
            "read": self.rows,
            "done_before": self.before,
            "coded": self.added + self.replaced,
            "duplicate": self.duplicates,
            "skipped": self.bad + self.outside + self.files,
            "events": self.added + self.replaced,
            "rejections": 0,
        }


Choose = Callable[[Opened], Format]
"""The format of a file that was opened."""


def import_files(
    paths: Sequence[Path],
    choose: Choose,
    folder: Path,
    *,
    source: str | None = None,
    replace: bool = False,
    stdin: BinaryIO | None = None,
    progress: Callable[[Imported], None] = lambda report: None,
) -> Imported:
    """Read files of a foreign format into the store in ``folder``, made where there is none.

    Args:
        source: what documents and coder are named after; None is the format's name.
        replace: rows whose id the store has with another content take its place.
        progress: called now and then with the account so far.

    Raises:
        StoreLocked: another process writes to the store.
        StoreError: it is no store, or the disk is full.
        Interrupted: Ctrl-C; what was committed is in the store.
    """
    header = Header(SCHEMA_VERSION, "whowhom import", "", False)
    made = not is_store(folder)
    there = folder.exists()
    store = create_store(folder, header) if made else open_store(folder)
    started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    report = Imported()
    clock = time.monotonic()
    formats: dict[str, None] = {}

    def note(status: str) -> None:
        writer.note_run(_manifest(status, started, report, [str(p) for p in paths], [*formats]))

    own_types = OWN_TYPES.set({} if made else _own_types(store))
    with store.writer() as writer:
        known = Known()
        try:
            forgotten = _load(store, writer, known)
            note("running")
            with Interrupts() as interrupts:
                batch = _Batch(writer, interrupts)
                run = _Run(batch, known, forgotten, report, replace)
                try:
                    for number, path in enumerate(paths, start=1):
                        for file in _files(path, stdin, run):
                            try:
                                form = choose(file)
                                formats[form.name] = None
                                for _ in run.file(file, form, source or form.name, number):
                                    report.seconds = time.monotonic() - clock
                                    if report.rows % 100 == 0:
                                        report.share = file.share
                                    progress(report)
                            except InputError as error:
                                run.trouble(file.name, file.inside, error)
                    batch.commit()
                except KeyboardInterrupt:
                    _last_commit(batch)
                    note("interrupted")
                    raise Interrupted(report) from None  # type: ignore[arg-type] # same shape
            report.seconds = time.monotonic() - clock
            note("done")
        except StoreError:
            with contextlib.suppress(StoreError):  # the first error is the one to tell
                note("failed")
            raise
        finally:
            OWN_TYPES.reset(own_types)
            known.close()
    if made and report.files and not report.rows:
        _unmake(folder, keep=there)
    return report


def _own_types(store: Store) -> dict[str, Quad]:
    """The types of the store's events with their quads: its own codebook's beside PLOVER's."""
    found = store.sql("select event_type, any_value(quad) from events group by event_type")
    return dict(found.fetchall())


def _unmake(folder: Path, *, keep: bool) -> None:
    """Take away a store that this import made and had nothing to put into."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if not keep:
        folder.rmdir()


def _last_commit(batch: _Batch) -> None:
    try:
        batch.commit()
    except KeyboardInterrupt:  # pressed again meanwhile: the commit is finished all the same
        batch.commit()


def _files(path: Path, stdin: BinaryIO | None, run: _Run) -> Iterator[Opened]:
    try:
        with opened(path, stdin) as files:
            yield from files
    except InputError as error:
        run.trouble(str(path), "", error)


def _load(store: Store, writer: Writer, known: Known) -> set[str]:
    """What the store holds; gives the tombstones of what was forgotten."""
    forgotten: set[str] = set()
    connection = writer.store._open(["ledger"])
    try:
        result = connection.execute(
            "select document_id, status, file, locator, reason, sha256, fingerprint "
            "from all_ledger semi join live using (sequence)"
        )
        while rows := result.fetchmany(10_000):
            known.load(_known(rows, forgotten))
    finally:
        connection.close()
    return forgotten


def _known(
    rows: Sequence[tuple[Any, ...]], forgotten: set[str]
) -> Iterator[tuple[bytes, bytes, bytes, Maker]]:
    for identity, status, file, locator, reason, sha, fingerprint in rows:
        maker = _maker(fingerprint)
        if reason == FORGOTTEN:
            forgotten.add(identity)
        elif status == "duplicate":
            yield digest("duplicate", identity, file, locator), b"", b"", maker
        elif not identity:
            yield digest("bad", file, locator, reason or ""), b"", b"", maker
        else:
            yield digest(identity), bytes.fromhex(sha or "")[:16], digest(file), maker


def _maker(fingerprint: str | None) -> Maker:
    if fingerprint is None or not fingerprint.startswith((FINGERPRINT, OWN)):
        return "coded"
    return "imported" if fingerprint.rpartition(":")[2] == str(READERS) else "older"


@dataclass(slots=True)
class _Batch:
    """Rows on their way into the next segment."""

    writer: Writer
    interrupts: Interrupts
    ledger: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    documents: list[dict[str, Any]] = field(default_factory=list)
    since: float = 0.0

    def add(
        self,
        row: LedgerRow,
        fingerprint: str,
        records: Sequence[Mapping[str, Any]] = (),
        document: Mapping[str, Any] | None = None,
    ) -> None:
        if not self.ledger:
            self.since = time.monotonic()
        sequence = {"sequence": self.writer.number * SEQUENCE_STEP + len(self.ledger)}
        made = {name: getattr(row, name) for name in _LEDGER}
        self.ledger.append({**sequence, **made, "notes": [*row.notes], "fingerprint": fingerprint})
        self.events += [{**sequence, **record} for record in records]
        if document is not None:
            self.documents.append({**sequence, **document})

    @property
    def due(self) -> bool:
        return bool(self.ledger) and (
            max(len(self.ledger), len(self.events)) >= IMPORT.segment_rows
            or time.monotonic() - self.since >= IMPORT.segment_seconds
        )

    def commit(self) -> None:
        """Add what waits as one segment; it is durable when this returns.

        Raises:
            StoreError: the disk is full or cannot be written; nothing of it was added.
        """
        if not self.ledger:
            return
        with self.interrupts.held():
            self.writer.add(
                {
                    "ledger": to_table(self.ledger, SCHEMAS["ledger"]),
                    "events": to_table(self.events, SCHEMAS["events"]),
                    "documents": to_table(self.documents, SCHEMAS["documents"]),
                }
            )
            self.ledger, self.events, self.documents = [], [], []


@dataclass(slots=True)
class _Run:
    """One import: what is done with each row."""

    batch: _Batch
    known: Known
    forgotten: set[str]
    report: Imported
    replace: bool
    number: int = 0  # of files of rows, members of archives counted singly

    def file(self, file: Opened, form: Format, source: str, number: int) -> Iterator[None]:
        """Take in the rows of a file; gives control back after each.

        Raises:
            InputError: it is no file of this format.
        """
        if form.reader is None:
            raise InputError(f"{form.name} cannot be read, only written", where=file.name)
        self.number += 1
        member = f"{file.inside}, " if file.inside else ""
        fingerprint = f"{OWN if form.own else FINGERPRINT}{form.name}:{READERS}"
        stream = file.as_binary() if form.binary else file.as_text()
        origin = Origin(file.name + (f", {file.inside}" if file.inside else ""), source)
        waiting: list[Row] = []
        line = 0
        for row in form.reader(stream, origin):
            line = row.line
            with self.batch.interrupts.held():  # a row is in the batch whole, or not at all
                if isinstance(row, BadRow):
                    self.report.rows += 1
                    if row.reason in OUTSIDE:
                        self.report.outside += 1
                    else:
                        self.report.bad += 1
                    place = f"{member}line {row.line}"
                    self._bad(file.name, place, row.reason, row.detail, fingerprint)
                elif form.own and waiting and _identity(waiting[0]) == _identity(row):
                    waiting.append(row)
                else:
                    if waiting:
                        self._document(waiting, file.name, member, fingerprint, own=form.own)
                    waiting = [row]
            if self.batch.due:
                self.batch.commit()
            yield
        with self.batch.interrupts.held():
            if waiting:
                self._document(waiting, file.name, member, fingerprint, own=form.own)
            if file.text is not None:
                self._ending(file, member, line, fingerprint)
        yield

    def _ending(self, file: Opened, member: str, line: int, fingerprint: str) -> None:
        text = file.text
        assert text is not None  # noqa: S101 - asked by the caller
        if text.failed is not None:
            self.report.files += 1
            self._bad(
                file.name, f"{member}after line {line}", text.failed.reason,
                f"{text.failed.what}; the rest was not read", fingerprint,
            )  # fmt: skip
        if text.latin:
            self.report.latin += text.latin
            self.report.notes.append(
                f"{file.name}: {text.latin:,} lines are no UTF-8 (the first is line "
                f"{text.first_latin:,}) and were read as ISO-8859-1"
            )

    def trouble(self, file: str, member: str, error: InputError) -> None:
        """A file that cannot be read, or breaks off."""
        self.report.files += 1
        detail = f"{error.what}. {error.do}" if error.do else error.what
        self._bad(file, member, error.reason, detail, f"{FINGERPRINT}:{READERS}")

    def _bad(self, file: str, locator: str, reason: str, detail: str, fingerprint: str) -> None:
        self.report.reasons[reason] += 1
        row = LedgerRow("", "skipped", file, locator, reason, detail, None, 0, 0)
        if reason not in OUTSIDE and len(self.report.troubles) < IMPORT.listed_rows:
            self.report.troubles.append(row)
        if not self.known.mark(digest("bad", file, locator, reason)):
            self.batch.add(row, fingerprint)

    def _document(
        self, rows: Sequence[Row], file: str, member: str, fingerprint: str, *, own: bool
    ) -> None:
        """Decide about the rows of one document, and put them on their way."""
        report = self.report
        report.rows += len(rows)
        identity: str = rows[0].record["document"]["id"]
        locator = f"{member}line {rows[0].line}"
        sha = hashlib.sha256(b"\n".join(row.content for row in rows)).hexdigest()
        content, place = bytes.fromhex(sha)[:16], digest(file)
        notes = tuple(dict.fromkeys(note for row in rows for note in row.notes))
        renamed = False
        replaced = False
        while True:
            if self.forgotten and tombstone(identity) in self.forgotten:
                report.forgotten += len(rows)
                return
            key = digest(identity)
            seen = self.known.get(key)
            if seen is None:
                break
            if seen.origin == "coded":
                report.before += len(rows)
                report.left += len(rows)
                return
            if seen.content == content:
                if seen.run == self.number:
                    self._duplicate(identity, file, locator, sha, fingerprint, len(rows))
                    return
                self.known.put(key, content, seen.file, self.number)
                if seen.origin == "older" and seen.run == STORED:
                    replaced = True
                    break
                report.before += len(rows)
                return
            if seen.run != self.number:
                if self.replace or (seen.run == STORED and seen.file == place):
                    replaced = True
                    break
                if own:  # a document has one coding, and its events one id
                    report.before += len(rows)
                    report.left += len(rows)
                    return
            notes = (*notes, f"the id {identity} stands for another row as well")
            renamed = True
            identity = f"{_identity(rows[0])}~{sha[: 12 * (1 + identity.count('~'))]}"
        report.changed += bool(notes) and not renamed
        self.known.put(key, content, place, self.number)
        records = [self._record(row, identity, own=own) for row in rows]
        self.batch.add(
            LedgerRow(
                identity, "coded", file, locator, None, None, sha, len(records), 0, notes
            ),
            fingerprint,
            records,
            _stored(records, sha),
        )  # fmt: skip
        if replaced:
            report.replaced += len(rows)
        else:
            report.added += len(rows)
            report.renamed += len(rows) if renamed else 0

    def _duplicate(
        self, identity: str, file: str, locator: str, sha: str, fingerprint: str, rows: int
    ) -> None:
        self.report.duplicates += rows
        if not self.known.mark(digest("duplicate", identity, file, locator)):
            detail = f"the row of document {identity}"
            self.batch.add(
                LedgerRow(
                    identity, "duplicate", file, locator, "same_row", detail, sha, 0, 0
                ),
                fingerprint,
            )  # fmt: skip

    def _record(self, row: Row, identity: str, *, own: bool) -> Mapping[str, Any]:
        record = row.record
        renamed = record["document"]["id"] != identity
        if renamed:
            record = {**record, "document": {**record["document"], "id": identity}}
        if own:
            # its id is kept where it can be: a store has no event twice
            if not self.known.mark(digest("event", record["id"])):
                return record
            return {**record, "id": event_id(f"{identity}\0{record['id']}")}
        return {**record, "id": event_id(identity)} if renamed else record


def _identity(row: Row) -> Any:
    return row.record["document"]["id"]


def _stored(records: Sequence[Mapping[str, Any]], sha: str) -> dict[str, Any]:
    """The row of the table ``documents``."""
    document = records[0]["document"]
    parties = [p for r in records for p in (*r["actors"], *r["recipients"])]
    coverage = {
        **_NOTHING_READ,
        "parties": len(parties),
        "parties_resolved": sum(party["country"] is not None for party in parties),
        "events": len(records),
        "events_dated": sum(record["date_from"] == "text" for record in records),
        "events_placed": sum(record["place"] is not None for record in records),
    }
    return {
        **{name: document[name] for name in ("id", "title", "outlet", "url", "published", "genre")},
        "sha256": sha,
        "text": None,
        "shingles": [],
        "coverage": coverage,
    }


def _manifest(
    status: str, started: str, report: Imported, inputs: Sequence[str], formats: Sequence[str]
) -> dict[str, Any]:
    from whowhom.pipeline import package_version

    named = ", ".join(formats) or "nothing"
    return {
        "status": status,
        "started": started,
        "ended": None
        if status == "running"
        else dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "coder": {
            "version": package_version(),
            "codebook": f"imported from {named}",
            "model": None,
        },
        "fingerprint": f"{FINGERPRINT}{named}:{READERS}",
        "python": platform.python_version(),
        "inputs": list(inputs),
        "settings": {},
        "counts": report.counts(),
        "skip_reasons": dict(report.reasons),
        "coverage": {},
        "shares": {},
        "notes": list(report.notes),
    }
