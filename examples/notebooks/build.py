"""Make the notebooks from their sources, run them, and keep what they show.

    python examples/notebooks/build.py           write the three .ipynb
    python examples/notebooks/build.py crisis    write one
    python examples/notebooks/build.py --check   run them, and say where the stored ones differ

The sources are the .py files beside this one: plain Python with "# %%" between the cells, as
jupytext and editors have it. Needs the extra ``dev``.
"""

from __future__ import annotations

import difflib
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

FOLDER = Path(__file__).resolve().parent
NAMES = ("quick_start", "crisis", "own_codebook")
SECONDS = 300
"""For one cell: the machine of a test may be busy."""


def source(name: str) -> NotebookNode:
    """The notebook of a source, without outputs; the same source gives the same bytes."""
    notebook = jupytext.read(FOLDER / f"{name}.py", fmt="py:percent")
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"{name.replace('_', '-')}-{number}"
        cell.metadata = {}
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def executed(names: Sequence[str]) -> list[NotebookNode]:
    """Notebooks with their outputs, run one after the other in a kernel and a folder that are
    gone afterwards: loading the coder is what takes the time."""
    notebooks = [source(name) for name in names]
    kept = dict(notebooks[0].metadata)
    cells = [cell for notebook in notebooks for cell in notebook.cells]
    joined = nbformat.v4.new_notebook(cells=cells, metadata=dict(kept))
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(
            joined, timeout=SECONDS, record_timing=False,
            resources={"metadata": {"path": folder}},
        ).execute()  # fmt: skip
    for notebook in notebooks:
        count = 0
        for cell in notebook.cells:
            cell.metadata = {}
            if cell.cell_type == "code":  # counted from the first cell of its own notebook
                count += 1
                cell.execution_count = count
                for output in cell.outputs:
                    if "execution_count" in output:
                        output.execution_count = count
        notebook.metadata = dict(kept)  # a kernel adds the version of Python
    return notebooks


def stored(name: str) -> NotebookNode:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def shown(notebook: NotebookNode) -> list[str]:
    """The sources and what they show as text; pictures by their kind, since their bytes
    are those of the library's version and fonts."""
    lines: list[str] = []
    for cell in notebook.cells:
        lines += ["", f"[{cell.cell_type}]", *cell.source.splitlines()]
        # a kernel sends a stream in as many pieces as it likes
        words = {"stdout": "", "stderr": ""}
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                words[output.name] += output.text
        for name, text in words.items():
            lines += [f"[{name}]", *text.splitlines()] if text else []
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                continue
            if output.output_type in ("display_data", "execute_result"):
                kinds = sorted(output.data)
                lines.append(f"[shows {', '.join(kinds)}]")
                if "image/png" not in kinds:
                    lines += output.data.get("text/plain", "").splitlines()
            else:
                lines.append(f"[{output.output_type}]")
    return lines


def differences(old: NotebookNode, new: NotebookNode) -> list[str]:
    """Lines in which two notebooks differ, none where they show the same."""
    return list(difflib.unified_diff(shown(old), shown(new), "stored", "now", lineterm="", n=1))


def main(arguments: list[str]) -> int:
    names = [name for name in NAMES if name in arguments] or list(NAMES)
    wrong = 0
    for name, notebook in zip(names, executed(names), strict=True):
        if "--check" in arguments:
            found = differences(stored(name), notebook)
            print("\n".join([f"{name}: {'differs' if found else 'as stored'}", *found]))
            wrong += bool(found)
        else:
            nbformat.write(notebook, FOLDER / f"{name}.ipynb")
            print(f"{name}.ipynb written")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
