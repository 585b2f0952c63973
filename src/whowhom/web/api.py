"""The JSON API: the pages' queries for programs. One table of routes makes paths and OpenAPI."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, get_args

from starlette.responses import Response
from starlette.routing import Route

from whowhom import analyse
from whowhom.analyse import DIMENSIONS
from whowhom.analyse.filters import party, shipped_types
from whowhom.analyse.query import Period
from whowhom.errors import UsageError
from whowhom.model import Genre, Quad, Status, Voice
from whowhom.web import reading
from whowhom.web.ask import MOST_PAGES, PAGE, SORTS, UNITS, Ask
from whowhom.web.problems import Problem
from whowhom.web.shelf import mark_record

if TYPE_CHECKING:
    from starlette.requests import Request

    from whowhom.web.shelf import Shelf

ROWS = 1_000
"""Rows of an answer at most."""


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    what: str
    schema: Mapping[str, Any]
    place: str = "query"
    required: bool = False
    many: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A path and what answers it. ``filtered``: it takes the filter's parameters too."""

    path: str
    name: str
    what: str
    answer: Callable[[Shelf, Request, Ask], Any]
    filtered: bool = True
    parameters: tuple[Parameter, ...] = ()
    rows: bool = True


_DAY = {"type": "string", "format": "date"}
_TEXT = {"type": "string", "maxLength": 200}
_KEY = {"type": "string", "pattern": "^[A-Z][A-Z0-9]{1,3}( (\\*|[A-Z][A-Z0-9]{1,3}))?$"}
_CODE = {"type": "string", "pattern": "^[A-Z][A-Z0-9]{1,3}$"}


def _enum(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


@lru_cache(maxsize=1)
def filter_parameters() -> tuple[Parameter, ...]:
    """The parameters of the filter, as :meth:`Ask.from_query` reads them."""
    many: list[tuple[str, str, Mapping[str, Any]]] = [
        ("type", "Event type of the codebook.", _enum(*shipped_types())),
        ("quad", "Kind: verbal or material, cooperation or conflict.", _enum(*get_args(Quad))),
        ("status", "Whether it happened. Default: actual; all is every one.",
         _enum(*get_args(Status), "all")),
        ("voice", "The document's voice.", _enum(*get_args(Voice))),
        ("outlet", "Who published.", _TEXT),
        ("place", "Country of the place.", _CODE),
        ("actor", "Who did it: a key such as KEN or KEN REB; KEN * is every party of Kenya.", _KEY),
        ("recipient", "To whom.", _KEY),
        ("party", "Either side.", _KEY),
        ("speaker", "Who says so.", _KEY),
        ("genre", "Kind of document.", _enum(*get_args(Genre))),
    ]  # fmt: skip
    one: list[tuple[str, str, Mapping[str, Any]]] = [
        ("since", "First day.", _DAY),
        ("until", "Last day.", _DAY),
        ("confidence", "At least so sure, 0 to 1.", {"type": "number", "minimum": 0, "maximum": 1}),
        ("words", "Words of the sentence; a phrase in double quotes.", _TEXT),
        ("copies", "Whether copies of one text count.", _enum("yes", "no")),
        ("between", "Two parties, either way: USA~CUB.", {"type": "string", "maxLength": 40}),
        ("at", "A place by its name.", _TEXT),
        ("incident", "An incident's id.", _TEXT),
        ("unit", "What is counted. Default: incidents.", _enum(*UNITS)),
        ("sort", "Order of events. Default: newest.", _enum(*SORTS)),
        ("page", f"Page of events, {PAGE} each.",
         {"type": "integer", "minimum": 1, "maximum": MOST_PAGES}),
    ]  # fmt: skip
    made = [Parameter(n, w, s, many=True) for n, w, s in many]
    made += [Parameter(n, w, s) for n, w, s in one]

    return tuple(made)


# ------------------------------------------------------------------------- the answers
def _totals(shelf: Shelf, _: Request, ask: Ask) -> Any:
    return reading.totals(shelf, ask)


def _events(shelf: Shelf, _: Request, ask: Ask) -> Any:
    records = shelf.records(reading.found(shelf, ask))
    total = reading.totals(shelf, ask)["reports"]
    return {
        "total": total,
        "page": ask.page,
        "pages": min(MOST_PAGES, -(-total // PAGE)),
        "rows": records,
    }


def _event(shelf: Shelf, request: Request, _: Ask) -> Any:
    found = shelf.records([request.path_params["id"]])
    if not found:
        raise Problem(404, "There is no such event")
    marks = shelf.marks_of([found[0]["id"]])
    return {"event": found[0], "marks": [mark_record(m) for m in marks.values()]}


def _incidents(shelf: Shelf, _: Request, ask: Ask) -> Any:
    return reading.newest(shelf, ask, 200)


def _incident(shelf: Shelf, request: Request, _: Ask) -> Any:
    found = reading.incident(shelf, request.path_params["id"])
    if found is None:
        raise Problem(404, "There is no such incident")
    rows = reading.reports_of(shelf, found["incident"], ROWS)
    return {"incident": found, "reports": rows}


def _document(shelf: Shelf, request: Request, _: Ask) -> Any:
    found = reading.document(shelf, request.path_params["id"])
    if found is None:
        raise Problem(404, "There is no such document")
    kept = {k: v for k, v in found.items() if k not in ("sequence", "shingles")}
    ids = reading.events_of(shelf, kept["id"], ROWS)
    return {
        "document": kept,
        "events": shelf.records(ids),
        "rejections": reading.rejections_of(shelf, kept["id"], ROWS),
    }


def _counts(shelf: Shelf, request: Request, ask: Ask) -> Any:
    _plain(ask, "counts")
    of = tuple(request.query_params.getlist("of")) or ("type",)
    by = _option(request, "by", (*get_args(Period), ""), "") or None
    return shelf.table(analyse.counts, ask.filter, unit=ask.unit, by=by, of=of)


def _pairs(shelf: Shelf, _: Request, ask: Ask) -> Any:
    _plain(ask, "pairs")
    return shelf.table(analyse.pairs, ask.filter, unit=ask.unit, limit=ROWS)


def _actors(shelf: Shelf, _: Request, ask: Ask) -> Any:
    _plain(ask, "actors")
    return shelf.table(analyse.actors, ask.filter, unit=ask.unit, limit=ROWS)


def _series(shelf: Shelf, request: Request, ask: Ask) -> Any:
    a, b = party(request.path_params["a"]), party(request.path_params["b"])
    _plain(ask, "series")
    by = _option(request, "by", get_args(Period), "week")
    return shelf.table(analyse.series, a, b, ask.filter, by=by, unit=ask.unit)


def _changes(shelf: Shelf, request: Request, ask: Ask) -> Any:
    a, b = party(request.path_params["a"]), party(request.path_params["b"])
    _plain(ask, "changes")
    by = _option(request, "by", get_args(Period), "week")
    return shelf.table(analyse.changes, a, b, by, ask.filter, unit=ask.unit)


def _network(shelf: Shelf, _: Request, ask: Ask) -> Any:
    _plain(ask, "network")
    nodes, edges = shelf.table(analyse.network, ask.filter, unit=ask.unit, most=100)
    return {"nodes": _rows(nodes), "edges": _rows(edges)}


def _places(shelf: Shelf, _: Request, ask: Ask) -> Any:
    return reading.places(shelf, ask, ROWS)


def _claims(shelf: Shelf, _: Request, ask: Ask) -> Any:
    _plain(ask, "claims")
    return shelf.table(analyse.claims, ask.filter, unit=ask.unit, limit=ROWS)


def _denials(shelf: Shelf, _: Request, ask: Ask) -> Any:
    _plain(ask, "denials")
    return shelf.table(analyse.denials, ask.filter, limit=ROWS)


def _figures(shelf: Shelf, _: Request, ask: Ask) -> Any:
    _plain(ask, "figures")
    return shelf.table(analyse.figures, ask.filter, limit=200)


def _money(shelf: Shelf, _: Request, ask: Ask) -> Any:
    _plain(ask, "money")
    return shelf.table(analyse.money, ask.filter, unit=ask.unit, limit=ROWS)


def _compare(shelf: Shelf, request: Request, ask: Ask) -> Any:
    a, b = request.query_params.get("a", ""), request.query_params.get("b", "")
    if not a or not b:
        raise Problem(400, "Name two outlets", "a=... and b=...")
    both = shelf.table(analyse.outlets, a, b, ask.filter, limit=300)
    only = shelf.table(analyse.only, a, b, ask.filter, limit=200)
    words = shelf.table(analyse.words, a, b, ask.filter, limit=50)
    return {"both": _rows(both), "only": _rows(only), "words": _rows(words)}


def _coverage(shelf: Shelf, _: Request, __: Ask) -> Any:
    return {
        "outlets": _rows(shelf.table(analyse.coverage)),
        "quality": _rows(shelf.table(analyse.quality)),
    }


def _marks(shelf: Shelf, _: Request, __: Ask) -> Any:
    return [mark_record(m) for m in shelf.marks()]


_BY = Parameter("by", "Length of a period.", _enum(*get_args(Period)))
_ID = Parameter("id", "Its id.", {"type": "string", "minLength": 1}, "path", True)
_A = Parameter("a", "One party's key.", _KEY, "path", True)
_B = Parameter("b", "The other's.", _KEY, "path", True)
_OUTLET_A = Parameter("a", "One outlet, as the store has it.", _TEXT, required=True)
_OUTLET_B = Parameter("b", "The other.", _TEXT, required=True)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("/totals", "totals", "How many reports, incidents, documents, outlets match.",
             _totals, rows=False),
    Endpoint("/events", "events", "Events that match, as whole records, a page at a time.",
             _events, rows=False),
    Endpoint("/events/{id}", "event", "One event, with the user's mark.", _event, False, (_ID,),
             False),
    Endpoint("/incidents", "incidents", "The newest 200 incidents that match.", _incidents),
    Endpoint("/incidents/{id}", "incident", "One incident and its reports.", _incident, False,
             (_ID,), False),
    Endpoint("/documents/{id}", "document", "A document, its events and its rejections.",
             _document, False, (_ID,), False),
    Endpoint("/counts", "counts", "Counts and mean scores, broken down.", _counts,
             parameters=(Parameter("of", "What by. Default: type.", _enum(*DIMENSIONS), many=True),
                         _BY)),
    Endpoint("/pairs", "pairs", "Who did something to whom, and how often.", _pairs),
    Endpoint("/actors", "actors", "The parties.", _actors),
    Endpoint("/series/{a}/{b}", "series", "The course between two parties.", _series,
             parameters=(_A, _B, _BY)),
    Endpoint("/changes/{a}/{b}", "changes", "Where that course takes a new level.", _changes,
             parameters=(_A, _B, _BY)),
    Endpoint("/network", "network", "The signed network of parties.", _network, rows=False),
    Endpoint("/places", "places", "Places, with counts.", _places),
    Endpoint("/claims", "claims", "Who says what of whom.", _claims),
    Endpoint("/denials", "denials", "Who is denied by whom.", _denials),
    Endpoint("/figures", "figures", "Disputed figures and their claimants.", _figures),
    Endpoint("/money", "money", "Money promised, given, asked for, refused.", _money),
    Endpoint("/compare", "compare", "How two outlets tell the same incidents.", _compare,
             parameters=(_OUTLET_A, _OUTLET_B), rows=False),
    Endpoint("/coverage", "coverage", "What was read, and how far to trust it.", _coverage, False,
             (), False),
    Endpoint("/marks", "marks", "The user's marks.", _marks, False),
)  # fmt: skip
BASE = "/api/v1"

# what only some endpoints can heed; elsewhere it is refused, not passed over in silence
_ONLY_SEARCH = ("between", "at", "incident", "sort", "page")
_SEARCHES = {"totals", "events", "incidents", "places"}


def _plain(ask: Ask, name: str) -> None:
    for field, value in (("between", ask.between), ("at", ask.at), ("incident", ask.incident)):
        if value:
            raise UsageError(f"{name} does not take {field}", do="Use /events, or leave it out.")


def parameters_of(endpoint: Endpoint) -> tuple[Parameter, ...]:
    """All parameters of an endpoint: its own, and those of the filter that it heeds."""
    if not endpoint.filtered:
        return endpoint.parameters
    leave = {"sort", "page"} if endpoint.name != "events" else set()
    if endpoint.name not in _SEARCHES:
        leave |= set(_ONLY_SEARCH)
    return (*endpoint.parameters, *(p for p in filter_parameters() if p.name not in leave))


def _option(request: Request, name: str, options: tuple[str, ...], default: str) -> str:
    value = request.query_params.get(name, default)
    if value not in options:
        raise UsageError(
            f"{name}: {value!r} is not known", do=f"Use one of: {', '.join(filter(None, options))}."
        )
    return value


# -------------------------------------------------------------------------- the plumbing
def routes(page: Callable[[Callable[[Request], Response]], Any]) -> list[Route]:
    """The routes of the API."""
    made = [
        Route(BASE + _starlette(e.path), page(_view(e)), methods=["GET"], name=f"api-{e.name}")
        for e in ENDPOINTS
    ]
    made.append(Route("/api/openapi.json", page(_openapi), methods=["GET"]))
    return made


def _starlette(path: str) -> str:
    # ids may hold slashes
    return path.replace("{id}", "{id:path}")


def _view(endpoint: Endpoint) -> Callable[[Request], Response]:
    own = {p.name: p for p in endpoint.parameters if p.place == "query"}
    known = {p.name for p in parameters_of(endpoint) if p.place == "query"}

    def view(request: Request) -> Response:
        shelf: Shelf = request.app.state.shelf
        given = request.query_params.multi_items()
        for name, value in given:
            if name not in known and name != "token":
                raise Problem(
                    400,
                    f"{name[:60]!r} is no parameter of this",
                    f"It takes: {', '.join(sorted(known)) or 'none'}.",
                )
            if "\x00" in value:
                raise Problem(400, f"{name}: a value holds a character that no text has")
        for parameter in own.values():
            values = request.query_params.getlist(parameter.name)
            if len(values) > 1 and not parameter.many:
                raise Problem(400, f"{parameter.name} is given twice")
            if len(values) > 20:
                raise Problem(400, f"{parameter.name} is given more than 20 times")
        if any("\x00" in str(value) for value in request.path_params.values()):
            raise Problem(404, "There is no such thing")
        ask = (
            Ask.from_query(given, types=shelf.types, others=tuple(own))
            if endpoint.filtered
            else Ask()
        )
        result = endpoint.answer(shelf, request, ask)
        if endpoint.rows:
            rows = _rows(result)
            result = {"rows": rows[:ROWS], "truncated": len(rows) > ROWS}
        return respond(result)

    view.__name__ = f"api_{endpoint.name}"
    return view


def _rows(table: Any) -> list[dict[str, Any]]:
    if isinstance(table, list):
        return table
    rows: list[dict[str, Any]] = table.slice(0, ROWS + 1).to_pylist()
    return rows


def respond(value: Any) -> Response:
    text = json.dumps(_jsonable(value), ensure_ascii=False, default=str, allow_nan=False)
    return Response(
        text.encode("utf-8", "replace"),
        media_type="application/json",
        headers={"cache-control": "no-store"},
    )


def _jsonable(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {k: _jsonable(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(v) for v in value]
    return value


def _openapi(_: Request) -> Response:
    return respond(openapi())


@lru_cache(maxsize=1)
def openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 description, from the table of endpoints."""
    from whowhom.pipeline import package_version

    paths: dict[str, Any] = {}
    for endpoint in ENDPOINTS:
        responses: dict[str, Any] = {
            "200": {
                "description": "What was found.",
                "content": {"application/json": {"schema": _schema(endpoint)}},
            },
            "400": _problem("A parameter that cannot be right."),
            "503": _problem("It would take too long; ask for less."),
        }
        if any(p.place == "path" for p in endpoint.parameters):
            responses["404"] = _problem("There is none.")
        paths[BASE + endpoint.path] = {
            "get": {
                "operationId": endpoint.name,
                "summary": endpoint.what,
                "parameters": [_described(p) for p in parameters_of(endpoint)],
                "responses": responses,
            }
        }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "whowhom explorer",
            "version": package_version(),
            "description": "Reads one store of political events. Answers have at most 1,000 rows; "
            "a query that takes over two seconds is stopped with 503.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {
                "Problem": {
                    "type": "object",
                    "required": ["type", "title", "status"],
                    "properties": {
                        "type": {"type": "string"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "detail": {"type": "string"},
                    },
                }
            }
        },
    }


def _schema(endpoint: Endpoint) -> dict[str, Any]:
    if not endpoint.rows:
        return {"type": "object"}
    return {
        "type": "object",
        "required": ["rows", "truncated"],
        "properties": {
            "rows": {"type": "array", "maxItems": ROWS, "items": {"type": "object"}},
            "truncated": {"type": "boolean"},
        },
    }


def _problem(what: str) -> dict[str, Any]:
    reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": what, "content": {"application/problem+json": reference}}


def _described(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = dict(parameter.schema)
    if parameter.many:
        schema = {"type": "array", "items": schema, "maxItems": 20}
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": parameter.what,
        "schema": schema,
        **({"style": "form", "explode": True} if parameter.many else {}),
    }
