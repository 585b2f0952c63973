"""``whowhom serve``: it listens where it says, and refuses what would be open to others."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.web.conftest import make_store
from whowhom.cli.serve import serve
from whowhom.errors import UsageError


def test_an_open_address_needs_a_token(tmp_path: Path) -> None:
    make_store(tmp_path / "store").close()
    result = CliRunner().invoke(serve, [str(tmp_path / "store"), "--host", "0.0.0.0"])  # noqa: S104
    assert isinstance(result.exception, UsageError)
    assert "--token" in str(result.exception)


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    make_store(tmp_path / "store").close()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(serve, [str(tmp_path / "store"), "--port", port])
    assert isinstance(result.exception, UsageError)
    assert f"port {port} is taken" in str(result.exception)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    result = CliRunner().invoke(serve, ["nowhere"])
    assert isinstance(result.exception, UsageError)
    assert "the explorer needs uvicorn" in str(result.exception)
    assert "pip install 'whowhom[web]'" in str(result.exception)


def test_it_prints_an_address_that_answers(tmp_path: Path) -> None:
    make_store(tmp_path / "store").close()
    program = "from whowhom.cli.serve import serve; serve()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "store"), "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        address = ""
        for line in process.stderr:
            if line.startswith("http://"):
                address = line.strip()
                break
        for _ in range(100):
            try:
                with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310
                    assert answer.status == 200
                    assert "whowhom" in answer.read().decode()
                break
            except OSError:
                time.sleep(0.1)
        else:
            pytest.fail("it never answered")
    finally:
        process.terminate()
        process.wait(10)
        if process.stderr:
            process.stderr.close()
