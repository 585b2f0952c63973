"""The scripts that the how-tos show."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pypdf")
ROOT = Path(__file__).resolve().parents[2]


def pdf(path: Path, pages: list[list[str]]) -> None:
    """A PDF with these lines on its pages, written by hand."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for n, lines in enumerate(pages):
        drawn = "".join(f"({line}) Tj T* " for line in lines)
        stream = f"BT /F1 12 Tf 14 TL 72 720 Td {drawn}ET".encode() if lines else b""
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * n} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    data, places = b"%PDF-1.4\n", []
    for n, one in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (n, one)
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    data += (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}"
        f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(data)}\n%%EOF\n"
    ).encode()
    path.write_bytes(data)


def test_pdfs_become_lines(tmp_path: Path) -> None:
    folder = tmp_path / "pdfs"
    folder.mkdir()
    pdf(
        folder / "2014-06-18-garissa.pdf",
        [
            ["The Paper", "Police arrested twelve demon-", "strators in Garissa.", "Page 1"],
            ["The Paper", "The minister denied it", "on Monday.", "Page 2"],
            ["The Paper", "Nobody was hurt.", "Page 3"],
        ],
    )
    pdf(folder / "scan.pdf", [[]])
    (folder / "torn.pdf").write_bytes(b"%PDF-1.4\nnothing")
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "pdfs.py"), "pdfs", "articles.jsonl"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    (line,) = map(json.loads, (tmp_path / "articles.jsonl").read_text().splitlines())
    assert line["text"].split("\n") == [
        "Police arrested twelve demonstrators in Garissa.",
        "The minister denied it on Monday.",
        "Nobody was hurt.",
    ]
    assert (line["id"], line["published"]) == ("2014-06-18-garissa.pdf", "2014-06-18")
    assert done.returncode == 1
    assert "scan.pdf: no text" in done.stderr
    assert "torn.pdf" in done.stderr
    assert "left out of its pages: Page #" in done.stderr
