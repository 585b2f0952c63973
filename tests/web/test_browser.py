"""The explorer in a real browser: Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.web.conftest import HOSTILE_ID, make_store
from whowhom.audit import draw, write_sample
from whowhom.store import Store
from whowhom.web.app import create_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
uvicorn = pytest.importorskip("uvicorn", reason="uvicorn is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Store]]:
    """An explorer that listens, and its store."""
    store = make_store(tmp_path_factory.mktemp("browser") / "store")
    write_sample(store.path, draw(store, size=6))
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(create_app(store, seconds=30), log_level="warning", ws="none")
    )
    thread = threading.Thread(target=lambda: server.run(sockets=[listener]), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", store
    server.should_exit = True
    thread.join(10)
    listener.close()
    store.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield started
        started.close()


class Watched:
    """A page, with everything that its console complained of."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.complaints: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def settle(self) -> None:
        """Every picture of the page drawn."""
        height = self.page.evaluate("document.documentElement.scrollHeight")
        for y in range(0, height + 1, 600):
            self.page.evaluate(f"scrollTo(0, {y})")
            self.page.wait_for_timeout(40)
        self.page.wait_for_load_state("networkidle")


def paths(store: Store) -> dict[str, str]:
    row = store.sql("select incident from incidents order by reports desc limit 1").fetchone()
    assert row is not None
    return {
        "overview": "/?status=all",
        "actor": "/actor/KEN",
        "pair": "/pair/KEN/SOM",
        "incident": f"/incident/{row[0]}",
        "document": "/document/d1",
        "hostile": f"/document?id={quote(HOSTILE_ID, safe='')}",
        "search": "/search?status=all",
        "compare": "/compare?a=Coast+Herald&b=Lake+Courier",
        "marks": "/marks",
        "audit": "/audit",
        "coverage": "/coverage",
        "chart": "/chart/map?status=all",
    }


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (640, "light")]
)
def test_every_page_opens_cleanly(
    browser: Browser, served: tuple[str, Store], tmp_path: Path, width: int, scheme: Any
) -> None:
    """No complaint in the console (so no breach of the policy), nothing planted runs, nothing
    wider than the window; 640 is a window of 1280 at 200 % zoom."""
    base, store = served
    watched = Watched(browser, viewport={"width": width, "height": 800}, color_scheme=scheme)
    for name, path in paths(store).items():
        answer = watched.page.goto(base + path)
        assert answer is not None
        assert answer.status == 200, name
        watched.settle()
        assert watched.complaints == [], name
        assert watched.page.evaluate("window.hacked") is None, name
        wider = watched.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wider <= 0, f"{name} is {wider} px too wide"
        assert watched.page.locator("figure.failed").count() == 0, name
        watched.page.screenshot(path=str(tmp_path / f"{name}-{width}-{scheme}.png"), full_page=True)
    watched.context.close()


def test_from_a_pin_to_its_sentence(browser: Browser, served: tuple[str, Store]) -> None:
    base, _ = served
    watched = Watched(browser, viewport={"width": 1280, "height": 900})
    page = watched.page
    page.goto(base + "/")
    watched.settle()
    pin = page.locator('figure[data-picture^="/chart/map"] a[href*="at=Mogadishu"]').first
    pin.scroll_into_view_if_needed()
    pin.click()
    page.wait_for_url("**/search?*at=Mogadishu*")
    assert "Kenya" in page.locator("article.event .sentence").first.inner_text()
    assert page.locator(".chips li", has_text="Mogadishu").count() == 1
    page.locator("article.event .head a").first.click()
    page.wait_for_url("**/document/**")
    assert page.locator("article.event:target").count() == 1
    watched.context.close()


def test_a_mark_is_filed_and_seen(browser: Browser, served: tuple[str, Store]) -> None:
    base, store = served
    watched = Watched(browser, viewport={"width": 1280, "height": 900})
    page = watched.page
    page.goto(base + "/document/d2")
    article = page.locator("article.event").first
    article.get_by_role("button", name="wrong").click()
    page.wait_for_url("**/document/d2#e-*")
    assert "You marked this wrong" in page.locator("article.event").first.inner_text()
    article = page.locator("article.event").nth(1)
    article.locator("details.mend summary").click()
    article.get_by_label("It should be").select_option("AID")
    article.get_by_label("Note").fill("food, not talks")
    article.get_by_role("button", name="Keep").click()
    page.wait_for_url("**/document/d2#e-*")
    page.goto(base + "/marks")
    assert "type → AID" in page.content()
    assert "food, not talks" in page.content()
    assert {(m.event_id, m.verdict) for m in store.marks()} == {
        ("ev-d2-1", "wrong"), ("ev-d2-2", "mend"),
    }  # fmt: skip
    assert watched.complaints == []
    watched.context.close()


def test_the_keyboard_is_enough(browser: Browser, served: tuple[str, Store]) -> None:
    """Skip link, filter, a bar of the chart, an incident, a mark: without a mouse."""
    base, store = served
    watched = Watched(browser, viewport={"width": 1280, "height": 900})
    page = watched.page
    page.goto(base + "/?since=1998-03-04&until=1998-03-04")
    watched.settle()
    page.evaluate("scrollTo(0, 0)")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    reached = ""
    for _ in range(60):
        page.keyboard.press("Tab")
        reached = page.evaluate(
            "() => { const at = document.activeElement;"
            " return at.closest('figure') ? at.getAttribute('href') : '' }"
        )
        if reached:
            break
    assert "/search?" in reached
    assert page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    for _ in range(60):
        page.keyboard.press("Tab")
        if (page.evaluate("document.activeElement.getAttribute('href')") or "").startswith(
            "/document/d1"
        ):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/document/d1#*")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "right":
            break
    page.keyboard.press("Enter")
    patience = time.monotonic() + 20
    while not any(m.event_id.startswith("ev-d1") for m in store.marks()):
        assert time.monotonic() < patience, "no mark was kept"
        page.wait_for_timeout(50)
    assert "right" in {m.verdict for m in store.marks() if m.event_id.startswith("ev-d1")}
    watched.context.close()


def test_pages_are_whole_without_script(browser: Browser, served: tuple[str, Store]) -> None:
    base, _ = served
    watched = Watched(browser, java_script_enabled=False)
    page = watched.page
    page.goto(base + "/")
    assert "Kenya" in page.locator("ol.course").inner_text()
    page.locator('figure[data-picture^="/chart/map"] a').first.click()
    assert page.locator("svg a").count() > 0
    watched.context.close()


def test_everything_has_a_name(browser: Browser, served: tuple[str, Store]) -> None:
    """Fields, buttons and links say what they are to those who do not see them."""
    base, store = served
    watched = Watched(browser)
    for name, path in paths(store).items():
        watched.page.goto(base + path)
        watched.settle()
        nameless = watched.page.evaluate(
            """() => [...document.querySelectorAll(
                'a[href],button,input:not([type=hidden]),select')]
            .filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') ||
                (e.labels && e.labels.length))).map(e => e.outerHTML.slice(0, 120))"""
        )
        assert nameless == [], name
        assert watched.page.locator("main").count() == 1
        assert watched.page.locator("h1").count() == 1, name
        twice = watched.page.evaluate(
            "() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);"
            " return ids.filter((x, i) => ids.indexOf(x) !== i) }"
        )
        assert twice == [], name
    watched.context.close()
