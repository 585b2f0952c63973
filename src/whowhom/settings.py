"""Every threshold once: its unit, its default, its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits and thresholds of a run. A run's manifest records them all."""

    # --- what a document may hold -------------------------------------------------
    max_document_characters: int = 200_000
    """Characters of text read of one document; the rest is reported as not read.
    The parser is linear on prose (13 s and 1.2 GB for 400,000 characters were measured)."""
    max_sentence_characters: int = 5_000
    """A longer 'sentence' is a table or a listing: it is skipped by name."""
    max_token_characters: int = 200
    """Longer runs without a blank are encoded data, not words; they are cut out."""
    max_punctuation_run: int = 8
    """spaCy's tokeniser takes time with the square of a run of one punctuation mark
    (10,000 brackets took 21 s); longer runs are cut to this length in the reading."""
    max_events_per_sentence: int = 40
    """A sentence that gives more is a list; the rest are rejections."""
    max_file_bytes: int = 20_000_000
    """Bytes of one document's file, after unpacking, that is no table or archive."""
    max_unpacked_ratio: int = 100
    """Unpacked to packed bytes, after the first megabyte (Apache Tika's rule)."""

    # --- how events are made ------------------------------------------------------
    learned_model: bool = True
    """Whether the shipped model weighs the frames' candidates and adds its own."""
    min_confidence: float = 0.0
    """Events below this are rejections with the reason low_confidence."""
    historical_days: int = 92
    """An event further back than this from publication is historical (about three months)."""
    evidence_characters: int = 300
    """Characters of the evidence sentence that the store keeps by default: a quotation
    long enough to judge by, short enough to be one."""

    # --- how runs are kept --------------------------------------------------------
    batch_documents: int = 200
    """Documents that make one segment of the store."""
    document_seconds: float = 30.0
    """Time that one document may take to code; then its worker is killed, it is tried once
    more, and written off as poisoned. A document at the length limit takes about half of it."""
    batch_seconds: float = 5.0
    """A segment is written at the latest after this time, so that a kill costs little."""


# these decide how a run is kept, not what it gives: no part of a coder's fingerprint
RUN_ONLY = frozenset(
    {"batch_documents", "batch_seconds", "document_seconds", "evidence_characters"}
)

DEFAULT = Settings()
