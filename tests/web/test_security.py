"""Who is let in: the matrix of hosts, origins, sites and methods; tokens; headers; injection."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from tests.web.conftest import BASE, HOSTILE, HOSTILE_ID, coded, make_store
from whowhom.errors import UsageError
from whowhom.store import Store
from whowhom.web import pages
from whowhom.web.api import ENDPOINTS, filter_parameters
from whowhom.web.app import create_app
from whowhom.web.security import POLICY, Guard, access

HOSTS = {
    "127.0.0.1:8150": True,
    "localhost:8150": True,
    "evil.example:8150": False,
    "127.0.0.1.evil.example": False,
}
ORIGINS = (None, "own", "https://evil.example", "null")
SITES = (None, "same-origin", "none", "cross-site", "same-site")
MATRIX = list(itertools.product(HOSTS, ORIGINS, SITES, ("GET", "POST")))


def test_the_matrix_is_large_enough() -> None:
    assert len(MATRIX) >= 60


@pytest.mark.parametrize(("host", "origin", "site", "method"), MATRIX)
def test_only_our_own_pages_write(
    own_marks: tuple[Store, TestClient, str, str],
    host: str,
    origin: str | None,
    site: str | None,
    method: str,
) -> None:
    store, client, event, token = own_marks
    before = len(list((store.path / "marks").glob("*")))
    note = f"{host} {origin} {site} {method}"
    headers = {"host": host}
    if origin:
        headers["origin"] = f"http://{host}" if origin == "own" else origin
    if site:
        headers["sec-fetch-site"] = site
    form = {"event": event, "verdict": "right", "token": token, "note": note}
    path = "/mark" if method == "POST" else "/marks"
    answer = client.request(
        method, path, headers=headers, data=form if method == "POST" else None,
        follow_redirects=False,
    )  # fmt: skip
    assert answer.headers["content-security-policy"] == POLICY
    ours = origin in (None, "own") and site in (None, "same-origin", "none")
    ours = ours and not (origin is None and site is None)
    ours = ours or (origin == "null" and site == "same-origin")
    if not HOSTS[host]:
        assert answer.status_code == 421
        assert "whowhom" not in answer.text
    elif method == "GET":
        assert answer.status_code == 200
    else:
        assert answer.status_code == (303 if ours else 403)
    kept = HOSTS[host] and method == "POST" and ours
    after = store.marks()
    assert ([m.note for m in after] == [note]) is kept
    assert len(list((store.path / "marks").glob("*"))) == before + kept


@pytest.fixture(scope="module")
def own_marks(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Store, TestClient, str, str]]:
    store = make_store(tmp_path_factory.mktemp("matrix") / "store")
    client = TestClient(create_app(store, seconds=30), base_url=BASE)
    yield store, client, "ev-d1-1", _token(client)
    store.close()


def _token(client: TestClient) -> str:
    guard: Guard = client.app  # type: ignore[assignment]
    return guard.access.form_token


@pytest.mark.parametrize("host", ["", "evil.example@127.0.0.1", "127.0.0.1:99999", "127.0.0.1/x"])
def test_odd_hosts_are_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 421


def test_a_wrong_form_token_writes_nothing(own: tuple[Store, TestClient]) -> None:
    store, client = own
    for token in ("", "x", "é"):
        answer = client.post(
            "/mark",
            data={"event": "ev-d1-1", "verdict": "right", "token": token},
            headers={"origin": BASE},
        )
        assert answer.status_code == 403
    assert store.marks() == []


def test_a_large_body_is_refused(client: TestClient) -> None:
    answer = client.post("/mark", content=b"x" * 70_000, headers={"origin": BASE})
    assert answer.status_code == 413


def test_other_kinds_of_bodies_are_refused(client: TestClient) -> None:
    answer = client.post("/mark", json={"token": "x"}, headers={"origin": BASE})
    assert answer.status_code == 415


def test_every_answer_has_the_headers(client: TestClient) -> None:
    for path in (
        "/",
        "/nothing",
        "/static/style.css",
        "/api/v1/totals",
        "/api/v1/x",
        "/charts.css",
    ):
        answer = client.get(path)
        assert answer.headers["content-security-policy"] == POLICY, path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in answer.headers
    assert "unsafe" not in POLICY
    assert "frame-ancestors 'none'" in POLICY


def test_other_hosts_need_a_token() -> None:
    for host in ("0.0.0.0", "192.168.1.5", "::", "example.org"):  # noqa: S104
        with pytest.raises(UsageError, match="--token"):
            access(host)
    with pytest.raises(UsageError, match="guessed"):
        access("192.168.1.5", "short")
    with pytest.raises(UsageError, match="--allow-host"):
        access("0.0.0.0", "long enough to be one")  # noqa: S104
    assert access("192.168.1.5", "long enough to be one").hosts == {"192.168.1.5"}


def test_the_token_lets_in(store: Store) -> None:
    secret = "long enough to be one"  # noqa: S105
    guard = create_app(store, allow=access("192.168.1.5", secret))
    client = TestClient(guard, base_url="http://192.168.1.5:8150", follow_redirects=False)
    for path in ("/", "/api/v1/totals", "/static/style.css", "/?token=wrong"):
        assert client.get(path).status_code == 401
    assert client.get("/", headers={"authorization": f"Bearer {secret}"}).status_code == 200
    entered = client.get(f"/?token={quote(secret)}")
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert "HttpOnly" in entered.headers["set-cookie"]
    assert "SameSite=Strict" in entered.headers["set-cookie"]
    assert client.get("/").status_code == 200


# ----------------------------------------------------------------- what a document may plant
PAGES = ("/", "/search?status=all", "/marks", "/coverage", "/actor/TGO", "/pair/TGO/BEN")


@pytest.mark.parametrize("path", PAGES)
def test_planted_markup_is_words(client: TestClient, path: str) -> None:
    text = client.get(path).text
    assert "<script>window" not in text
    assert "<img" not in text
    assert "\x1b" not in text


def test_a_hostile_document_is_shown_as_words(client: TestClient) -> None:
    answer = client.get(f"/document?id={quote(HOSTILE_ID, safe='')}")
    assert answer.status_code == 200
    assert "&lt;script&gt;window.hacked=1&lt;/script&gt;" in answer.text
    assert "<script>window" not in answer.text
    assert "javascript:" not in answer.text
    assert "\x1b" not in answer.text
    assert "\u202e" not in answer.text


def test_only_web_addresses_become_links() -> None:
    assert pages.safe_link("https://a.example/x") == "https://a.example/x"
    for bad in ("javascript:alert(1)", " javascript:x", "data:text/html,x", "//a", "ftp://a/b",
                "http:", "https://[", None, ""):  # fmt: skip
        assert pages.safe_link(bad) == ""


def test_a_mark_leads_only_back_to_us(own: tuple[Store, TestClient]) -> None:
    _, client = own
    for back in ("//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nx: y", ""):
        answer = client.post(
            "/mark",
            data={"event": "ev-d1-1", "verdict": "right", "token": _token(client), "back": back},
            headers={"origin": BASE},
            follow_redirects=False,
        )
        assert answer.headers["location"].startswith("/marks#")


PAYLOADS = (
    "'", "' or 1=1 --", "'; drop table reports; --", "\") or (\"1\"=\"1", "1; attach 'x' as y",
    "read_parquet('/etc/passwd')", "%", "_", "\\", "\x00", "💥", "a" * 5000, "../../etc/passwd",
    "${7*7}", "{{7*7}}", "<script>", "union select * from duckdb_settings()", "NaN", "-1", "1e999",
)  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_value_reaches_sql_unbound(client: TestClient, payload: str) -> None:
    names = [p.name for p in filter_parameters()] + ["unit", "sort", "nonsense", payload]
    for name in names:
        for path in ("/search", "/", "/api/v1/events", "/api/v1/counts", "/chart/types"):
            answer = client.get(path, params={name: payload})
            assert answer.status_code in (200, 400, 404), (path, name, answer.text[:200])
            for leak in ("Parser Error", "Binder Error", "duckdb", "Traceback", "49"):
                if leak in payload or (leak == "49" and "7*7" not in payload):
                    continue
                assert leak not in answer.text, (path, name)


def test_no_path_reaches_sql_unbound(client: TestClient) -> None:
    for payload, endpoint in itertools.product(PAYLOADS, ENDPOINTS):
        path = "/api/v1" + endpoint.path
        for name in ("id", "a", "b"):
            path = path.replace("{" + name + "}", quote(payload, safe=""))
        assert client.get(path).status_code in (200, 400, 404), path
    assert client.get("/api/v1/totals").json()["reports"] == _actual()


def _actual() -> int:
    return sum(e.status == "actual" for c in coded() for e in c.events)


def test_hostile_outlets_can_be_compared_and_filtered(client: TestClient) -> None:
    params = {"a": HOSTILE, "b": "Coast Herald"}
    assert "<img" not in client.get("/compare", params=params).text
    assert "<img" not in client.get("/search", params={"outlet": HOSTILE}).text
