"""``whowhom explain``: one sentence, its events and what was rejected, drawn."""

from __future__ import annotations

import dataclasses
import datetime as dt

import click

from whowhom.cli.code import Day, coder_spec
from whowhom.cli.terminal import console
from whowhom.engine.machine import loading


@click.command()
@click.argument("sentence")
@click.option(
    "--date", type=Day(), metavar="YYYY-MM-DD", help="Day of publication; 'yesterday' needs it."
)
@click.option("--outlet", metavar="NAME", help="Who published it.")
def explain(sentence: str, date: dt.date | None, outlet: str | None) -> int:
    """Draw the events of SENTENCE over its words: which rule found what, and what was
    rejected and why."""
    from whowhom.read import read_text
    from whowhom.show.explain import draw

    document = read_text(sentence, published=date, outlet=outlet)
    spec = coder_spec()
    # who asks about a sentence wants to see what was looked at in it, whatever a first look says
    spec = dataclasses.replace(spec, settings=dataclasses.replace(spec.settings, read_all=True))
    with loading():
        coder = spec.make()
    draw(coder.code(document), console())
    return 0
