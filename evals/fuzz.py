#!/usr/bin/env python3
# ruff: noqa: E501 (a form a line)
"""Broken inputs by the thousand: what comes in has a defined outcome.

    python evals/fuzz.py --inputs 10000 [--seed 1] [--kinds txt html ...] [--whole 0.1] [--keep FOLDER]

Inputs of seven kinds are written from sentences of this project and then damaged: bits flipped, cut,
parts doubled, taken out or exchanged, two inputs spliced, nasty tokens put in (fuzz_tokens.txt),
numbers and lengths falsified, encodings changed. Each is read in a child process that can be killed. A
share of them also goes through ``whowhom code FOLDER --store S --resume`` twice, ``export`` to CSV
and JSON Lines, and ``ledger``, with a coder that stands in for the model. Counted are

    crash        a traceback, a signal, or a reader that failed in a way that it does not know
    hang         more than --seconds for one input
    memory       more than --megabytes for a child
    unaccounted  an input that gave neither a document nor a reason; or is not in the ledger
    controls     a control or direction-changing character in what is shown or written
    unstable     a second run with --resume changed something

Input N of a seed is the same on every machine. What fails is found by bisection, kept in FOLDER with
the reason, and read again with ``--replay FILE``. Exit status 1 where anything fails.
"""

from __future__ import annotations

import argparse
import codecs
import contextlib
import csv
import gzip
import io
import json
import os
import random
import re
import resource
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).resolve()
ROOT = HERE.parent.parent
KINDS = ("txt", "html", "jsonl", "csv", "feed", "warc", "parquet")
BATCH = 100
"""Inputs of a child process, and of a store."""
CODER = "tests.engine.stub:StubCoder"

NAMES = ("Kenya", "Uganda", "Chad", "Niger", "Peru", "Chile", "Latvia", "Estonia", "Oman", "Nepal")
VERBS = ("met", "shelled", "sued")
MORE = (
    "The talks in the capital lasted for three hours, a spokesman said on Friday.",
    "“We shall not sign,” the minister told reporters after the session.",
    "Fishermen blocked the harbour to protest the new quotas of the ministry.",
    "Señor Peña of São Tomé thanked the doctors who came after the floods.",
)

# what never may be in an output: controls but tab and newline, direction changers, halves of pairs
CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\ud800-\udfff]"
)
# inside JSON and CSV what text the reader was given stays as it was, but for C0, C1 and halves
CONTROL_IN_DATA = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Made:
    """One input: its file's name and its bytes."""

    name: str
    data: bytes


@dataclass(slots=True)
class Limits:
    seconds: float = 10.0
    megabytes: int = 1500


@dataclass(slots=True)
class Result:
    """What was counted, and the failing inputs with their reasons."""

    inputs: Counter[str] = field(default_factory=Counter)
    documents: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    whole: int = 0
    failures: list[tuple[str, str, str]] = field(default_factory=list)  # class, input, detail
    slowest: tuple[float, str] = (0.0, "")
    megabytes: int = 0

    def fail(self, kind: str, name: str, detail: str) -> None:
        self.failures.append((kind, name, " ".join(detail.split())[:400]))


# --------------------------------------------------------------------- good inputs
def _text(chance: random.Random) -> str:
    parts = []
    for _ in range(chance.randint(1, 6)):
        a, b = chance.sample(NAMES, 2)
        parts.append(f"{a} {chance.choice(VERBS)} {b}.")
        if chance.random() < 0.6:
            parts.append(chance.choice(MORE))
    breaks = ("\n\n", "\n", " ")
    return "".join(part + chance.choice(breaks) for part in parts).strip()


def _row(chance: random.Random, number: int) -> dict[str, object]:
    row: dict[str, object] = {"text": _text(chance)}
    if chance.random() < 0.8:
        row["id"] = chance.choice((f"d{number}", number))
    if chance.random() < 0.5:
        row["title"] = " ".join(_text(chance).split()[:6])
    if chance.random() < 0.7:
        row["date"] = chance.choice(("2015-10-22", "22 October 2015", 1445472000, "03/04/2011"))
    if chance.random() < 0.4:
        row["url"] = f"https://paper.example/{number}"
    if chance.random() < 0.3:
        row["source"] = chance.choice(("Paper", {"name": "Paper"}))
    return row


def _rows(chance: random.Random) -> list[dict[str, object]]:
    return [_row(chance, number) for number in range(chance.randint(1, 8))]


def _page(chance: random.Random) -> str:
    paragraphs = "".join(f"<p>{part}</p>" for part in _text(chance).split("\n\n"))
    head = '<meta charset="utf-8"><title>Talks | Paper</title><meta property="og:site_name" content="Paper">'
    linked = '<script type="application/ld+json">{"datePublished": "2015-10-22T08:00:00Z"}</script>'
    menu = "<nav><ul><li><a href=/a>World</a></li></ul></nav>"
    return (
        f"<!doctype html><html><head>{head}{linked if chance.random() < 0.5 else ''}</head><body>{menu}"
        f"<article><h1>Talks</h1>{paragraphs}</article><footer>All rights</footer></body></html>"
    )


def make_txt(chance: random.Random) -> Made:
    return Made("a.txt", _text(chance).encode(chance.choice(("utf-8", "utf-8", "utf-16"))))


def make_html(chance: random.Random) -> Made:
    return Made("a.html", _page(chance).encode())


def make_jsonl(chance: random.Random) -> Made:
    rows = _rows(chance)
    form = chance.random()
    if form < 0.7:
        lines = "\n".join(json.dumps(row, ensure_ascii=chance.random() < 0.5) for row in rows)
        return Made("a.jsonl", lines.encode())
    value = rows if form < 0.85 else {"articles": rows}
    return Made("a.json", json.dumps(value, indent=chance.choice((None, 1))).encode())


def make_csv(chance: random.Random) -> Made:
    rows = _rows(chance)
    mark = chance.choice(",\t;|")
    out = io.StringIO()
    writer = csv.DictWriter(
        out, ["id", "date", "title", "text"], delimiter=mark, extrasaction="ignore"
    )
    writer.writeheader()
    writer.writerows(rows)
    return Made("a.tsv" if mark == "\t" else "a.csv", out.getvalue().encode())


def make_feed(chance: random.Random) -> Made:
    texts = [_text(chance) for _ in range(chance.randint(1, 6))]
    if chance.random() < 0.6:
        items = "".join(
            f"<item><title>Talks {i}</title><link>https://paper.example/{i}</link>"
            f"<pubDate>Thu, 22 Oct 2015 08:00:00 GMT</pubDate><description><![CDATA[<p>{text}</p>]]></description></item>"
            for i, text in enumerate(texts)
        )
        body = f"<rss version='2.0'><channel><title>Paper</title>{items}</channel></rss>"
    else:
        items = "".join(
            f"<entry><id>urn:{i}</id><title>Talks {i}</title><updated>2015-10-22T08:00:00Z</updated>"
            f"<content type='html'>&lt;p&gt;{text}&lt;/p&gt;</content></entry>"
            for i, text in enumerate(texts)
        )
        body = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Paper</title>{items}</feed>"
    return Made("a.xml", f"<?xml version='1.0' encoding='utf-8'?>\n{body}".encode())


def make_warc(chance: random.Random) -> Made:
    records = [_record("warcinfo", 0, "application/warc-fields", b"software: x\r\n")]
    wet = chance.random() < 0.2
    for number in range(chance.randint(1, 6)):
        if wet:
            records.append(_record("conversion", number, "text/plain", _text(chance).encode()))
            continue
        body = _page(chance).encode()
        fields = b"Content-Type: text/html; charset=utf-8\r\n"
        if chance.random() < 0.2:
            body, fields = gzip.compress(body), fields + b"Content-Encoding: gzip\r\n"
        if chance.random() < 0.1:
            body, fields = (
                b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body),
                fields + b"Transfer-Encoding: chunked\r\n",
            )
        answer = b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n" + body
        records.append(_record("request", number, "application/http", b"GET / HTTP/1.1\r\n\r\n"))
        records.append(_record("response", number, "application/http", answer))
    form = chance.random()
    if form < 0.4:
        return Made("a.warc", b"".join(records))
    if form < 0.85:
        return Made("a.warc.gz", b"".join(map(gzip.compress, records)))
    if form < 0.95:
        return Made("a.warc.gz", gzip.compress(b"".join(records)))
    return Made("a.warc.zst", pa.compress(b"".join(records), codec="zstd", asbytes=True))


def _record(kind: str, number: int, media: str, body: bytes) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://paper.example/{number}\r\n"
        f"WARC-Date: 2015-10-22T08:00:00Z\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def make_parquet(chance: random.Random) -> Made:
    rows = _rows(chance)
    names = ("id", "text", "title", "date")
    table = pa.table({n: [None if r.get(n) is None else str(r[n]) for r in rows] for n in names})
    out = io.BytesIO()
    packing = chance.choice(("snappy", "zstd", "none", "gzip"))
    pq.write_table(table, out, compression=packing, use_dictionary=chance.random() < 0.5)
    return Made("a.parquet", out.getvalue())


MAKERS: dict[str, Callable[[random.Random], Made]] = {
    "txt": make_txt,
    "html": make_html,
    "jsonl": make_jsonl,
    "csv": make_csv,
    "feed": make_feed,
    "warc": make_warc,
    "parquet": make_parquet,
}


# ------------------------------------------------------------------------- damage
def tokens() -> list[bytes]:
    found = []
    for line in (HERE.parent / "fuzz_tokens.txt").read_text("utf-8").split("\n"):
        if not line or line.startswith("#"):
            continue
        times, token = re.fullmatch(r"(?:\*(\d+)\t)?(.*)", line).groups()  # type: ignore[union-attr]
        text = codecs.decode(token.encode("latin-1", "backslashreplace"), "unicode_escape")
        short = max(map(ord, text), default=0) < 256 and any("\x80" <= c <= "\xff" for c in text)
        data = text.encode("latin-1") if short else text.encode("utf-8", "surrogatepass")
        found.append(data * int(times or 1))
    return found


TOKENS = tokens()


def _flip(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 3, 20))):
        if out:
            out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out)


def _span(data: bytes, chance: random.Random) -> tuple[int, int]:
    a, b = (chance.randint(0, len(data)) for _ in range(2))
    return min(a, b), max(a, b)


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randint(0, len(data))]


def _behead(data: bytes, chance: random.Random) -> bytes:
    return data[chance.randint(0, min(len(data), 200)) :]


def _take_out(data: bytes, chance: random.Random) -> bytes:
    a, b = _span(data, chance)
    return data[:a] + data[b:]


def _double(data: bytes, chance: random.Random) -> bytes:
    a, b = _span(data, chance)
    return data[:b] + data[a:b] * chance.choice((1, 1, 2, 30)) + data[b:]


def _exchange(data: bytes, chance: random.Random) -> bytes:
    a, b, c = sorted(chance.randint(0, len(data)) for _ in range(3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def _splice(data: bytes, chance: random.Random) -> bytes:
    other = MAKERS[chance.choice(KINDS)](chance).data
    a, b = _span(other, chance)
    place = chance.randint(0, len(data))
    return data[:place] + other[a:b] + (data[place:] if chance.random() < 0.7 else b"")


def _nasty(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 5))):
        place = chance.randint(0, len(data))
        end = place + chance.choice((0, 0, 1, 8))
        data = data[:place] + chance.choice(TOKENS) + data[end:]
    return data


def _numbers(data: bytes, chance: random.Random) -> bytes:
    """Falsify a number in the text; for packed forms, bytes that are lengths."""
    found = list(re.finditer(rb"\d+", data))
    if found and chance.random() < 0.8:
        one = chance.choice(found)
        new = chance.choice(
            (b"0", b"-1", b"1", b"99999999999999999999", b"%d" % (int(one[0][:9]) + 1), b"1e9", b"")
        )
        return data[: one.start()] + new + data[one.end() :]
    out = bytearray(data)
    if len(out) > 16:
        place = chance.choice((len(out) - 8, chance.randrange(len(out) - 4)))
        out[place : place + 4] = chance.choice((b"\xff" * 4, b"\0" * 4, chance.randbytes(4)))
    return bytes(out)


def _encode(data: bytes, chance: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    way = chance.choice(
        (
            "utf-16",
            "utf-16-be",
            "utf-32",
            "cp1252",
            "utf-7",
            "utf-8-sig",
            "cp037",
            "shift_jis",
            "half",
        )
    )
    if way == "half":  # one part in another encoding
        a, b = _span(data, chance)
        return data[:a] + data[a:b].decode("utf-8", "replace").encode("utf-16-le") + data[b:]
    return text.encode(way, "replace")


def _pack(data: bytes, chance: random.Random) -> bytes:
    return (
        gzip.compress(data)
        if chance.random() < 0.7
        else bytes(pa.compress(data, codec="zstd", asbytes=True))
    )


DAMAGES = (
    _flip, _flip, _cut, _cut, _behead, _take_out, _double, _exchange, _splice, _splice, _nasty, _nasty, _nasty,
    _numbers, _numbers, _encode, _pack,
)  # fmt: skip


def make(seed: int, number: int, kinds: tuple[str, ...] = KINDS) -> Made:
    """Input ``number`` of a seed."""
    chance = random.Random(f"{seed}:{number}")  # noqa: S311
    kind = kinds[number % len(kinds)]
    made = MAKERS[kind](chance)
    data = made.data
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 5))):
        data = chance.choice(DAMAGES)(data, chance)
    name = f"{number:06d}{made.name[1:]}"
    if chance.random() < 0.05:  # a name that says something else
        name = f"{number:06d}.{chance.choice(('txt', 'json', 'warc', 'csv', 'xml', 'html', 'bin', 'gz'))}"
    return Made(name, data[:2_000_000])


# -------------------------------------------------------------- the reader, in a child
def child() -> None:
    """Reads the files whose names come on standard input; one line of JSON about each."""
    import traceback

    from whowhom.model import Document
    from whowhom.read import read

    for line in sys.stdin:
        path = line.rstrip("\n")
        begun = time.monotonic()
        told: dict[str, object] = {"file": path}
        reasons: Counter[str] = Counter()
        documents, bad, failed, lost = 0, "", "", ""
        try:
            for item in read([path]):
                if item.source.file != path:
                    lost = f"an item says that it is of {item.source.file!r}"
                if isinstance(item, Document):
                    documents += 1
                    shown = (
                        item.id,
                        item.title,
                        item.outlet,
                        item.url,
                        item.text,
                        *item.source.notes,
                    )
                else:
                    reasons[item.reason] += 1
                    shown = (item.document_id, item.detail)
                    if item.detail.startswith("the reader failed"):
                        failed = item.detail
                for value in shown:
                    if value and (found := CONTROL_IN_DATA.search(value)):
                        bad = f"{found[0]!r} in {value[max(0, found.start() - 30) : found.end() + 30]!r}"
        except BaseException:
            failed = traceback.format_exc()
        told |= {
            "documents": documents,
            "reasons": dict(reasons),
            "seconds": time.monotonic() - begun,
            "bad": bad,
            "failed": failed,
            "lost": lost,
            "megabytes": most_memory(),
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


def most_memory() -> int:
    """Most megabytes that this process has held. (``ru_maxrss`` begins with the parent's.)"""
    try:
        status = Path("/proc/self/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) // 1024  # type: ignore[index]
    except (OSError, TypeError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


class Reader:
    """A child that reads; killed and made anew when it hangs."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.process: subprocess.Popen[bytes] | None = None

    def ask(self, path: Path) -> dict[str, object] | str:
        """What reading gave, or how the child ended ("hang", "crash ...")."""
        fresh = self.process is None or self.process.poll() is not None
        if fresh:
            self.process = subprocess.Popen(  # noqa: S603
                [sys.executable, str(HERE), "--child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(),
            )
        process = self.process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{path}\n".encode())
        process.stdin.flush()
        ready, _, _ = select.select(
            [process.stdout], [], [], self.limits.seconds + (20 if fresh else 0)
        )
        if not ready:
            self.close()
            return "hang"
        line = process.stdout.readline()
        if not line:
            code = process.wait()
            self.process = None
            return f"crash: the process ended with {code}"
        told: dict[str, object] = json.loads(line)
        if int(told["megabytes"]) > self.limits.megabytes:  # type: ignore[call-overload]
            self.close()  # the next one begins at the bottom
        return told

    def close(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


def environment() -> dict[str, str]:
    paths = os.pathsep.join(
        filter(None, (str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH")))
    )
    return os.environ | {"PYTHONPATH": paths, "WHOWHOM_CODER": CODER, "OMP_NUM_THREADS": "1"}


def read_one(reader: Reader, path: Path, result: Result) -> None:
    told = reader.ask(path)
    if isinstance(told, str):
        again = reader.ask(path)  # alone in a fresh child: was it this input?
        if isinstance(again, str) or told != "hang":
            alone = "" if isinstance(again, str) else " (not when read alone)"
            result.fail(told.partition(":")[0], path.name, told + alone)
            return
        told = again  # the machine was busy
    result.documents += int(told["documents"])  # type: ignore[call-overload]
    reasons: dict[str, int] = told["reasons"]  # type: ignore[assignment]
    result.reasons.update(reasons)
    seconds, size = float(told["seconds"]), int(told["megabytes"])  # type: ignore[arg-type, call-overload]
    result.slowest = max(result.slowest, (seconds, path.name))
    result.megabytes = max(result.megabytes, size)
    if told["failed"]:
        result.fail("crash", path.name, str(told["failed"])[-400:])
    if told["lost"] or not (told["documents"] or reasons):
        result.fail("unaccounted", path.name, str(told["lost"] or "no document and no reason"))
    if told["bad"]:
        result.fail("controls", path.name, str(told["bad"]))
    if seconds > reader.limits.seconds:
        result.fail("hang", path.name, f"{seconds:.1f} seconds")
    if size > reader.limits.megabytes:
        result.fail("memory", path.name, f"{size} MB")


# ------------------------------------------------------------------- the whole command
def command(*arguments: str, limit: float) -> tuple[int, bytes, str]:
    """Exit status, output and errors of a command; status 124 where it was killed."""
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "whowhom", *arguments],
            capture_output=True,
            timeout=limit,
            check=False,
            env=environment(),
        )
    except subprocess.TimeoutExpired:
        return 124, b"", ""
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "backslashreplace")


def whole(files: list[Path], limits: Limits, *, twice: bool = True) -> tuple[str, str] | None:
    """Code, export and account for some files, ``twice`` with --resume; the class and detail of
    what failed, else None."""
    with tempfile.TemporaryDirectory() as folder:
        inputs, store = Path(folder) / "in", str(Path(folder) / "store")
        inputs.mkdir()
        for file in files:
            shutil.copy(file, inputs / file.name)
        patience = 300 + limits.seconds * len(files)  # start-up counts, on a busy machine too
        tables: list[bytes] = []
        for _ in range(1 + twice):
            # --no-merge: merging looks at events, not at inputs
            steps = (
                ("code", str(inputs), "--store", store, "--resume", "--no-merge"),
                ("ledger", store),
                ("export", store, "--format", "jsonl"),
                ("export", store, "--format", "csv"),
            )
            outputs = []
            for step in steps:
                status, out, errors = command(*step, limit=patience)
                if problem := _judge(step[0], status, out, errors):
                    return problem
                outputs.append(out)
            tables += outputs[1:]
        if twice and tables[:3] != tables[3:]:
            return "unstable", "a second run with --resume changed ledger or events"
        rows = [json.loads(line) for line in tables[0].splitlines()]
        absent = {str(inputs / f.name) for f in files} - {row["file"] for row in rows}
        if absent:
            return "unaccounted", f"{sorted(absent)[0]} is not in the ledger"
        odd = [row for row in rows if row["status"] == "poisoned" or not row.get("status")]
        if odd:
            return "crash", f"poisoned: {odd[0]['file']}: {odd[0]['detail']}"
    return None


def _judge(step: str, status: int, out: bytes, errors: str) -> tuple[str, str] | None:
    if status == 124:
        return "hang", f"{step} did not end"
    if status not in (0, 1) or "Traceback" in errors or "an error in whowhom" in errors:
        return "crash", f"{step} ended with {status}: {errors[-300:]}"
    if found := CONTROL.search(errors):
        return "controls", f"{step}, standard error: {errors[max(0, found.start() - 40) :][:80]!r}"
    if found := CONTROL_IN_DATA.search(
        out.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    ):
        return "controls", f"{step}, output: {found[0]!r}"
    return None


def bisect(files: list[Path], limits: Limits) -> Iterator[tuple[str, Path, str]]:
    """The single inputs with which the whole command fails (or the batch, if none alone does)."""
    problem = whole(files, limits)
    if problem is None:
        return
    if len(files) == 1:
        yield problem[0], files[0], problem[1]
        return
    half = len(files) // 2
    found = [*bisect(files[:half], limits), *bisect(files[half:], limits)]
    yield from found or [(problem[0], files[0], f"only {len(files)} together: {problem[1]}")]


# ----------------------------------------------------------------------------- run
def run(
    inputs: int,
    seed: int,
    kinds: tuple[str, ...] = KINDS,
    share: float = 0.1,
    limits: Limits | None = None,
    keep: Path | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Result:
    """Make and read ``inputs`` inputs, ``share`` of the batches through the whole command too."""
    limits = limits or Limits()
    result = Result()
    reader = Reader(limits)
    batches = -(-inputs // BATCH)
    # spread evenly; a share above nothing is at least one batch
    every = max(1, round(1 / share)) if share else 0
    try:
        for batch in range(batches):
            with tempfile.TemporaryDirectory() as folder:
                files = []
                for number in range(batch * BATCH, min(inputs, (batch + 1) * BATCH)):
                    made = make(seed, number, kinds)
                    path = Path(folder) / made.name
                    path.write_bytes(made.data)
                    files.append(path)
                    result.inputs[kinds[number % len(kinds)]] += 1
                before = len(result.failures)
                for path in files:
                    read_one(reader, path, result)
                if every and batch % every == 0:
                    result.whole += len(files)
                    for kind, path, detail in bisect(files, limits):
                        result.fail(kind, path.name, detail)
                for kind, name, detail in result.failures[before:]:
                    say(f"{kind}: {name}: {detail}")
                    if keep is not None:
                        keep.mkdir(parents=True, exist_ok=True)
                        shutil.copy(Path(folder) / name, keep / f"{kind}-s{seed}-{name}")
            if (batch + 1) % 10 == 0:
                say(f"{min(inputs, (batch + 1) * BATCH)} inputs, {len(result.failures)} failures")
    finally:
        reader.close()
    return result


def report(result: Result, seconds: float) -> str:
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(result.inputs.items()))
    classes = Counter(kind for kind, _, _ in result.failures)
    lines = [
        f"{result.inputs.total()} inputs ({kinds}) in {seconds:.0f} s; {result.whole} of them also coded, exported, accounted for",
        f"{result.documents} documents; skipped: "
        + ", ".join(f"{reason} {count}" for reason, count in result.reasons.most_common()),
        f"slowest {result.slowest[0]:.2f} s ({result.slowest[1]}); most memory {result.megabytes} MB",
        "failures: " + ", ".join(f"{name} {classes[name]}" for name in CLASSES),
    ]
    return "\n".join(lines)


CLASSES = ("crash", "hang", "memory", "unaccounted", "controls", "unstable")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--inputs", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    options.add_argument("--whole", type=float, default=0.1, help="share through the whole command")
    options.add_argument("--seconds", type=float, default=10.0, help="for one input")
    options.add_argument("--megabytes", type=int, default=1500, help="for a child process")
    options.add_argument("--keep", type=Path, default=Path("fuzz-failures"), metavar="FOLDER")
    options.add_argument("--replay", type=Path, nargs="+", metavar="FILE", help="only these files")
    options.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    o = options.parse_args()
    if o.child:
        with contextlib.suppress(BrokenPipeError):
            child()
        return 0
    limits = Limits(o.seconds, o.megabytes)
    begun = time.monotonic()
    if o.replay:
        result, reader = Result(), Reader(limits)
        for path in o.replay:
            result.inputs[path.suffix] += 1
            read_one(reader, path.resolve(), result)
            if problem := whole([path], limits):
                result.fail(problem[0], path.name, problem[1])
        reader.close()
        for failure in result.failures:
            print(": ".join(failure))
    else:
        result = run(
            o.inputs,
            o.seed,
            tuple(o.kinds),
            o.whole,
            limits,
            o.keep,
            lambda line: print(line, flush=True),
        )
    print(report(result, time.monotonic() - begun))
    return 1 if result.failures else 0


if __name__ == "__main__":
    sys.exit(main())
