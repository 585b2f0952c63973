"""Text of a folder of PDFs, as JSON Lines for ``whowhom code``.

    pip install pypdf
    python examples/pdfs.py FOLDER OUT.jsonl

Exit status 1 where a PDF gave no text; each is named. See docs/howto-pdf.md.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections import Counter
from pathlib import Path

import pypdf

ENDS = 2  # lines at the top and at the foot of a page that may be the paper's and not the text's


def furniture(pages: list[list[str]]) -> set[str]:
    """Lines that stand at the top or foot of most pages, numbers aside."""
    if len(pages) < 3:
        return set()
    ends = Counter(plain(line) for page in pages for line in {*page[:ENDS], *page[-ENDS:]})
    return {line for line, times in ends.items() if times > len(pages) / 2}


def plain(line: str) -> str:
    return re.sub(r"\d+", "#", line)


def text_of(path: Path) -> tuple[str, str | None, set[str]]:
    """Text and title of a PDF, and the lines that were left out of every page."""
    reader = pypdf.PdfReader(path)
    pages = [
        [s for line in p.extract_text().splitlines() if (s := line.strip())] for p in reader.pages
    ]
    left_out = furniture(pages)
    lines = [
        line
        for page in pages
        for n, line in enumerate(page)
        if not (plain(line) in left_out and (n < ENDS or n >= len(page) - ENDS))
    ]
    text = re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", "\n".join(lines))
    # a line that ends a sentence ends a paragraph; any other goes on in the next
    text = re.sub(r"(?<![.!?:\"'”’])\n", " ", text)
    title = reader.metadata.title if reader.metadata else None
    return text.strip(), title, left_out


def main(folder: str, out: str) -> int:
    bad = 0
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    with Path(out).open("w", encoding="utf-8") as target:
        for path in sorted(Path(folder).rglob("*.pdf")):
            try:
                text, title, left_out = text_of(path)
            except (pypdf.errors.PyPdfError, OSError, ValueError) as error:
                text, title, left_out = "", None, set()
                print(f"{path}: cannot be read: {error}", file=sys.stderr)
            for line in sorted(left_out):
                print(f"{path}: left out of its pages: {line}", file=sys.stderr)
            if not text:
                bad += 1
                print(f"{path}: no text. A scan? Make text of it first (OCR).", file=sys.stderr)
                continue
            day = re.search(r"(?<!\d)(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d)", path.name)
            line = {"id": path.name, "title": title, "text": text, "published": day and day[0]}
            target.write(json.dumps(line, ensure_ascii=False) + "\n")
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
