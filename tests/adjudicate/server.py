"""A small server that answers as an OpenAI-compatible endpoint does, or does not."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[dict[str, Any], BaseHTTPRequestHandler], str | None]
"""From what was asked to the words of the model; None where it has answered itself."""


@dataclass
class Fake:
    url: str
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answer: Answer = lambda question, handler: '{"choice": "none"}'

    @property
    def questions(self) -> list[dict[str, Any]]:
        return [json.loads(body["messages"][1]["content"]) for body in self.asked]


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def drip(handler: BaseHTTPRequestHandler, stop: threading.Event) -> None:
    """A byte now and then, without an end."""
    handler.send_response(200)
    handler.end_headers()
    while not stop.wait(0.05):
        handler.wfile.write(b" ")
        handler.wfile.flush()


@contextlib.contextmanager
def serving() -> Iterator[Fake]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = json.loads(self.rfile.read(length))
            fake.asked.append(body)
            fake.headers.append({k.lower(): v for k, v in self.headers.items()})
            with contextlib.suppress(OSError):  # who asked may be gone
                words = fake.answer(json.loads(body["messages"][1]["content"]), self)
                if words is not None:
                    message = {"choices": [{"message": {"role": "assistant", "content": words}}]}
                    send(self, 200, json.dumps(message).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake = Fake(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def slow(seconds: float) -> Answer:
    def answer(_: dict[str, Any], __: BaseHTTPRequestHandler) -> str:
        time.sleep(seconds)
        return '{"choice": "1"}'

    return answer
