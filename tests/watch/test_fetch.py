"""One fetch against servers that misbehave."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from tests.watch.sites import Page, Site, moved, serving
from whowhom.settings import WATCH, WatchSettings
from whowhom.watch import fetch as module
from whowhom.watch.address import Gate, NotFetched
from whowhom.watch.fetch import Answer, fetch, retry_after

SMALL = dataclasses.replace(WATCH, fetch_seconds=5.0, connect_seconds=5.0, max_fetch_bytes=50_000)
QUICK = dataclasses.replace(SMALL, fetch_seconds=0.3)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


def gate(site: Site, **options: Any) -> Gate:
    return Gate.of(["127.0.0.1"], [site.port], **{"settings": SMALL, **options})


def get(site: Site, path: str = "/", settings: WatchSettings = SMALL, **options: Any) -> Answer:
    closed = gate(site, settings=settings)
    return fetch(site.url(path), closed, headers={"User-Agent": "test"}, **options)


def reason(site: Site, path: str = "/", settings: WatchSettings = SMALL) -> str:
    with pytest.raises(NotFetched) as error:
        get(site, path, settings)
    return error.value.reason


# --------------------------------------------------------------------- redirects
@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("file:///etc/passwd", "refused_address"),
        ("FILE:///etc/passwd", "refused_address"),
        ("ftp://127.0.0.1/", "refused_address"),
        ("http://127.0.0.2/", "refused_address"),
        ("http://localhost/", "refused_address"),
        ("http://169.254.169.254/latest/meta-data/", "refused_address"),
        ("//10.0.0.1/", "refused_address"),
        ("http://[::ffff:127.0.0.1]/", "refused_address"),
        ("http://2130706433/", "refused_address"),
        ("http://user:secret@127.0.0.1/", "refused_address"),
        ("http://127.0.0.1:1/", "refused_address"),
        ("http://127.0.0.1\\@x/", "bad_address"),
        ("http://[/", "bad_address"),
    ],
)
def test_redirects_are_checked_like_addresses(site: Site, where: str, why: str) -> None:
    site.pages["/"] = moved(where)
    assert reason(site) == why
    assert site.connections == 1


def test_three_hops_are_followed_and_a_fourth_is_not(site: Site) -> None:
    site.pages |= {f"/{n}": moved(f"/{n - 1}", 301 + n % 2) for n in range(1, 5)}
    site.pages["/0"] = (200, {}, b"here")
    hops: list[str] = []
    answer = get(site, "/3", before=lambda address: hops.append(address.target))
    assert (answer.body, answer.address.url) == (b"here", site.url("/0"))
    assert hops == ["/3", "/2", "/1", "/0"]
    assert reason(site, "/4") == "too_many_redirects"


def test_no_cookies_no_proxies(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    site.pages["/"] = (302, {"Location": "/a", "Set-Cookie": "id=1"}, b"")
    site.pages["/a"] = (200, {"Set-Cookie": "id=2"}, b"x")
    get(site)
    get(site)
    for _, headers in site.asked:
        assert set(headers) == {"host", "user-agent", "accept-encoding", "connection"}
        assert headers["host"] == f"127.0.0.1:{site.port}"


# ------------------------------------------------------------- the checked address
def test_the_connection_goes_to_the_address_that_was_checked(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages["/"] = (200, {}, b"news")
    answers = [["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]]
    connected: list[tuple[str, int]] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    def connect(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        connected.append(address)
        inner = socket.socket()
        inner.connect(("127.0.0.1", site.port))
        return inner

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    closed = Gate.of(resolve=resolve, settings=SMALL)
    assert fetch("http://news.example/", closed, headers={}).body == b"news"
    assert connected == [("93.184.216.34", 80)]
    assert len(answers) == 2
    assert site.asked[0][1]["host"] == "news.example"
    with pytest.raises(NotFetched) as refused:  # the name now leads home
        fetch("http://news.example/", closed, headers={})
    assert refused.value.reason == "refused_address"
    assert len(connected) == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("openssl"):  # pragma: no cover
        pytest.skip("needs the openssl command to make a certificate")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "30", "-subj", "/CN=news.example", "-addext",
         "subjectAltName=DNS:news.example", "-keyout", str(path), "-out", str(path) + ".crt"],
        check=True,
        capture_output=True,
    )  # fmt: skip
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


def test_tls_is_for_the_name_though_the_connection_is_to_the_address(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    asked_for: list[str | None] = []
    server.sni_callback = lambda _, name, __: asked_for.append(name)
    trusting = ssl.create_default_context(cafile=certificate)
    monkeypatch.setattr(module, "tls", lambda: trusting)

    def home(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    with serving({"/": (200, {}, b"safe")}, context=server) as site:
        site.pages["/down"] = moved("http://news.example/")
        own = Gate.of(["news.example", "other.example"], [site.port], settings=SMALL, resolve=home)
        base = f"https://news.example:{site.port}"
        assert fetch(base + "/", own, headers={}).body == b"safe"
        assert asked_for == ["news.example"]
        with pytest.raises(NotFetched) as down:
            fetch(base + "/down", own, headers={})
        assert down.value.reason == "refused_redirect"
        with pytest.raises(NotFetched) as wrong:
            fetch(base.replace("news.", "other.") + "/", own, headers={})
        assert wrong.value.reason == "unreachable"
        assert "safe connection" in wrong.value.what


# ------------------------------------------------------------------ time and size
def dribble(start: bytes, piece: bytes) -> Page:
    def page(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(start)
        for _ in range(1_000):
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(0.05)

    return page


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        (b"HTTP/1.1 200 OK\r\n", b"X-Slow: a\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"a"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"a"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08", b"\0"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_a_server_that_dribbles_runs_out_of_time(site: Site, start: bytes, piece: bytes) -> None:
    site.pages["/"] = dribble(start, piece)
    assert reason(site, settings=QUICK) == "timeout"


@pytest.mark.parametrize("piece", [b"", b"\x16", b"\x16\x03\x03\x40\x00" + b"\x02"])
def test_a_tls_handshake_that_does_not_end(piece: bytes) -> None:
    def stall(server: socket.socket) -> None:
        ours, _ = server.accept()
        with ours, contextlib.suppress(OSError):
            for _ in range(100):
                ours.sendall(piece)
                time.sleep(0.05)

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        threading.Thread(target=stall, args=(server,), daemon=True).start()
        settings = dataclasses.replace(SMALL, connect_seconds=0.3)
        own = Gate.of(["127.0.0.1"], [port], settings)
        with pytest.raises(NotFetched) as error:
            fetch(f"https://127.0.0.1:{port}/", own, headers={})
    assert error.value.reason == "unreachable"


def test_hops_share_the_time(site: Site) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> tuple[int, dict[str, str], bytes]:
        time.sleep(0.2)
        return 302, {"Location": "/"}, b""

    site.pages["/"] = slow
    assert reason(site, settings=QUICK) == "timeout"
    assert len(site.asked) < SMALL.max_redirects + 1


def endless(head: bytes, piece: bytes) -> Page:
    def page(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
        for _ in range(10_000):
            handler.wfile.write(piece)

    return page


CHUNKED = b"Transfer-Encoding: chunked\r\n"
BOMB = gzip.compress(b"\0" * 20_000_000)


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (endless(b"", b"a" * 4096), "too_large"),
        (endless(CHUNKED, b"1000\r\n" + b"a" * 4096 + b"\r\n"), "too_large"),
        (endless(b"Content-Length: 99999999999\r\n", b"a"), "too_large"),
        ((200, {"Content-Encoding": "gzip"}, BOMB), "too_large"),
        ((200, {"Content-Encoding": "x-gzip"}, BOMB[:9_000]), "too_large"),
        ((200, {"Content-Encoding": "gzip"}, gzip.compress(b"short")[:-4]), "cut"),
        ((200, {"Content-Encoding": "gzip"}, b"no gzip"), "damaged"),
        ((200, {"Content-Encoding": "gzip, gzip"}, b"x"), "packed"),
        ((200, {"Content-Encoding": "compress"}, b"x"), "packed"),
        ((200, {"Content-Length": "100"}, b"short"), "bad_answer"),
        (endless(CHUNKED, b"zzzz\r\n"), "bad_answer"),
        (endless(b"X: " + b"a" * 70_000 + b"\r\n", b""), "bad_answer"),
        (endless(b"X: a\r\n" * 200, b""), "bad_answer"),
        (lambda handler: handler.wfile.write(b"\0\1\2 what\r\n\r\n") and None, "bad_answer"),
        (lambda handler: None, "bad_answer"),
    ],
)  # fmt: skip
def test_answers_that_are_refused(site: Site, page: Page, why: str) -> None:
    site.pages["/"] = page
    assert reason(site) == why


def test_unpacked_bytes_count_even_below_the_ratio(site: Site) -> None:
    site.pages["/"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"a" * 60_000))
    assert reason(site) == "too_large"


def test_whole_answers(site: Site) -> None:
    text = b"All the news. " * 100
    site.pages |= {
        "/plain": (200, {"Content-Type": "Text/HTML; charset=x"}, text),
        "/gzip": (200, {"Content-Encoding": "gzip"}, gzip.compress(text)),
        "/empty": (200, {"Content-Encoding": "gzip"}, b""),
        "/same": (304, {"ETag": "x"}, b""),
        "/gone": (410, {}, b"page"),
    }
    assert get(site, "/plain").media == "text/html"
    assert get(site, "/gzip").body == get(site, "/plain").body == text
    assert [get(site, p).status for p in ("/same", "/gone")] == [304, 410]
    assert get(site, "/gone").body == get(site, "/empty").body == b""
    cut = get(site, "/gzip", limit=20, cut=True)
    assert (cut.body, cut.cut) == (text[:20], True)


def test_nobody_there(site: Site) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(NotFetched) as error:
            fetch(f"http://127.0.0.1:{port}/", Gate.of(["127.0.0.1"], [port]), headers={})
    assert (error.value.reason, error.value.again) == ("unreachable", True)


def test_fetches_leave_no_open_files(site: Site) -> None:
    site.pages |= {"/": (200, {}, b"x"), "/b": endless(b"", b"a" * 4096), "/r": moved("file:///")}
    fds = Path("/proc/self/fd")
    mine: Callable[[], int] = lambda: sum(  # noqa: E731
        "socket" in link for link in map(_target, fds.iterdir())
    )
    for turn in range(12):
        get(site)
        reason(site, "/b")
        reason(site, "/r")
        if turn == 1:
            time.sleep(0.1)
            before = mine()
    time.sleep(0.2)  # the server's own ends close with its threads
    assert mine() <= before


def _target(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120.0), ("Thu, 01 Jan 1970 00:01:40 GMT", 90.0), ("-5", None), ("soon", None),
     ("", None), ("9" * 400, None), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)],
)  # fmt: skip
def test_retry_after(value: str, seconds: float | None) -> None:
    address = Gate.of().address("http://news.example/")
    assert retry_after(Answer(address, 429, {"retry-after": value}), 10.0) == seconds
