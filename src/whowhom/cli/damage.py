"""Segments that cannot be read, as lines on standard error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from whowhom.cli.terminal import LISTED, plural, say

if TYPE_CHECKING:
    from whowhom.store.folder import Trouble


def list_damage(troubles: Sequence[Trouble]) -> int:
    """Name the damaged segments, and what was in them; gives the exit status."""
    for trouble in troubles:
        say(f"segment {trouble.segment} is damaged and was left out: {trouble.detail}")
        if trouble.documents is None:
            say("  which documents were in it cannot be told")
        else:
            named = ", ".join(trouble.documents[:LISTED])
            more = len(trouble.documents) - LISTED
            say(
                f"  {plural(len(trouble.documents), 'document')} to be coded again: {named}"
                + (f" and {more:,} more" if more > 0 else "")
            )
    if troubles:
        say("Run whowhom code again with --resume: what was in it is coded anew.")
    return 1 if troubles else 0
