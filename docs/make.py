"""Build the documentation site: ``python docs/make.py`` writes build/site.

The pages are the Markdown files that can be read in the repository, plus a few of its other
texts and pages made from data (the codebook, the help of every command). Links out of docs/,
which lead somewhere in the repository, become pages of the site or plain words. The site loads
nothing from other hosts and can be read from a folder, without a server.

Needs ``pip install '.[docs]'``.
"""

from __future__ import annotations

import argparse
import functools
import posixpath
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"

# texts of the repository that are pages of the site, too
OUTSIDE = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "NOTICE": "notice.md",
    "training/MODEL_CARD.md": "model-card.md",
    "src/whowhom/data/actors/SOURCES.md": "actor-sources.md",
}
_LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
_STARTS_BLOCK = re.compile(r"(?:[-*] |\d+\. |\||```)")


class BrokenError(Exception):
    """Something that a reader would stumble over, with its place."""


def write_pages(pages: Path) -> list[str]:
    """Write the Markdown of all pages; the names of the files.

    Raises:
        BrokenError: a link leads nowhere, or a page is not in the navigation.
    """
    shutil.rmtree(pages, ignore_errors=True)
    pages.mkdir(parents=True)
    names = {f"docs/{path.name}": path.name for path in sorted((ROOT / "docs").glob("*.md"))}
    names |= OUTSIDE
    made = generated()
    for source, name in names.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        if name == "notice.md":
            text = f"# Notice\n{text}"
        (pages / name).write_text(tidy(relink(text, source, names)), encoding="utf-8")
    for name, text in made.items():
        (pages / name).write_text(tidy(text), encoding="utf-8")
    for path in (ROOT / "docs").rglob("*"):
        if path.suffix in {".css", ".js", ".svg", ".png", ".json"}:
            target = pages / path.relative_to(ROOT / "docs")
            target.parent.mkdir(exist_ok=True)
            shutil.copy(path, target)
    there = {*names.values(), *made}
    listed = set(navigation())
    if missing := sorted(there - listed):
        raise BrokenError(f"zensical.toml: nav has not {', '.join(missing)}. Add them.")
    if gone := sorted(listed - there):
        raise BrokenError(f"zensical.toml: nav has {', '.join(gone)}, which are no pages.")
    return sorted(there)


def navigation() -> Iterator[str]:
    """The files that the navigation names."""

    def walk(entry: object) -> Iterator[str]:
        if isinstance(entry, str):
            yield entry
        elif isinstance(entry, dict):
            for below in entry.values():
                yield from walk(below)
        elif isinstance(entry, list):
            for below in entry:
                yield from walk(below)

    settings = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))
    yield from walk(settings["project"]["nav"])


@functools.cache
def generated() -> dict[str, str]:
    """The pages that are made from data: name and text."""
    return {"commands-help.md": commands_help(), **codebook()}


def codebook() -> dict[str, str]:
    """Every type, mode and frame of the shipped codebook: a first page, and one for each type."""
    from whowhom.codebook.page import markdown

    first, *types = re.split(r"^(?=## )", markdown(), flags=re.MULTILINE)
    first = re.sub(r"\]\(#([a-z]+)\)", r"](codebook-\1.md)", first)
    pages = {"codebook.md": first}
    for text in types:
        name = text.removeprefix("## ").split("\n", 1)[0].strip()
        pages[f"codebook-{name.lower()}.md"] = re.sub(r"^##", "#", text, flags=re.MULTILINE)
    return pages


def commands_help() -> str:
    """What ``--help`` prints, for every command."""
    import click

    from whowhom.cli import cli

    def walk(
        command: click.Command, name: str, parent: click.Context | None
    ) -> Iterator[tuple[str, str]]:
        context = command.make_context(
            name, [], parent=parent, resilient_parsing=True, max_content_width=88
        )
        yield context.command_path, command.get_help(context)
        if isinstance(command, click.Group):
            for below in command.list_commands(context):
                found = command.get_command(context, below)
                assert found is not None
                yield from walk(found, below, context)

    parts = ["# Help of every command\n\nWhat `--help` prints. The [commands](commands.md) are"]
    parts.append("explained at greater length on a page of their own.\n")
    for path, text in walk(cli, "whowhom", None):
        parts.append(f"## {path}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def relink(text: str, source: str, names: dict[str, str]) -> str:
    """The text with links that lead where the site has something; code is left as it is."""
    here = posixpath.dirname(source)

    def replace(match: re.Match[str]) -> str:
        words, target = match[1], match[2]
        parts = urlsplit(target)
        if parts.scheme or not parts.path:
            return match[0]
        path = posixpath.normpath(posixpath.join(here, unquote(parts.path)))
        if path in names:
            anchor = f"#{parts.fragment}" if parts.fragment else ""
            return f"[{words}]({names[path]}{anchor})"
        if here == "docs" and path.removeprefix("docs/") in generated():
            return match[0]
        if not (ROOT / path).exists():
            raise BrokenError(f"{source}: the link to {target} leads nowhere.")
        if path.startswith("docs/") and (ROOT / path).suffix in {".json", ".svg", ".png"}:
            return f"[{words}]({path.removeprefix('docs/')})"
        bare = words.strip("`")
        return f"`{path}`" if path.endswith(bare) else f"{words} (`{path}`)"

    # a link may go over the end of a line, so words are taken by stretches, code line by line
    done: list[str] = []
    words: list[str] = []
    fenced = False
    for line in [*text.split("\n"), "```"]:
        fence = line.lstrip().startswith("```")
        if fence or fenced or line.startswith("    "):
            if words:
                done.append(_LINK.sub(replace, "\n".join(words)))
                words = []
            done.append(line)
        else:
            words.append(line)
        fenced ^= fence
    return "\n".join(done[:-1])


def tidy(text: str) -> str:
    """Markdown as forges read it, for a reader that wants a blank line before lists and tables,
    and four blanks before what belongs to an item."""
    lines: list[str] = []
    fenced = False
    for line in _items(text):
        before = lines[-1] if lines else ""
        fence = line.startswith("```")
        if not fenced and before.strip() and not before.startswith("#"):
            starts = _STARTS_BLOCK.match(line)
            same = starts and starts[0][0] == before[0] == "|"
            listed = starts and line[0] != "|" and not fence and _in_list(lines)
            if starts and not same and not listed:
                lines.append("")
        if fence:
            fenced = not fenced
        # in a table a forge wants \| also between backticks; here it would be shown
        lines.append(
            re.sub(r"`[^`]*`", lambda m: m[0].replace("\\|", "&#124;"), line)
            if "`" in line and line.startswith("|") and "\\|" not in re.sub(r"`[^`]*`", "", line)
            else line
        )
    return _code_cells("\n".join(lines))


def _items(text: str) -> Iterator[str]:
    """The lines; those that belong to an item are set in by four blanks for each level."""
    width, fenced = 0, False
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        if line.lstrip().startswith("```"):
            fenced = not fenced
        if marker := None if fenced else re.match(r"(?:[-*]|\d+\.) +", line):
            width = len(marker[0])
            yield line
        elif not line.strip():
            yield line
        elif width and indent >= width:
            yield " " * (indent - width + 4) + line.lstrip(" ")
        else:
            width = 0
            yield line


def _in_list(lines: list[str]) -> bool:
    """Whether the last lines belong to a list: its item, or the lines that go on with it."""
    for line in reversed(lines):
        if not line.strip():
            return False
        if re.match(r"\s*(?:[-*] |\d+\. )", line):
            return True
        if not line.startswith(" "):
            return False
    return False


def _code_cells(text: str) -> str:
    """Code that holds an escaped bar, as HTML: Markdown has no way to write it in a table."""

    def code(match: re.Match[str]) -> str:
        inside = match[1].replace("<", "&lt;").replace(">", "&gt;")
        return f"<code>{inside}</code>" if "&#124;" in inside else match[0]

    return re.sub(r"`([^`\n]*&#124;[^`\n]*)`", code, text)


def settle(site: Path) -> None:
    """Make the site whole in itself: the theme's one script from another host becomes our own."""
    (site / "404.html").unlink(missing_ok=True)  # its links begin at the root of a server
    for path in site.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        text = text.replace("https://unpkg.com/iframe-worker/shim", "offline.js")
        path.write_text(text, encoding="utf-8")


def check(site: Path) -> int:
    """Look at every page of the site; how many links were followed.

    Raises:
        BrokenError: a link, an anchor, a picture or a script that is not there, or one that a
            browser would fetch from another host.
    """
    from lxml import html

    pages = {path: html.parse(str(path)) for path in sorted(site.rglob("*.html"))}
    anchors = {
        path: {e.get("id") for e in tree.iter() if e.get("id")}
        | {e.get("name") for e in tree.iter("a") if e.get("name")}
        for path, tree in pages.items()
    }
    wrong, followed = [], 0
    for path, tree in pages.items():
        where = path.relative_to(site)
        for element in tree.iter("a", "link", "script", "img", "iframe", "source"):
            target = element.get("href") or element.get("src")
            if not target:
                continue
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                fetched = element.tag != "a" and element.get("rel") not in {"canonical"}
                if fetched and parts.scheme != "data":
                    wrong.append(f"{where}: loads {target} from another host")
                continue
            followed += 1
            goal = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if goal.is_dir():
                goal /= "index.html"
            if not goal.is_file():
                wrong.append(f"{where}: {target} is not there")
            elif (
                parts.fragment not in anchors.get(goal, {parts.fragment})
                and parts.fragment
                and not parts.fragment.startswith("__")
            ):
                wrong.append(f"{where}: {target}: no such heading")
    for path in site.rglob("*.css"):
        style = path.read_text(encoding="utf-8", errors="replace")
        for target in re.findall(r"url\(['\"]?((?:https?:)?//[^)'\"]+)", style):
            wrong.append(f"{path.relative_to(site)}: loads {target} from another host")
    if wrong:
        raise BrokenError("\n".join(wrong))
    return followed


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the documentation site in build/site.")
    parser.add_argument("--out", type=Path, default=BUILD, help="folder for pages and site")
    out = parser.parse_args().out.resolve()
    site = out / "site"
    try:
        names = write_pages(out / "docs")
        settings = (ROOT / "zensical.toml").read_text(encoding="utf-8")
        (out / "zensical.toml").write_text(settings, encoding="utf-8")
        shutil.rmtree(site, ignore_errors=True)
        done = subprocess.run(
            [sys.executable, "-m", "zensical", "build", "--clean", "--strict"],
            cwd=out, capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr)
        if done.returncode or re.search(r"warning|error", said, re.IGNORECASE):
            raise BrokenError(said.strip() or "zensical failed and said nothing")
        settle(site)
        followed = check(site)
        print(f"{len(names)} pages, {followed} links: {site}")
    except BrokenError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
