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
    max_ratio_free_bytes: int = 1_000_000
    """Bytes that may come out before the ratio counts: short repetitive files are no bombs."""
    max_json_depth: int = 100
    """Nested lists and objects of one JSON value: records have some dozen; Python's own limit
    depends on its version and on who calls."""
    max_columns: int = 4_096
    """Columns of a table, fields of an object: more is a matrix of numbers, no document."""
    max_broken_rows: int = 50
    """Rows with an open quotation in one table. After each, the lines that it swallowed are read
    again, so that many take time with the square; more is no damaged table."""
    max_column_chunk_bytes: int = 2_000_000_000
    """Bytes of one column in one row group of a Parquet file, as the file declares them."""
    max_feed_depth: int = 500
    """Nested elements of a feed: real ones have a dozen; 100,000 took feedparser 7 s."""
    max_feed_marks: int = 250_000
    """Signs ``<`` in a feed: 10,000 items have about 100,000, and feedparser takes 3 to 5 s for
    250,000 where the feed is broken."""
    max_html_depth: int = 200
    """Nested elements up to which a page's article is looked for (else its plain words are
    taken); libxml2's tree loses text from 255 on without a word."""
    max_html_elements: int = 20_000
    """Elements up to which the article is looked for (200,000 took trafilatura over a minute;
    news pages have 1,000 to 8,000)."""
    max_html_attributes: int = 60_000
    """Attributes of all elements up to which the article is looked for (100,000 took 57 s)."""
    max_element_attributes: int = 500
    """Attributes of one element, the same: libxml2 compares each with each (100,000 took its tree
    173 s), and so does feedparser: a feed with more is refused."""
    max_html_characters: int = 5_000_000
    """Characters of a page up to which the article is looked for."""
    max_linked_data_characters: int = 500_000
    """Characters of one block of JSON-LD in a page that are read."""
    max_header_bytes: int = 65_536
    """Bytes of an archive record's header, or of an answer's; real ones have some hundreds."""
    max_archive_damages: int = 1_000
    """Damaged places of one archive; after so many the rest is no archive."""
    max_id_characters: int = 500
    """A longer id is content in the wrong field; the document is known by its hash instead."""
    max_title_characters: int = 1_000
    """Characters of a title, name or address; the rest is left out."""
    max_date_characters: int = 120
    """A longer string is a sentence or an attack, not a date."""

    # --- which language -----------------------------------------------------------
    languages: tuple[str, ...] = ("en", "es")
    """Languages that are coded, where their pipelines are installed; documents in others are
    skipped by name. Codes as in ISO 639-1."""
    language_other_words: float = 0.22
    """Share of a language's own words (function words, peoples, offices) from which a text that has
    fewer English ones is in it. Spanish news text has 0.4 to 0.6 and single sentences 0.25 on; of
    1,000 English sentences without an English function word the most had 0.17."""
    check_language: bool = True
    """Whether documents that are certainly not English are skipped."""
    language_sample_characters: int = 600
    """Characters that are looked at, at the beginning and in the middle of a longer text: 0.06 ms
    for an English text, 1.2 ms for another (528 languages; more told no more of them)."""
    language_function_words: float = 0.12
    """Share of English function words from which a text is English without a closer look (in
    15,000 English texts of 300 characters on, 4 had less; all were lists)."""
    language_stretch_words: int = 12
    """Words of a stretch; a third of function words in one shows that a part is English: a report
    with a long quotation in another language is read."""
    language_min_letters: int = 60
    """A shorter text in Latin letters is read whatever it is: headlines are names and verbs, and
    "Rebels Quit Côte d'Ivoire Peace Talks" looks French to a model."""
    language_max_english: float = 0.03
    """Probability of English below which a text of few function words is another language. The
    least of 13,600 English texts of 60 letters on had 0.054."""

    # --- how events are made ------------------------------------------------------
    read_all: bool = False
    """Whether every sentence is read by the model and parsed. Off, a sentence in which a first
    look or the model sees no act is set aside: about half of the time of a document, for few
    events (docs/performance.md)."""
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
    batch_documents: int = 1000
    """Documents that make one segment of the store. A slow run comes to batch_seconds first; a
    fast one writes fewer, larger segments, of which syncing to the disk takes a small part."""
    document_seconds: float = 30.0
    """Time that one document may take to code; then its worker is killed, it is tried once
    more, and written off as poisoned. From 50,000 characters on a document
    has more, in proportion: one at the length limit four times as much. Time in which the worker
    waits for a processor does not count, up to ten times the limit."""
    batch_seconds: float = 5.0
    """A segment is written at the latest after this time, so that a kill costs little."""
    document_megabytes: int = 2_000
    """Memory that a worker may take for one document beyond what the loaded coder has; then it
    is killed as at document_seconds. The longest document that is read takes about 700."""
    reading_seconds: float = 300.0
    """Time without a single document after which a file is given up, where reading has processes
    of its own; an archive may hold ten gigabytes of pictures before its next page."""
    reading_megabytes: int = 3_000
    """Memory that such a process may take."""
    worker_megabytes: int = 500
    """Memory that a worker may keep between documents beyond what the loaded coder has: the
    parser's table of strings grows with every new word. Then a fresh worker takes its place."""
    worker_documents: int = 5_000
    """Documents after which a fresh worker takes a worker's place, whatever it keeps: minutes of
    work against two seconds of loading."""


STORE_FILE = "whowhom.json"
"""What makes a folder a store: its header. Reading passes over such folders."""


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """How a store is kept in order by ``whowhom compact``."""

    segment_megabytes: int = 128
    """Megabytes on the disk that a segment is compacted to: about a million events. Larger ones
    gain nothing when they are read, and cost more when they are written again."""
    small_share: float = 0.5
    """Share of that below which a segment is small. With a half, two neighbours that are left
    alone have together at least the whole, so compacting twice changes nothing."""
    loose_runs: int = 100
    """Newest manifests of runs that keep a file of their own; the others are packed into one."""
    most_runs: int = 10_000
    """Manifests that are kept at all. A watch that polls four times an hour makes them in 104
    days; no event depends on them."""


STORE = StoreSettings()


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """How ``whowhom import`` goes about it."""

    segment_rows: int = 10_000
    """Rows that make one segment: some 80 MB while they are Python's. A file of two million makes
    200 segments, which compacting joins."""
    segment_seconds: float = 10.0
    """A segment is written at the latest after this time, so that a kill costs little."""
    listed_rows: int = 20
    """Rows that could not be read and are listed at the end; the ledger has all."""
    most_score: float = 10.0
    """The end of PLOVER's scale on either side: a score beyond it is a slip or on another scale."""
    days_ahead: int = 1
    """Days by which an event may be dated after its report without a note: a report of the evening
    is of the next day in another time zone."""


IMPORT = ImportSettings()


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """How figures of ``whowhom evaluate``, ``agree`` and ``compare`` get their intervals."""

    resamples: int = 1000
    """Draws of the bootstrap: the ends of a 95% interval then vary by about a twentieth of its
    width from seed to seed."""
    seed: int = 1
    """Of the draws: the same input gives the same intervals."""
    level: float = 0.95
    """Share of the draws that lie inside an interval."""
    fewest_documents: int = 5
    """Documents from which there are intervals; of a type's figures, documents with the type: few
    drawn again are the same few, and the interval looks too sure."""
    window_days: int = 1
    """Days by which two data sets may date one event apart: one has the day of the event, the
    other that of the news, mostly the next."""

    fewest_periods: int = 6
    """Days, or weeks, from which two series have a correlation: of three points it is chance."""


EVALUATION = EvaluationSettings()


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """Limits of ``whowhom watch``: what a fetch may cost us, and what we may cost a server."""

    # --- one fetch ------------------------------------------------------------------
    connect_seconds: float = 10.0
    """Time to resolve a name, to connect to an address, and for the TLS handshake, each."""
    fetch_seconds: float = 30.0
    """Wall clock over a fetch with its redirects, from the first byte sent to the last read:
    a server that sends a byte a second gains nothing."""
    max_redirects: int = 3
    """Hops that are followed; each is checked like the first address."""
    max_fetch_bytes: int = 20_000_000
    """Bytes of an answer, packed and unpacked."""
    ports: tuple[int, ...] = (80, 443)
    """Ports of web servers; others are services that a feed has no business with."""
    max_address_characters: int = 2_000
    """Longer addresses are data, not places."""

    # --- courtesy -------------------------------------------------------------------
    host_seconds: float = 2.0
    """Pause between two requests to one host; none for hosts that --allow-host names."""
    jitter: float = 0.5
    """Share of a pause that is added at random, so that watchers do not march in step."""
    max_crawl_delay: float = 60.0
    """Seconds of a robots.txt's crawl-delay that are honoured; a longer one would stop a poll."""
    robots_bytes: int = 512_000
    """Bytes of a robots.txt that are read (RFC 9309 asks for at least 500 KiB)."""
    robots_seconds: float = 86_400.0
    """A robots.txt is asked for again after this (RFC 9309: a day at most)."""
    robots_retry_seconds: float = 900.0
    """... and after this where it could not be had; until then nothing of the host is fetched."""
    max_wait_seconds: float = 86_400.0
    """Longest Retry-After, feed TTL and back-off: one request a day harms nobody, and no server
    can silence a feed for ever."""
    host_failures: int = 3
    """Failures to reach a host in a row, after which it is left alone until the next poll."""

    # --- one poll -------------------------------------------------------------------
    round_articles: int = 100
    """Articles that are fetched before they are coded and committed: one segment."""
    round_seconds: float = 120.0
    """... or as many as this time gives, so that a kill costs little."""
    commit_seconds: float = 60.0
    """A segment is written at the latest after this much coding."""
    lock_seconds: float = 5.0
    """Pause before a store that another process writes to is tried again."""
    lock_tries: int = 24
    """Tries after which --once gives up; a lasting watch goes on trying."""
    compact_segments: int = 200
    """Segments from which on the store is compacted after a poll: two days of polls each quarter
    of an hour. Opening a store takes about a millisecond a segment."""
    merge_share: float = 0.1
    """Share of the time that merging may take: after a long merge the next one waits."""

    # --- an article -----------------------------------------------------------------
    tries: int = 4
    """Times that a page is asked for where the failure can pass (with pauses of 1, 2, 4 polls)."""
    waiting_days: float = 7.0
    """An article that could not be had for so long is skipped with the last reason."""
    full_text_characters: int = 1_000
    """Text of a feed's item from which it can be a whole article: a summary is shorter."""
    wall_characters: int = 1_500
    """A page with less text than this that says 'subscribe' is a stub; a longer one is an
    article with an advertisement."""

    # --- what is remembered ---------------------------------------------------------
    seen_days: float = 30.0
    """An id that a feed has not named for so long is forgotten (the store still has it)."""
    max_seen: int = 20_000
    """Ids of one feed that are remembered; the longest unnamed are forgotten first."""
    max_waiting: int = 10_000
    """Articles of one feed that wait for a poll; the oldest beyond are skipped by name."""
    max_list_bytes: int = 5_000_000
    """Bytes of a list of feeds or an OPML file."""


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """How ``whowhom audit`` draws its sample, and how sure its intervals are."""

    size: int = 200
    """Events of a sample: an hour or two of reading; a share near 0.8 is then known to within
    about six points either way."""
    least: int = 5
    """Events of each stratum that are drawn before any gets more, as far as it has them: with
    fewer an interval says next to nothing."""
    power: float = 0.5
    """What is drawn beyond grows with this power of a stratum's size (Bankier 1988): 1 is in
    proportion and best for the whole, 0 the same for all and best for each alone."""
    level: float = 0.95
    """Share of samples whose interval holds the true value."""
    bands: tuple[float, ...] = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9)
    """Lower ends of the bands of confidence that the report sets beside what was right."""


AUDIT = AuditSettings()


@dataclass(frozen=True, slots=True)
class AdjudicatorSettings:
    """What an adjudicator may cost, and where it is asked. Off unless a run names one."""

    ask_from: float = 0.5
    """Share of the confidence from which a candidate stands (0.1 for a frame's, 0.45 for the
    model's own): below this share of it the coder is sure enough that there is nothing."""
    types: int = 3
    """Event types on the list: the candidate's and the likeliest others, each with its modes."""
    calls: int = 1_000
    """Calls of one run, tries again included; votes in the store cost none."""
    seconds: float = 8.0
    """Wall clock of one call."""
    document_seconds: float = 15.0
    """... and of all calls of one document, which is given up after 30 seconds altogether."""
    retries: int = 1
    """Further tries where the failure can pass (429, 5xx, a connection that breaks)."""
    pause_seconds: float = 1.0
    """Pause before such a try."""
    give_up_after: int = 5
    """Failed calls in a row after which a worker asks no more in this run."""
    answer_tokens: int = 60
    """Tokens that an answer may have: it is one field. Models that think aloud need more."""
    answer_bytes: int = 65_536
    """Bytes of an answer with everything around it."""
    sentence_characters: int = 2_000
    """Characters of the sentence that are sent."""
    schema: bool = True
    """Whether the list is sent as a JSON schema too, which most servers can hold an answer to."""


ADJUDICATOR = AdjudicatorSettings()


@dataclass(frozen=True, slots=True)
class AssistantSettings:
    """Limits of ``whowhom mcp``: an answer has to fit in an assistant's memory of a talk."""

    default_rows: int = 10
    """Events or incidents of an answer where the assistant names no number."""
    most_rows: int = 50
    """... and at most; what lies beyond is on the next page."""
    most_offset: int = 10_000
    """Rows that can be leafed through; who wants more wants the export or another filter."""
    answer_characters: int = 40_000
    """Characters of an answer (some 10,000 tokens); rows that do not fit go to the next page."""
    sentence_characters: int = 500
    """Characters of a quoted sentence; evidence sentences have at most 300 by default."""
    name_characters: int = 120
    """Characters of a quoted name, title or address."""
    most_names: int = 8
    """Names of one list that are quoted; the number of all is given beside them."""
    most_periods: int = 370
    """Periods of a series: a year of days. A longer one is asked for by week or month."""
    examples: int = 5
    """Sentences that stand under a series or an incident as evidence."""
    query_seconds: float = 8.0
    """Time of one query, after which it is interrupted and the assistant is told to narrow it."""


ASSISTANT = AssistantSettings()

# these decide how a run is kept, not what it gives: no part of a coder's fingerprint
RUN_ONLY = frozenset(
    {
        "batch_documents",
        "batch_seconds",
        "document_megabytes",
        "document_seconds",
        "evidence_characters",
        "languages",  # what is coded of them, if it is more than English, goes in by its own hash
        "reading_megabytes",
        "reading_seconds",
        "worker_documents",
        "worker_megabytes",
    }
)

DEFAULT = Settings()
WATCH = WatchSettings()
