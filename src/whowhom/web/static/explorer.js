// The explorer's own script. Pages are whole without it: it fetches pictures at the width that
// there is, leaves empty fields out of addresses, and opens what an address points to.
"use strict";

(function () {
  const widths = [360, 520, 680, 1040];

  function fitting(figure) {
    const room = figure.clientWidth || 680;
    // the widest that is not scaled down to letters too small to read
    return widths.filter((w) => w <= Math.max(360, room * 1.12)).pop();
  }

  async function draw(figure) {
    const width = fitting(figure);
    if (figure.dataset.drawn === String(width)) return;
    figure.dataset.drawn = String(width);
    const address = new URL(figure.dataset.picture, location.href);
    address.searchParams.set("width", width);
    try {
      const answer = await fetch(address, { credentials: "same-origin" });
      const text = await answer.text();
      if (!answer.ok) throw new Error(answer.status === 503 ? "it takes too long" : "error " + answer.status);
      // what is parsed so is inert; the server lets only shapes, words and its own links through
      const parsed = new DOMParser().parseFromString(text, "text/html");
      const parts = [...parsed.body.childNodes];
      if (!parsed.querySelector("svg")) {
        figure.remove();
        return;
      }
      figure.replaceChildren(...parts.map((part) => document.importNode(part, true)));
      figure.classList.remove("failed");
    } catch (error) {
      figure.classList.add("failed");
      const words = figure.querySelector("figcaption a");
      if (words) words.after(" could not be drawn: " + error.message);
    }
  }

  // pieces of a page over a large store come after the page
  async function fill(place) {
    try {
      const answer = await fetch(place.dataset.part, { credentials: "same-origin", headers: { "X-Part": "1" } });
      const text = await answer.text();
      if (!answer.ok) throw new Error(answer.status === 503 ? "it takes too long" : "error " + answer.status);
      const parsed = new DOMParser().parseFromString(text, "text/html");
      place.replaceWith(...[...parsed.body.childNodes].map((part) => document.importNode(part, true)));
      if (location.hash) unfold();
    } catch (error) {
      const link = place.querySelector("a");
      if (link) link.after(" could not be made: " + error.message);
    }
  }
  (async () => {
    // one after the other: they would only take each other's time
    for (const place of document.querySelectorAll("[data-part]")) await fill(place);
  })();

  const figures = [...document.querySelectorAll("figure[data-picture]")];
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting) {
          seen.unobserve(entry.target);
          draw(entry.target);
        }
      }
    },
    { rootMargin: "600px" },
  );
  figures.forEach((figure) => seen.observe(figure));
  let waiting = 0;
  addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => figures.filter((f) => f.dataset.drawn && f.isConnected).forEach(draw), 200);
  });

  // empty fields make addresses long and say nothing
  document.querySelectorAll("form.filters, form.find").forEach((form) => {
    if (form.method !== "get") return;
    form.addEventListener("submit", () => {
      form.querySelectorAll("input, select").forEach((field) => {
        const plain = { unit: "incidents", sort: "newest" }[field.name];
        if (field.value === "" || field.value === plain) field.disabled = true;
      });
      setTimeout(() => form.querySelectorAll(":disabled").forEach((f) => (f.disabled = false)), 0);
    });
  });

  // a mark comes back to its event: open the fold that it is in
  function unfold() {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    target.scrollIntoView({ block: "center" });
  }
  addEventListener("hashchange", unfold);
  unfold();
})();
