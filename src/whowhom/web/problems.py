"""Errors as answers: a page for readers, problem+json (RFC 9457) for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

if TYPE_CHECKING:
    from starlette.requests import Request


class Problem(Exception):  # noqa: N818 - the name that RFC 9457 gives it
    """What is wrong, and what to do; becomes an answer with a status."""

    def __init__(
        self, status: int, title: str, do: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(title)
        self.status, self.title, self.do, self.headers = status, title, do, headers or {}


def answer(request: Request, problem: Problem) -> Response:
    headers = {**problem.headers, "cache-control": "no-store"}
    if problem.status == 503:
        headers["retry-after"] = "5"
    if request.url.path.startswith("/api/"):
        body = {"type": "about:blank", "title": problem.title, "status": problem.status}
        if problem.do:
            body["detail"] = problem.do
        return JSONResponse(
            body, problem.status, headers=headers, media_type="application/problem+json"
        )
    from whowhom.web.pages import render

    return render(
        request,
        "problem.html",
        status=problem.status,
        headers=headers,
        title=problem.title,
        do=problem.do,
    )
