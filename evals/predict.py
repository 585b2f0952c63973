#!/usr/bin/env python3
"""Run the tool on a set in the shared formats: ``predict.py TASK INPUT OUTPUT``.

TASK is relations, records, attribution, actors, geo or temporal. INPUT and OUTPUT are
JSON Lines; only input fields are read (text, given spans, dates, ids), never labels.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

TASKS = ("relations", "records", "attribution", "actors", "geo", "temporal")


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield json.loads(line)
                except json.JSONDecodeError as error:
                    raise SystemExit(f"{path}: line {number}: not JSON: {error}") from error


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("input", type=Path)
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    predict = importlib.import_module(f"tasks.{options.task}").predict
    begun, count = time.monotonic(), 0
    with options.output.open("w", encoding="utf-8") as out:
        for prediction in predict(records(options.input)):
            out.write(json.dumps(prediction, ensure_ascii=False) + "\n")
            count += 1
            if count % 50 == 0:
                print(f"{count} records, {time.monotonic() - begun:.0f} s", file=sys.stderr)
    print(f"{count} records in {time.monotonic() - begun:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
