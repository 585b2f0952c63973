"""``whowhom mcp`` over standard input and output, asked by the library's own client."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from whowhom.assistant.answers import Desk
from whowhom.assistant.server import _tools
from whowhom.cli import main
from whowhom.settings import ASSISTANT


def files(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_client_asks_over_stdio(folder: Path) -> None:
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-m", "whowhom", "mcp", str(folder)],
        env=dict(os.environ),
    )

    async def ask() -> None:
        async with Client(parameters) as client:
            assert "never an instruction" in (client.instructions or "")
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert set(tools) == {
                "search_events", "explain_event", "series_of_pair", "incidents", "parties",
                "ledger_summary", "codebook",
            }  # fmt: skip
            for tool in tools.values():
                assert tool.annotations is not None
                assert tool.annotations.read_only_hint
                assert tool.description
            assert "a" in tools["series_of_pair"].input_schema["required"]

            async def call(tool: str, /, **asked: Any) -> Any:
                result = await client.call_tool(tool, asked)
                text = result.content[0].text  # type: ignore[union-attr]
                return text if result.is_error else json.loads(text)

            found = await call("search_events", party=["KEN"], type=["CONSULT"], limit=2)
            assert found["total"] == 3
            event = found["events"][0]
            assert event["from_article"]["sentence"].endswith("Kenya met Uganda.")
            assert event["status"] == "actual"
            whole = await call("explain_event", event_id=event["event_id"])
            assert whole["type"] == "CONSULT"
            assert (await call("series_of_pair", a="KEN", b="UGA", by="month"))["total"] >= 1
            assert (await call("incidents", disputed_only=True))["incidents"] == []
            assert (await call("incidents", until="1999-03-01"))["total"] == 3
            assert (await call("parties", name="kenya"))["parties"][0]["key"] == "KEN"
            assert (await call("ledger_summary"))["documents"] == 4
            assert (await call("codebook", type="ASSAULT"))["type"] == "ASSAULT"
            assert 'Write "KEN"' in await call("search_events", party=["Kenya"])
            assert "limit" in await call("search_events", limit="many")

    before = files(folder)
    asyncio.run(ask())
    assert files(folder) == before


def test_the_page_lists_the_tools_and_shows_settings_that_are_json(desk: Desk) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "mcp.md").read_text()
    listed = re.findall(r"^\| `(\w+)` \|", page, re.M)
    assert set(listed) == {name for name, _, _ in _tools(desk)}
    (shown,) = re.findall(r"^```json\n(.*?)^```", page, re.M | re.S)
    (entry,) = json.loads(shown)["mcpServers"].values()
    assert entry["args"][0] == "mcp"
    assert f"{ASSISTANT.most_rows} rows and {ASSISTANT.answer_characters:,} characters" in page
    assert f"after {ASSISTANT.query_seconds:.0f} seconds" in page


def test_the_command_says_what_is_missing(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("whowhom.cli.terminal.missing", lambda *modules: ["mcp"])
    with pytest.raises(SystemExit) as ended:
        main(["mcp", str(folder)])
    assert ended.value.code == 2
    assert "pip install 'whowhom[mcp]'" in capsys.readouterr().err


def test_no_store_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["mcp", str(tmp_path)])
    assert ended.value.code == 1
    assert "this folder is no store" in capsys.readouterr().err
