"""How far to trust a store: what was read, what was resolved, what was turned away."""

# ruff: noqa: S608 - the SQL is made of fixed pieces; every value is bound

from __future__ import annotations

from typing import TYPE_CHECKING

from whowhom.analyse.query import fetch

if TYPE_CHECKING:
    import pyarrow as pa

    from whowhom.analyse.query import Source

BINS = 10
"""Of the histogram of confidence: tenths."""


def coverage(source: Source) -> pa.Table:
    """What became of the documents, a row for each outlet; the whole store last.

    Returns:
        ``outlet`` (null: none is named; the row of the whole store has ``whole``), ``whole``,
        ``documents``, ``with_events``, ``events``, ``copies`` (documents that copy an earlier
        one's text), ``first`` and ``last`` (days of publication), ``characters``,
        ``characters_read``, ``sentences``, ``sentences_read``, ``parties``,
        ``parties_resolved``, ``events_dated``, ``events_placed``; the largest outlet first.
        What was not coded at all is in :func:`quality`, measure ``documents``.
    """
    sums = ", ".join(
        f"sum({name})::bigint as {name}"
        for name in (
            "events",
            "characters",
            "characters_read",
            "sentences",
            "sentences_read",
            "parties",
            "parties_resolved",
            "events_dated",
            "events_placed",
        )
    )
    return fetch(
        source,
        f"""
        with read as (
            select d.outlet, d.published, unnest(d.coverage), coalesce(s.copy, false) as copied
            from documents d left join stories s on s.document_id = d.id)
        select outlet, grouping(outlet) = 1 as whole, count(*) as documents,
            count(*) filter (where events > 0) as with_events,
            count(*) filter (where copied) as copies,
            min(published) as "first", max(published) as "last", {sums}
        from read group by grouping sets ((outlet), ())
        order by whole, documents desc, outlet
        """,
    )


def quality(source: Source) -> pa.Table:
    """How far to trust the store, in counts: one row a measure and value.

    ========================  ======================================================
    measure                   count of total
    ========================  ======================================================
    documents                 documents in a state of the ledger (``value``)
    not_coded                 those that were skipped or poisoned, by reason
    text_read                 characters that were read, of all characters
    sentences_read            sentences, likewise
    parties_resolved          actors and recipients with a country, of all
    events_dated              events whose day the text gives, of all
    events_placed             events with a place, of all
    date_from                 events by what their day is known from; ``published`` is only
                              the day of publication, ``source`` the imported data set,
                              ``none`` no day at all
    status, voice, genre      events by these
    attributed                events on somebody's word
    copies                    documents that copy an earlier one's text
    confidence                events by tenth of confidence (``0.8`` is 0.8 to below 0.9)
    rejections                candidates that were not coded, by reason
    coder, codebook, model    runs by the version that coded (``none``: no model)
    merged                    reports to incidents: incidents, of reports
    disputed, denied          incidents with figures or facts in dispute
    ========================  ======================================================

    Returns:
        ``measure``, ``value`` ("" where there is one only), ``count``, ``total``, ``share``
        (null where the total is 0), in the order above.
    """
    measured = [
        "select 1 as nth, 'documents' as measure, status as value, count(*) as count, "
        "sum(count(*)) over () as total from ledger group by status",
        "select 2, 'not_coded', coalesce(reason, ''), count(*), (select count(*) from ledger) "
        "from ledger where status in ('skipped', 'poisoned') group by reason",
        *(
            f"select {at}, '{name}', '', coalesce(sum(coverage.{part}), 0), "
            f"coalesce(sum(coverage.{whole}), 0) from documents"
            for at, name, part, whole in (
                (3, "text_read", "characters_read", "characters"),
                (4, "sentences_read", "sentences_read", "sentences"),
                (5, "parties_resolved", "parties_resolved", "parties"),
                (7, "events_placed", "events_placed", "events"),
            )
        ),
        *(
            f"select {at}, '{name}', {value}, count(*), sum(count(*)) over () "
            "from reports group by all"
            for at, name, value in (
                (
                    8,
                    "date_from",
                    # only imported events have a day without a word of what it is known from
                    "coalesce(date_from, case when day is null then 'none' else 'source' end)",
                ),
                (9, "status", "status"),
                (10, "voice", "voice"),
                (11, "genre", "genre"),
            )
        ),
        # of the events themselves: the counts of an imported document are its data set's
        "select 6, 'events_dated', '', count(*) filter (where date_from = 'text'), count(*) "
        "from reports",
        # imported events have no confidence
        "select 14, 'confidence', "
        f"format('{{:.1f}}', least(floor(confidence * {BINS} + 1e-9), {BINS - 1}) / {BINS}), "
        "count(*), sum(count(*)) over () from reports where confidence is not null group by all",
        "select 12, 'attributed', '', count(*) filter (where len(speakers) > 0), count(*) "
        "from reports",
        "select 13, 'copies', '', count(*) filter (where s.copy), count(*) from stories s",
        "select 15, 'rejections', reason, count(*), sum(count(*)) over () "
        "from rejections group by reason",
        *(
            f"select {at}, '{name}', coalesce({column}, 'none'), count(*), "
            "sum(count(*)) over () from runs group by all"
            for at, name, column in (
                (16, "coder", "version"),
                (17, "codebook", "codebook"),
                (18, "model", "model"),
            )
        ),
        "select 19, 'merged', '', (select count(*) from incidents), (select count(*) from reports)",
        "select 20, 'disputed', '', count(*) filter (where disputed), count(*) from incidents",
        "select 21, 'denied', '', count(*) filter (where denied), count(*) from incidents",
    ]
    return fetch(
        source,
        "select measure, value, count::bigint as count, total::bigint as total, "
        f"count / nullif(total, 0) as share from ({' union all '.join(measured)}) "
        "order by nth, case when measure = 'confidence' then value end, count desc, value",
    )
