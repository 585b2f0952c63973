"""The pages: each view reads what it needs and fills a template of the same name."""

from __future__ import annotations

import hmac
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import quote, urlsplit

from starlette.responses import PlainTextResponse, RedirectResponse, Response

from whowhom import analyse, audit
from whowhom.analyse import Filter, label
from whowhom.analyse.filters import party
from whowhom.audit import mended
from whowhom.errors import UsageError
from whowhom.merge.schema import FIGURES
from whowhom.model import Genre, Quad, Status, Voice
from whowhom.show.charts.theme import day_words, span_words
from whowhom.show.charts.words import (
    date_words,
    figure_words,
    ledger_words,
    party_in_sentence,
    party_words,
    rejection_words,
    status_words,
    type_does,
    type_noun,
    unit_words,
)
from whowhom.show.safe import visible
from whowhom.web import charts, drawing, reading
from whowhom.web.ask import (
    MOST_PAGES,
    PAGE,
    SORTS,
    UNITS,
    Ask,
    actor_url,
    anchor,
    chips,
    document_url,
    incident_url,
    pair_url,
)
from whowhom.web.parts import AT_ONCE, BUDGET, OWN, PATIENCE, Parts
from whowhom.web.problems import Problem
from whowhom.web.shelf import mark_record

if TYPE_CHECKING:
    import jinja2
    from starlette.requests import Request

    from whowhom.web.shelf import Shelf

MOST_REPORTS = 60
"""Reports that an incident's page draws side by side."""
AUDITED = 10
"""Events that the page of an audit asks about at once."""
MOST_EVENTS = 300
"""Events and rejections that a document's page draws."""


# -------------------------------------------------------------------------- templates
@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    import jinja2

    folder = Path(str(files("whowhom.web"))) / "templates"
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters.update(
        day=day_words,
        visible=lambda text: visible(str(text or "")),
        link=safe_link,
        number=lambda n: f"{n:,}",
        share=lambda x: "none" if x is None else f"{x:.0%}",
    )
    made.globals.update(
        label=label,
        type_noun=type_noun,
        type_does=type_does,
        status_words=status_words,
        figure_words=figure_words,
        party_words=party_words,
        party_in_sentence=party_in_sentence,
        rejection_words=rejection_words,
        ledger_words=ledger_words,
        date_words=date_words,
        unit_words=unit_words,
        span=span_words,
        figure=reading.figure,
        figure_span=reading.span_words,
        figures=FIGURES,
        actor_url=actor_url,
        pair_url=pair_url,
        incident_url=incident_url,
        document_url=document_url,
        anchor=anchor,
        roles=drawing.ROLES,
        drawn_sentence=drawing.sentence,
        tone=tone,
        joined=joined,
        Ask=Ask,
        Filter=Filter,
    )
    return made


def render(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """A page from its template."""
    values.setdefault("form_token", request.app.state.access.form_token)
    values.setdefault("store_name", request.app.state.shelf.store.path.name)
    values.setdefault("path", request.url.path)
    values.setdefault("here", _here(request))
    text = environment().get_template(template).render(**values)
    given = {"cache-control": "no-store", **(headers or {})}
    return Response(
        text.encode("utf-8", "replace"), status, given, media_type="text/html; charset=utf-8"
    )


def _here(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


def safe_link(url: str | None) -> str:
    """An address from a document, if it is of the web; else nothing."""
    if not url or len(url) > 2000:
        return ""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return url.strip() if parts.scheme in ("http", "https") and parts.netloc else ""


def tone(quad: str | None) -> str:
    """``coop`` or ``clash``: the side of a kind of act, for its colour."""
    return "coop" if quad and quad.endswith("cooperation") else "clash"


def joined(keys: str | None) -> str:
    """Several keys joined by " + ", in words."""
    return ", ".join(label(key) for key in keys.split(" + ")) if keys else ""


def _shelf(request: Request) -> Shelf:
    found: Shelf = request.app.state.shelf
    return found


def _ask(request: Request, *others: str) -> Ask:
    shelf = _shelf(request)
    return Ask.from_query(request.query_params.multi_items(), types=shelf.types, others=others)


def _panel(request: Request, ask: Ask, path: str) -> dict[str, Any]:
    """What the filter panel and the chips need."""
    shelf = _shelf(request)
    return {
        "ask": ask,
        "chips": chips(ask, path),
        "clear": path,
        "form_path": path,
        "options": {
            "types": shelf.types,
            "quads": get_args(Quad),
            "statuses": get_args(Status),
            "voices": get_args(Voice),
            "genres": get_args(Genre),
            "outlets": shelf.outlets,
            "places": shelf.places,
            "parties": shelf.parties,
            "sorts": {name: words for name, (words, _) in SORTS.items()},
            "units": UNITS,
        },
    }


# ---------------------------------------------------------------------------- the views
def _parts(request: Request, ask: Ask, **own: str) -> Parts:
    shelf = _shelf(request)
    budget = BUDGET if shelf.size <= AT_ONCE else 0
    return Parts(shelf, environment(), ask, own, budget)


def overview(request: Request) -> Response:
    """The course of events, main pairs, the map, newest incidents, disputed figures."""
    part = _parts(request, _ask(request))
    return render(
        request,
        "overview.html",
        **_panel(request, part.ask, "/"),
        total=reading.totals(part.shelf, part.ask),
        part=part,
    )


def warm(shelf: Shelf) -> None:
    """Reckon what every reader sees first, before the first one asks; it may take its time."""
    with shelf.patience(60):
        _ = shelf.types, shelf.outlets, shelf.places, shelf.parties
        part = Parts(shelf, environment(), Ask())
        reading.totals(shelf, part.ask)
        for name in ("course", "pairs", "disputed", "denials", "money", "newest"):
            part.make(name)
        for name in charts.CHARTS:
            if name != "pair":
                for width in (1040, 520):
                    charts.picture(shelf, name, Ask(), width)
        shelf.table(analyse.quality)
        shelf.table(analyse.coverage)


def piece(request: Request) -> Response:
    """A piece of a page, as a fragment for the script or as a page of its own."""
    own = {n: request.query_params[n] for n in OWN if request.query_params.get(n)}
    name = request.path_params["name"]
    part = _parts(request, _ask(request, *OWN), **own)
    if name not in ("told", "apart"):  # these are of outlets, the others of parties
        part.own = {n: _party(value) for n, value in own.items()}
    with part.shelf.patience(PATIENCE):
        body = part.make(name)
    if request.headers.get("x-part"):
        return render(request, "picture.html", drawn=None, body=body)
    return render(request, "part.html", body=body)


def actor(request: Request) -> Response:
    """A party: what it does, what is done to it, what it says, where."""
    shelf = _shelf(request)
    key = _party(request.path_params["key"])
    part = _parts(request, _ask(request), key=key)
    mine = part.ask.replace(parties=(key,))
    total = reading.totals(shelf, mine)
    if not total["reports"]:
        _told_of(shelf, key)
    return render(
        request,
        "actor.html",
        **_panel(request, part.ask, actor_url(key)),
        key=key,
        mine=mine,
        total=total,
        part=part,
    )


def _party(text: str) -> str:
    try:
        return party(text)
    except UsageError as error:
        raise Problem(404, error.what, error.do) from error


def _told_of(shelf: Shelf, key: str) -> None:
    """Say so where no event at all has a party."""
    if not reading.totals(shelf, _every(Ask(), parties=(key,)))["reports"]:
        raise Problem(404, f"Nothing in this store is told of {label(key)} ({key})")


def _every(ask: Ask, **fields: Any) -> Ask:
    return ask.replace(statuses=("all",), **fields)


def pair(request: Request) -> Response:
    """Two parties: the course between them, each one's acts, sentences."""
    a, b = _party(request.path_params["a"]), _party(request.path_params["b"])
    part = _parts(request, _ask(request, "between"), a=a, b=b)
    mine = part.ask.replace(between=(a, b))
    total = reading.totals(part.shelf, mine)
    if not total["reports"]:
        _told_of(part.shelf, a)
        _told_of(part.shelf, b)
    return render(
        request,
        "pair.html",
        **_panel(request, part.ask, pair_url(a, b)),
        a=a,
        b=b,
        mine=mine,
        total=total,
        part=part,
    )


def incident(request: Request) -> Response:
    """An incident: its reports side by side by outlet, standings, figures, denials."""
    shelf = _shelf(request)
    identity = request.path_params["id"]
    found = reading.incident(shelf, identity)
    if found is None:
        raise Problem(404, "There is no such incident", "It may have merged with another: search.")
    rows = reading.reports_of(shelf, identity, MOST_REPORTS)
    records = {r["id"]: r for r in shelf.records([row["event_id"] for row in rows])}
    by_outlet: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if row["event_id"] in records:
            by_outlet[row["outlet"] or "outlet not named"].append((row, records[row["event_id"]]))
    # figures by kind, a line a claimant, from the lowest
    claims: dict[str, dict[Any, Any]] = {}
    for claim in found["figures"] or ():
        if claim["low"] is None and claim["high"] is None:
            continue
        who = (claim["claimant"], claim["claimant_key"], claim["low"], claim["high"])
        line = claims.setdefault(claim["kind"], {}).setdefault(who, {**claim, "all": []})
        line["all"].append(claim)
    ordered = {
        kind: sorted(lines.values(), key=lambda c: (c["low"] or c["high"] or 0, c["high"] or 0))
        for kind, lines in claims.items()
    }
    return render(
        request,
        "incident.html",
        found=found,
        by_outlet=sorted(by_outlet.items(), key=lambda item: (-len(item[1]), item[0])),
        claims=ordered,
        scale={kind: _scale(lines) for kind, lines in ordered.items()},
        denying=[row for row in rows if row["status"] == "negated"],
        marks=shelf.marks_of([row["event_id"] for row in rows]),
        mend=_mend_options(shelf),
        rest=max(0, found["reports"] - len(rows)),
    )


def _scale(lines: list[Any]) -> int:
    return max((max(c["low"] or 0, c["high"] or 0) for c in lines), default=0) or 1


def document(request: Request) -> Response:
    """A document: every event drawn over its sentence, and what was not coded."""
    shelf = _shelf(request)
    identity = request.path_params.get("id") or request.query_params.get("id", "")
    found = reading.document(shelf, identity) if identity else None
    if found is None:
        raise Problem(404, "There is no such document", "Its id may be cut: search for its words.")
    ids = reading.events_of(shelf, identity, MOST_EVENTS)
    records = shelf.records(ids)
    by_id = reading.incidents_of(shelf, ids)
    groups = []
    for events in drawing.by_sentence(records):
        first = events[0]["evidence"]
        spans = [
            span
            for event in events
            for span in drawing.spans_of(event, first["sentence_text"], first["start"])
        ]
        groups.append((drawing.pieces(first["sentence_text"], spans), events))
    return render(
        request,
        "document.html",
        found=found,
        groups=groups,
        about=by_id,
        text=_marked_text(found["text"], records) if found["text"] else None,
        rejections=reading.rejections_of(shelf, identity, MOST_EVENTS),
        copies=reading.copies_of(shelf, found["story"], identity) if found["story"] else [],
        marks=shelf.marks_of(ids),
        mend=_mend_options(shelf),
    )


def _marked_text(text: str, records: list[dict[str, Any]]) -> list[list[tuple[str, str]]]:
    """The paragraphs of a text in pieces; a piece that carries events has the first one's id."""
    spans = sorted(
        (r["evidence"]["start"], r["evidence"]["end"], r["id"])
        for r in records
        if r["evidence"]["part"] == "text"
    )
    paragraphs, offset = [], 0
    for paragraph in text.split("\n"):
        end = offset + len(paragraph)
        pieces: list[tuple[str, str]] = []
        at = offset
        for start, stop, identity in spans:
            start, stop = max(start, at), min(stop, end)
            if start >= stop:
                continue
            pieces.append((text[at:start], ""))
            pieces.append((text[start:stop], identity))
            at = stop
        pieces.append((text[at:end], ""))
        if paragraph.strip():
            paragraphs.append([p for p in pieces if p[0]])
        offset = end + 1
    return paragraphs


def event(request: Request) -> Response:
    """To the event where it stands in its document."""
    found = _shelf(request).records([request.path_params["id"]])
    if not found:
        raise Problem(404, "There is no such event")
    return RedirectResponse(document_url(found[0]["document"]["id"], found[0]["id"]), 303)


def search(request: Request) -> Response:
    """Events that match, drawn over their sentences."""
    shelf, ask = _shelf(request), _ask(request)
    total = reading.totals(shelf, ask)
    ids = reading.found(shelf, ask)
    records = shelf.records(ids)
    pages = min(MOST_PAGES, max(1, -(-total["reports"] // PAGE)))
    if ask.page > pages:
        raise Problem(404, f"There are {pages} pages of this", "Go to the first.")
    return render(
        request,
        "search.html",
        **_panel(request, ask, "/search"),
        total=total,
        records=records,
        about=reading.incidents_of(shelf, ids),
        marks=shelf.marks_of(ids),
        mend=_mend_options(shelf),
        pages=pages,
        first=PAGE * (ask.page - 1) + 1,
        earlier=_leaf(ask, ask.page - 1) if ask.page > 1 else "",
        later=_leaf(ask, ask.page + 1) if ask.page < pages else "",
        without_status=_every(ask).url() if ask.filter.statuses == ("actual",) else "",
    )


def _leaf(ask: Ask, page: int) -> str:
    return ask.replace(page=page).url()


def compare(request: Request) -> Response:
    """How two outlets tell the same incidents."""
    a, b = request.query_params.get("a", ""), request.query_params.get("b", "")
    part = _parts(request, _ask(request, "a", "b"), a=a, b=b)
    known = _shelf(request).all_outlets
    for name in filter(None, (a, b)):
        if name not in known:
            raise Problem(400, f"{name[:80]!r} is no outlet of this store", "Choose from the list.")
    if a and a == b:
        raise Problem(400, "Both outlets are the same", "Choose two.")
    return render(
        request,
        "compare.html",
        **_panel(request, part.ask, "/compare"),
        a=a,
        b=b,
        part=part,
    )


def audit_page(request: Request) -> Response:
    """What is left to judge of the sample that ``whowhom audit`` drew, a few at a time."""
    shelf = _shelf(request)
    sample = audit.latest(shelf.store.path)
    if sample is None:
        return render(request, "audit.html", sample=None)
    judged = shelf.marks_of(sample.events)
    found = {record["id"]: record for record in shelf.records(sample.events)}
    left = [found[e] for e in audit.left(sample, judged) if e in found]
    last = request.query_params.get("last", "")
    return render(
        request,
        "audit.html",
        sample=sample,
        drawn=len(found),
        gone=len(sample.events) - len(found),
        left=len(left),
        records=left[:AUDITED],
        last=found.get(last) if last in judged else None,
        marks=judged,
        mend=_mend_options(shelf),
    )


def marks(request: Request) -> Response:
    """The user's marks."""
    shelf = _shelf(request)
    kept = shelf.marks()[::-1][:500]
    records = {r["id"]: r for r in shelf.records([m.event_id for m in kept])}
    return render(
        request,
        "marks.html",
        kept=[(m, records.get(m.event_id)) for m in kept],
        counts={
            v: sum(1 for m in shelf.marks() if m.verdict == v) for v in ("right", "wrong", "mend")
        },
        total=len(shelf.marks()),
    )


def marks_export(request: Request) -> Response:
    """The marks as JSON lines."""
    lines = [json.dumps(mark_record(m), ensure_ascii=False) for m in _shelf(request).marks()]
    return PlainTextResponse(
        "".join(line + "\n" for line in lines),
        headers={
            "content-disposition": 'attachment; filename="marks.jsonl"',
            "cache-control": "no-store",
        },
        media_type="application/x-ndjson",
    )


def coverage(request: Request) -> Response:
    """What was read, what was not, and how far to trust what came of it."""
    shelf = _shelf(request)
    measures: dict[str, list[Any]] = defaultdict(list)
    for row in shelf.table(analyse.quality).to_pylist():
        measures[row["measure"]].append(row)
    return render(
        request,
        "coverage.html",
        by_outlet=shelf.table(analyse.coverage).to_pylist(),
        measures=measures,
        troubles=shelf.store.troubles,
    )


# ------------------------------------------------------------------------------ charts
def chart(request: Request) -> Response:
    """A picture: a fragment at a width for the script, else a page of its own."""
    shelf = _shelf(request)
    name = request.path_params["name"]
    if name not in charts.CHARTS:
        raise Problem(404, "There is no such picture")
    ask = _ask(request, "width")
    width = request.query_params.get("width")
    if width is not None:
        if not width.isascii() or not width.isdigit() or int(width[:6]) not in charts.WIDTHS:
            raise Problem(400, f"width: {width[:20]!r} is not drawn")
        with shelf.patience(PATIENCE):
            drawn = charts.picture(shelf, name, ask, int(width))
        return render(request, "picture.html", drawn=drawn)
    with shelf.patience(PATIENCE):
        wide, narrow = (charts.picture(shelf, name, ask, w) for w in (680, 360))
    return render(
        request, "chart.html", **_panel(request, ask, f"/chart/{name}"), wide=wide, narrow=narrow
    )


def charts_css(_: Request) -> Response:
    """The colours of the charts."""
    from whowhom.show.charts.embed import css

    return Response(css(), media_type="text/css", headers={"cache-control": "max-age=3600"})


# ------------------------------------------------------------------------------- marking
MEND = ("event_type", "status", "actors", "recipients")
"""Fields that the small form mends."""


def _mend_options(shelf: Shelf) -> dict[str, Any]:
    return {"types": shelf.types, "statuses": get_args(Status)}


def mark(request: Request) -> Response:
    """Keep a mark, then back to where it was filed."""
    shelf, form = _shelf(request), request.state.form
    given = str(form.get("token", ""))
    if not hmac.compare_digest(given.encode(), request.app.state.access.form_token.encode()):
        raise Problem(403, "This form is out of date", "Go back, load the page anew, mark again.")
    event_id, verdict = form.get("event", ""), form.get("verdict", "")
    if not shelf.records([event_id]):
        raise Problem(404, "There is no such event")
    mend: dict[str, Any] = {}
    if verdict == "mend":
        mend = mended(form, shelf.types)
        if not mend and not form.get("note", "").strip():
            raise Problem(400, "Nothing was mended", "Choose what it should be, or write a note.")
    shelf.mark(event_id, verdict, form.get("note", "").strip(), mend or None)
    if request.headers.get("accept", "").startswith("application/json"):
        return Response(status_code=204)
    back = form.get("back", "/marks")
    if back.partition("?")[0] == "/audit":  # what was judged is no longer listed there: name it
        back = f"/audit?last={quote(event_id, safe='')}"
    # only a path of ours: "//elsewhere" and "/\elsewhere" would lead away
    if not back.startswith("/") or back[1:2] in ("/", "\\") or "\n" in back or "\r" in back:
        back = "/marks"
    return RedirectResponse(f"{back.partition('#')[0]}#{anchor(event_id)}", 303)


VIEWS: Mapping[str, Callable[[Request], Response]] = {
    "/": overview,
    "/actor/{key}": actor,
    "/pair/{a}/{b}": pair,
    "/incident/{id:path}": incident,
    "/event/{id:path}": event,
    "/document": document,
    "/document/{id:path}": document,
    "/search": search,
    "/compare": compare,
    "/audit": audit_page,
    "/marks": marks,
    "/marks.jsonl": marks_export,
    "/coverage": coverage,
    "/chart/{name}": chart,
    "/part/{name}": piece,
}

__all__ = ["VIEWS", "charts_css", "mark", "render"]
