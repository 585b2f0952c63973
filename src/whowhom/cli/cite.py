"""``whowhom cite``: a methods paragraph and a citation for a store."""

from __future__ import annotations

from pathlib import Path

import click

from whowhom.cli import options


@click.command()
@click.argument("store", type=options.FilePath(path_type=Path), metavar="STORE")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "md", "bibtex", "cff", "apa"]),
    default="text",
    show_default=True,
    help="text and md: methods, limits and references; the others: references alone.",
)
def cite(store: Path, form: str) -> int:
    """Write the methods paragraph and the citation of STORE, from its manifests and its audit.

    It says what was read and what was not, by which coder with which settings, what came of it,
    and how right it is: by the audit of this store, if there is one, and by the figures that the
    package states.
    """
    from whowhom.cite import gather, write
    from whowhom.cli.damage import list_damage
    from whowhom.store import open_store

    with open_store(store) as opened:
        click.echo(write(gather(opened), form), nl=False)
        return list_damage(opened.troubles)
