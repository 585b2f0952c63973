"""Many small segments into few, without rows that no longer hold.

Rows are copied in their order and keep their ``sequence``, so ids, order and exports stay byte for
byte what they were, and a merge stays valid. Each new segment names those that it replaces, and
is in the store at once and whole; then the old ones go. A reader that is at work keeps them until
it has closed and the next writer comes.

Segments are rewritten in the order of their numbers, and a row hides only rows of lower numbers:
so what a run that was killed leaves behind holds the same rows, too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from whowhom.settings import STORE
from whowhom.store.merged import tidy
from whowhom.store.runs import pack_runs
from whowhom.store.schema import TABLES
from whowhom.store.segment import Segment, SegmentBuilder, row_groups

if TYPE_CHECKING:
    from whowhom.store.folder import Store, Trouble, Writer

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Compacted:
    """What compacting did. ``size`` and ``size_before``: bytes of the segments that count."""

    segments_before: int
    segments: int
    size_before: int
    size: int
    dropped: int  # rows of the ledger that no longer held
    waiting: bool  # a reader is at work, and the old segments are still there
    troubles: tuple[Trouble, ...]  # segments that were damaged, and are set aside


def compact(
    store: Store,
    *,
    target_bytes: int = STORE.segment_megabytes * 1_000_000,
    tell: Tell = lambda line: None,
) -> Compacted:
    """Make few segments of many, of about ``target_bytes`` each. Every byte is checked on the way.

    Memory depends on the number of documents (some 20 bytes each) and not on the size of the
    store; on the disk there must be room for one more segment.

    Raises:
        StoreLocked: another process writes to the store.
        StoreError: the disk is full or cannot be written; the store holds what it held.
    """
    from whowhom.store.folder import Writer

    with Writer(store, thorough=True) as writer:
        troubles = store.troubles
        before = store.segments
        work = _Work(writer, target_bytes, tell)
        for segment in before:
            work.take(segment)
        work.close()
        pack_runs(store.path)
        tidy(store.path / "merges")
        store.refresh()
        return Compacted(
            segments_before=len(before),
            segments=len(store.segments),
            size_before=sum(s.size for s in before),
            size=sum(s.size for s in store.segments),
            dropped=work.dropped,
            waiting=work.waiting or bool(store.leftover),
            troubles=troubles,
        )


class _Work:
    """Takes segments in their order and writes groups of them."""

    def __init__(self, writer: Writer, target: int, tell: Tell) -> None:
        self._writer, self._target, self._tell = writer, target, tell
        self._store = writer.store
        self._first: Segment | None = None  # small and alone so far
        self._group: list[Segment] = []
        self._builder: SegmentBuilder | None = None
        self.dropped = self.written = self.done = 0
        self.waiting = False

    def take(self, segment: Segment) -> None:
        self.done += 1
        dead = segment.rows["ledger"] - len(self._store.alive(segment))
        self.dropped += dead
        if segment.size >= STORE.small_share * self._target and not dead:
            self.close()
            return
        if not self._group and self._first is None and not dead:
            self._first = segment
            return
        if self._first is not None:
            first, self._first = self._first, None
            self._add(first)
        self._add(segment)

    def _add(self, segment: Segment) -> None:
        if self._builder is not None and self._builder.size + segment.size > 2 * self._target:
            self.close()
        if self._builder is None:
            self._builder = SegmentBuilder(self._store.path / "segments")
        try:
            for table in TABLES:
                for rows in row_groups(segment, table):
                    self._builder.add(table, self._store.living(segment, rows))
        except BaseException:
            self._builder.discard()
            raise
        self._group.append(segment)
        if self._builder.size >= self._target:
            self.close()

    def close(self) -> None:
        """Put the group into the store, and take away what it replaces."""
        self._first = None
        if self._builder is None:
            return
        names = [s.path.name for s in self._group]
        self._builder.commit(
            self._group[-1].number,
            first=self._group[0].first,
            replaces=names,
            made_of=sum(s.made_of for s in self._group) % 2**128,
        )
        self.waiting = not self._writer.drop(names) or self.waiting
        self.written += 1
        self._tell(f"{self.done:,} segments read, {self.written:,} written")
        self._group, self._builder = [], None
