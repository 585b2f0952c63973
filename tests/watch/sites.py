"""Web servers on 127.0.0.1 that do as a test says, and keep an account of what they were asked."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Mapping[str, str], bytes]
Page = Answer | Callable[[BaseHTTPRequestHandler], Answer | None]
"""What a path gives; a function that gives None has written its answer itself."""


@dataclass
class Site:
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    scheme: str = "http"
    host: str = "127.0.0.1"

    def url(self, path: str = "/") -> str:
        return f"{self.scheme}://{self.host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def count(self, path: str) -> int:
        return self.paths.count(path)


def html(title: str, text: str, head: str = "") -> Answer:
    page = f"<html><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1>"
    page += "".join(f"<p>{part}</p>" for part in text.split("\n")) + "</article></body></html>"
    return 200, {"Content-Type": "text/html; charset=utf-8"}, page.encode()


def moved(where: str, status: int = 302) -> Answer:
    return status, {"Location": where}, b""


def rss(items: str, title: str = "The Paper", head: str = "") -> bytes:
    names = "xmlns:content='http://purl.org/rss/1.0/modules/content/' "
    names += "xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'"
    channel = f"<channel><title>{title}</title>{head}{items}</channel>"
    return f"<?xml version='1.0'?><rss version='2.0' {names}>{channel}</rss>".encode()


def item(link: str, title: str = "A title", *, day: str | None = None, content: str = "") -> str:
    parts = [f"<title>{title}</title><link>{link}</link><description>In short.</description>"]
    if day:
        parts.append(f"<pubDate>{day}</pubDate>")
    if content:
        parts.append(f"<content:encoded><![CDATA[<p>{content}</p>]]></content:encoded>")
    return f"<item>{''.join(parts)}</item>"


@contextlib.contextmanager
def serving(pages: Mapping[str, Page] = {}, *, context: Any = None) -> Iterator[Site]:
    """A server with these pages; ``context`` makes it speak TLS."""
    site = Site(dict(pages))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            site.connections += 1
            super().setup()

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            site.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            page = site.pages.get(self.path, site.pages.get(self.path.partition("?")[0]))
            answer = page(self) if callable(page) else page
            if answer is None:
                if page is not None:
                    self.close_connection = True
                    return
                answer = (404, {}, b"")
            status, headers, body = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass  # clients that hang up are what the tests are about

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        site.scheme = "https"
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
