"""The application: which address is answered by what, and what becomes of errors."""

from __future__ import annotations

import contextvars
import logging
import socket
import threading
from collections.abc import Awaitable, Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from whowhom.analyse.names import use_era_of
from whowhom.errors import StoreError, UsageError
from whowhom.web import api, pages
from whowhom.web.problems import Problem, answer
from whowhom.web.security import Access, Guard, access
from whowhom.web.shelf import USER, Busy, Shelf, TooSlow

if TYPE_CHECKING:
    from starlette.requests import Request

    from whowhom.store import Store

_log = logging.getLogger("whowhom.web")


def create_app(
    store: Store, *, allow: Access | None = None, seconds: float = 2.0, marker: str = USER
) -> Guard:
    """The explorer of a merged store, as an ASGI application.

    Args:
        store: as :func:`whowhom.merge.ensure` gives it.
        allow: which hosts and tokens are let in; None is loopback.
        seconds: what one query may take.
        marker: in whose name marks are kept.
    """
    allow = allow or access("127.0.0.1")
    shelf = Shelf(store, seconds=seconds, marker=marker)
    static = Path(str(files("whowhom.web"))) / "static"
    routes: list[Route | Mount] = [
        *(Route(path, _page(view), methods=["GET"]) for path, view in pages.VIEWS.items()),
        Route("/mark", _page(pages.mark), methods=["POST"]),
        *api.routes(_page),
        Route("/charts.css", _page(pages.charts_css), methods=["GET"]),
        Route("/favicon.ico", _favicon, methods=["GET"]),
        Mount("/static", StaticFiles(directory=static), name="static"),
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={
            HTTPException: _http_error,  # type: ignore[dict-item]
            Exception: _error,
        },
    )
    app.state.shelf = shelf
    app.state.access = allow
    return Guard(app, allow, shelf)


def _page(view: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
    """A view, run in a thread, its errors answered."""

    async def handle(request: Request) -> Response:
        # the form is read here, for a view runs in a thread and cannot wait
        if request.method == "POST":
            request.state.form = dict(await _form(request))
        try:
            return await run_in_threadpool(view, request)
        except Problem as problem:
            return answer(request, problem)
        except UsageError as error:
            return answer(request, Problem(400, error.what, error.do))
        except (TooSlow, Busy):
            return answer(
                request,
                Problem(
                    503,
                    "This takes too long",
                    "Ask for less: a shorter time, one actor, fewer words. Then try again.",
                ),
            )
        except StoreError as error:
            _log.exception("the store could not be read")
            return answer(request, Problem(500, "The store could not be read", error.do))

    handle.__name__ = getattr(view, "__name__", "view")
    return handle


async def _form(request: Request) -> list[tuple[str, str]]:
    """The fields of a form; the guard has seen to its size."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415, "Send a form")
    try:
        body = (await request.body()).decode("utf-8")
        return parse_qsl(body, keep_blank_values=True, max_num_fields=30)
    except ValueError as error:
        raise HTTPException(400, "This form cannot be read") from error


async def _http_error(request: Request, error: HTTPException) -> Response:
    words = {
        404: ("There is no such page", "Go back to the overview, or search."),
        405: ("This page cannot be asked in that way", ""),
    }
    title, do = words.get(error.status_code, (error.detail, ""))
    problem = Problem(error.status_code, title, do, dict(error.headers or {}))
    return answer(request, problem)


async def _error(request: Request, error: Exception) -> Response:
    _log.exception("a page failed", exc_info=error)
    return answer(request, Problem(500, "Something went wrong in the explorer", "See its log."))


async def _favicon(_: Request) -> Response:
    return PlainTextResponse("", status_code=204)


def _warm(shelf: Shelf) -> None:
    try:
        pages.warm(shelf)
    except Exception:  # a page will meet it again, and tell the reader
        _log.info("could not reckon the overview beforehand", exc_info=True)


def serve(
    store: Store,
    host: str,
    port: int,
    allow: Access,
    *,
    listener: socket.socket | None = None,
    marker: str = USER,
) -> None:
    """Answer until interrupted; on a socket that is bound already, where one is given."""
    import uvicorn

    app = create_app(store, allow=allow, marker=marker)
    use_era_of(store)
    here = contextvars.copy_context()  # states under the names of their time, in there too
    threading.Thread(target=here.run, args=(_warm, app.shelf), daemon=True).start()
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,  # addresses hold what somebody looks for
        server_header=False,
        date_header=False,
        proxy_headers=False,
        limit_concurrency=64,
        h11_max_incomplete_event_size=16_384,
    )
    uvicorn.Server(config).run(sockets=None if listener is None else [listener])
