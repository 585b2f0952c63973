"""The command line: ``whowhom COMMAND``. A thin skin; nothing heavy is loaded for ``--help``."""

from whowhom.cli.app import cli, main

__all__ = ["cli", "main"]
