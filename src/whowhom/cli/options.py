"""Options that several commands have: one name, one meaning, one line of help."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


class FilePath(click.Path):
    """A path as the commands take it: an empty one is refused, which is a variable without a
    value in somebody's script; click takes it for the folder where the command runs."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("the path is empty", param, ctx)
        return super().convert(value, param, ctx)


class InputName(click.ParamType[str]):
    """A file, folder, pattern or address to read; an empty one is refused, see FilePath."""

    name = "input"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value == "":
            self.fail("the name is empty", param, ctx)
        return str(value)


own_codebook = click.option(
    "--codebook",
    type=FilePath(path_type=Path, exists=True),
    metavar="FOLDER",
    help="A codebook of your own instead of PLOVER.",
)
own_actors = click.option(
    "--actors",
    type=FilePath(path_type=Path, exists=True),
    metavar="PATH",
    help="Actor tables of your own, on top of those of the package.",
)
min_confidence = click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    metavar="X",
    help="Leave out events that the coder is less sure of than this, from 0 to 1.",
)
outlet_of_documents = click.option(
    "--outlet", metavar="NAME", help="Who published documents that do not say."
)
output_or_stdout = click.option(
    "-o",
    "--output",
    type=FilePath(path_type=Path, allow_dash=True),
    default=Path("-"),
    metavar="FILE",
    help="The file to write; - or nothing is standard output.",
)
force = click.option("--force", is_flag=True, help="Replace a file that exists.")
force_all = click.option("--force", is_flag=True, help="Replace files that exist.")
raw_cells = click.option(
    "--raw-cells", is_flag=True, help="CSV, TSV: leave cells that look like formulas."
)
quiet = click.option("-q", "--quiet", is_flag=True, help="No progress and no summary.")
no_progress = click.option("-q", "--quiet", is_flag=True, help="No progress.")
resamples = click.option(
    "--resamples", type=click.IntRange(0, 100_000), metavar="N", help="Draws; 0: no intervals."
)
seed_of_draws = click.option(
    "--seed", type=click.IntRange(0), metavar="N", help="Seed of the draws."
)
figures_as_json = click.option(
    "--json",
    "json_",
    type=FilePath(path_type=Path),
    metavar="FILE",
    help="Write every figure.",
)
