"""The tools of ``whowhom mcp``: a store's answers over the Model Context Protocol, on stdio.

Every tool reads. An error that the asker can mend comes back as the tool's error, with what to do.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from whowhom.assistant.answers import Answer, Desk, words
from whowhom.errors import WhowhomError
from whowhom.web.shelf import Busy, TooSlow

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a tool can be asked for; the descriptions are what the assistant reads.
Names = list[str] | None
Types = Annotated[
    Names, Field(description="Event types, such as ASSAULT; the tool codebook lists them.")
]
Quads = Annotated[
    Names,
    Field(
        description="verbal cooperation, material cooperation, verbal conflict, material conflict."
    ),
]
Statuses = Annotated[
    Names,
    Field(
        description="actual, historical, future, hypothetical, negated, or all. Left out: actual."
    ),
]
Actors = Annotated[Names, Field(description="Who acts: keys such as USA, KEN REB, KEN *.")]
Recipients = Annotated[Names, Field(description="Who is acted upon: keys.")]
Parties = Annotated[Names, Field(description="On either side: keys.")]
Speakers = Annotated[Names, Field(description="Anybody in the chain of who says so: keys.")]
Places = Annotated[Names, Field(description="Countries of the place: three-letter codes.")]
Outlets = Annotated[Names, Field(description="Who published it, as ledger_summary spells them.")]
Day = Annotated[str | None, Field(description="A day, year-month-day; included.")]
Words = Annotated[
    str | None, Field(description='All of them are in the sentence; "double quotes" make a phrase.')
]
Confidence = Annotated[float | None, Field(description="Least confidence, 0 to 1.", ge=0, le=1)]
Copies = Annotated[bool, Field(description="False leaves out texts that copy an earlier one.")]
Limit = Annotated[
    int | None, Field(description="Rows of the answer; left out: 10, at most 50.", ge=1)
]
Offset = Annotated[
    int, Field(description="Rows to pass over: next_offset of the answer before.", ge=0)
]
Unit = Literal["incidents", "independent", "reports"]

F = TypeVar("F", bound=Callable[..., Answer])
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)


def server(desk: Desk) -> MCPServer[Any]:
    """A server whose tools ask ``desk``."""
    from whowhom.pipeline import package_version

    made: MCPServer[Any] = MCPServer(
        "whowhom",
        title="whowhom: political events from news text",
        instructions=words()["instructions"].strip(),
        version=package_version(),
        log_level="WARNING",  # standard error is where a host keeps its log
    )
    for name, title, function in _tools(desk):
        made.add_tool(
            _told(function),
            name=name,
            title=title,
            description=" ".join((function.__doc__ or "").split()),
            annotations=READS,
            structured_output=False,  # it would send every answer twice
        )
    return made


def _told(function: Callable[..., Answer]) -> Callable[..., str]:
    """The answer as JSON; an error that the asker can mend as one that the protocol has."""

    @functools.wraps(function)
    def tell(**asked: Any) -> str:
        try:
            answer = function(**asked)
        except WhowhomError as error:
            raise ToolError(str(error)) from error
        except (TooSlow, Busy) as error:
            raise ToolError(
                "This takes too long. Narrow it: fewer days (since, until), a type, a party."
            ) from error
        return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))

    tell.__annotations__ = {**function.__annotations__, "return": "str"}
    return tell


def _tools(desk: Desk) -> Iterator[tuple[str, str, Callable[..., Answer]]]:
    def search_events(
        words: Words = None,
        type: Types = None,
        quad: Quads = None,
        status: Statuses = None,
        actor: Actors = None,
        recipient: Recipients = None,
        party: Parties = None,
        between: Annotated[Names, Field(description="Two parties, either way.")] = None,
        speaker: Speakers = None,
        place: Places = None,
        outlet: Outlets = None,
        since: Day = None,
        until: Day = None,
        confidence: Confidence = None,
        copies: Copies = True,
        incident_id: Annotated[str | None, Field(description="Reports of one incident.")] = None,
        sort: Literal["newest", "oldest", "surest", "doubtful"] = "newest",
        limit: Limit = None,
        offset: Offset = 0,
    ) -> Answer:
        """Find events as texts report them. Each comes with its sentence, its status (did it
        happen, or was it planned, threatened, denied), who says so, the outlet and the day. All
        that is asked for must hold; several values of one field are joined by "or"."""
        return desk.search_events(
            {
                "words": words,
                "type": type,
                "quad": quad,
                "status": status,
                "actor": actor,
                "recipient": recipient,
                "party": party,
                "speaker": speaker,
                "place": place,
                "outlet": outlet,
                "since": since,
                "until": until,
                "confidence": confidence,
                "copies": _flag(copies),
            },
            between_parties=between,
            incident=incident_id,
            sort=sort,
            limit=limit,
            offset=offset,
        )

    yield "search_events", "Search events", search_events

    def explain_event(event_id: str) -> Answer:
        """Explain one event: the sentence with offsets, the whole chain of who says so, how the
        parties, the day and the place are known, the rule or model that decided, what the
        codebook says of it, and other reports of the same incident."""
        return desk.explain_event(event_id)

    yield "explain_event", "Explain an event", explain_event

    def series_of_pair(
        a: Annotated[str, Field(description="A key such as USA, KEN REB, KEN *.")],
        b: Annotated[str, Field(description="The other's key.")],
        by: Literal["day", "week", "month", "year"] = "week",
        unit: Unit = "incidents",
        directed: Annotated[bool, Field(description="Only what a does to b, and talks.")] = False,
        type: Types = None,
        status: Statuses = None,
        outlet: Outlets = None,
        since: Day = None,
        until: Day = None,
    ) -> Answer:
        """The course of what passes between two parties: how much in each period, how hostile or
        friendly, and sentences of the busiest period as evidence. Periods without any are left
        out of the list and counted."""
        asked = {
            "type": type, "status": status, "outlet": outlet, "since": since, "until": until
        }  # fmt: skip
        return desk.series_of_pair(a, b, asked, by=by, unit=unit, directed=directed)

    yield "series_of_pair", "Series of a pair", series_of_pair

    def incidents(
        words: Words = None,
        type: Types = None,
        quad: Quads = None,
        status: Statuses = None,
        actor: Actors = None,
        recipient: Recipients = None,
        party: Parties = None,
        place: Places = None,
        outlet: Outlets = None,
        since: Day = None,
        until: Day = None,
        disputed_only: Annotated[
            bool, Field(description="Only those whose figures differ or that somebody denies.")
        ] = False,
        sort: Literal["newest", "oldest", "most_told"] = "newest",
        limit: Limit = None,
        offset: Offset = 0,
    ) -> Answer:
        """Find incidents: reports of one act taken together, with how many outlets tell it, how
        each has it, and every figure with who claims it. An incident matches where one of its
        reports does."""
        return desk.incidents(
            {
                "words": words,
                "type": type,
                "quad": quad,
                "status": status,
                "actor": actor,
                "recipient": recipient,
                "party": party,
                "place": place,
                "outlet": outlet,
                "since": since,
                "until": until,
            },
            disputed_only=disputed_only,
            sort=sort,
            limit=limit,
            offset=offset,
        )

    yield "incidents", "Incidents", incidents

    def parties(
        name: Annotated[str | None, Field(description="A name or part of one, or a code.")] = None,
        limit: Limit = None,
    ) -> Answer:
        """Find the keys of parties by name, the busiest first."""
        return desk.parties(name, limit=limit)

    yield "parties", "Parties", parties

    def ledger_summary() -> Answer:
        """What was read into the store, what became of every document, what share was resolved,
        which outlets and days it covers, and which coder made it. Ask this first."""
        return desk.ledger_summary()

    yield "ledger_summary", "What was read", ledger_summary

    def codebook(
        type: Annotated[str | None, Field(description="One type; left out: all.")] = None,
        mode: Annotated[str | None, Field(description="One mode of that type.")] = None,
    ) -> Answer:
        """What a type or mode of the codebook means, with its score and examples (which the
        codebook's authors wrote); without a type: all types, statuses and voices."""
        return desk.codebook_lookup(type, mode)

    yield "codebook", "Codebook", codebook


def _flag(copies: bool) -> str | None:
    return None if copies else "no"
