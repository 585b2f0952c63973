"""``whowhom mcp``: a store for assistants, read-only."""

from __future__ import annotations

from pathlib import Path

import click

from whowhom.cli import options
from whowhom.cli.terminal import need, say


@click.command()
@click.argument("store", type=options.FilePath(path_type=Path, file_okay=False))
@click.option(
    "--codebook",
    type=options.FilePath(path_type=Path, exists=True),
    metavar="FOLDER",
    help="The codebook that the store was coded with, where it is not the shipped one.",
)
def mcp(store: Path, codebook: Path | None) -> int:
    """Serve STORE to an assistant over the Model Context Protocol, on standard input and output.

    The assistant can search events, explain one, follow a pair, list incidents, and look into
    the ledger and the codebook; it gets sentences as evidence and can change nothing. A program
    starts this command (docs/mcp.md has its settings); it ends when its input does.
    """
    need("mcp", "serving assistants", "mcp")
    import whowhom
    from whowhom.analyse.names import use_era_of
    from whowhom.assistant.answers import Desk
    from whowhom.assistant.server import server
    from whowhom.codebook import load
    from whowhom.merge import ensure

    book = load(codebook)
    with whowhom.open(store) as opened:
        merged = ensure(opened, tell=say, read_only=True)
        use_era_of(merged)
        desk = Desk(merged, book)
        try:
            server(desk).run("stdio")
        finally:
            desk.close()
    return 0
