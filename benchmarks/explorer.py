"""How long each page of the explorer takes on a store, and how much memory the server holds.

    python benchmarks/generate.py /tmp/million --events 1000000 && whowhom merge /tmp/million
    python benchmarks/explorer.py /tmp/million

Each page is asked for ``--times`` times in a fresh state (nothing remembered from before), and
once more as a reader's second look. The median counts. Pictures, and pieces that a page had no
time for, are their own requests, as in the browser.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from pathlib import Path
from urllib.parse import quote, urlencode

import whowhom
from whowhom.merge import ensure
from whowhom.web.app import create_app
from whowhom.web.pages import warm

BASE = "http://127.0.0.1:8150"


def pages(store: whowhom.Store) -> dict[str, str]:
    """An address of each kind: the busiest pair, an incident with many reports, a long document."""

    def one(query: str) -> tuple[str, ...]:
        row = store.sql(query).fetchone()
        assert row is not None
        return tuple(str(value) for value in row)

    a, b = one(
        "select actors[1], recipients[1] from reports where len(actors) > 0 and "
        "len(recipients) > 0 and actors[1] <> '' and recipients[1] <> '' "
        "and actors[1] <> recipients[1] group by all order by count(*) desc limit 1"
    )
    (incident,) = one("select incident from incidents order by reports desc, incident limit 1")
    (document,) = one("select document_id from reports group by all order by count(*) desc limit 1")
    (since,) = one("select (max(shown) - interval 30 day)::date from reports")
    first, second = (
        row[0]
        for row in store.sql(
            "select outlet from reports where outlet is not null group by all "
            "order by count(*) desc limit 2"
        ).fetchall()
    )
    pair = f"{quote(a, safe='')}/{quote(b, safe='')}"
    between = urlencode({"between": f"{a}~{b}", "width": 680})
    found = {
        "overview": "/",
        "overview, 30 days": f"/?since={since}",
        "actor": f"/actor/{quote(a, safe='')}",
        "pair": f"/pair/{pair}",
        "incident": f"/incident/{quote(incident, safe='')}",
        "document": f"/document/{quote(document, safe='')}",
        "search": "/search",
        "search, filtered": f"/search?type=ASSAULT&actor={quote(a)}&status=all",
        "search, words": "/search?words=talks",
        "search, page 100": "/search?page=100",
        "compare": f"/compare?{urlencode({'a': first, 'b': second})}",
        "coverage": "/coverage",
        "marks": "/marks",
        "api: events": "/api/v1/events?status=all",
        "api: pairs": "/api/v1/pairs",
        "picture: pair": f"/chart/pair?{between}",
    }
    for name in ("course", "pairs", "newest", "disputed", "denials", "money"):
        found[f"piece: {name}"] = f"/part/{name}"
    for name in ("does", "gets", "says", "denied"):
        found[f"piece: {name}"] = f"/part/{name}?{urlencode({'key': a})}"
    for name in ("changes", "sides"):
        found[f"piece: {name}"] = f"/part/{name}?{urlencode({'a': a, 'b': b})}"
    for name in ("told", "apart"):
        found[f"piece: {name}"] = f"/part/{name}?{urlencode({'a': first, 'b': second})}"
    for name in ("course", "map", "network", "matrix", "types", "statuses", "claims", "figures"):
        found[f"picture: {name}"] = f"/chart/{name}?width=680"
    return found


def main() -> None:
    from starlette.testclient import TestClient

    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("store", type=Path)
    options.add_argument("--times", type=int, default=5)
    options.add_argument("--seconds", type=float, default=2.0, help="limit of one query")
    given = options.parse_args()
    store = ensure(whowhom.open(given.store))
    row = store.sql("select count(*), count(distinct incident) from reports").fetchone()
    assert row is not None
    print(f"{row[0]:,} reports, {row[1]:,} incidents; median of {given.times}")
    start = time.perf_counter()
    app = create_app(store, seconds=given.seconds)
    client = TestClient(app, base_url=BASE)
    client.get("/marks")
    print(f"ready after {time.perf_counter() - start:.2f} s")
    shelf = app.shelf
    print(f"{'page':22} {'first':>7} {'again':>7}  KB  status")
    for name, path in pages(store).items():
        first = []
        for _ in range(given.times):
            shelf.forget()
            start = time.perf_counter()
            answer = client.get(path)
            first.append(time.perf_counter() - start)
        start = time.perf_counter()
        client.get(path)
        again = time.perf_counter() - start
        size = len(answer.content) // 1024
        print(
            f"{name:22} {statistics.median(first):7.2f} {again:7.2f} {size:4} {answer.status_code}"
        )
    shelf.forget()
    start = time.perf_counter()
    warm(shelf)
    spent = time.perf_counter() - start
    print(f"all of the overview, as serve reckons it at the start: {spent:.1f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    print(f"peak memory {peak:.2f} GB")


if __name__ == "__main__":
    main()
