"""A watch to be killed by the tests: ``python -m tests.watch.killed STORE PORT``: one poll, in
small rounds, of the feed on a port of this machine."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from tests.engine.stub import StubCoder
from whowhom.engine.local import Inline
from whowhom.engine.worker import CoderSpec, Ready
from whowhom.settings import WATCH
from whowhom.watch import Gate, Options, StateFiles, Watch, Web, run


class Here(Inline):
    """A pool that codes in this process: it starts sooner, and is killed with it."""

    def __init__(self, *_: object) -> None:
        super().__init__(StubCoder())
        self.ready = Ready(StubCoder().info, StubCoder().fingerprint)

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def main() -> None:
    store, port = Path(sys.argv[1]), int(sys.argv[2])
    settings = dataclasses.replace(WATCH, round_articles=8)
    web = Web(Gate.of(["127.0.0.1"], [port], settings), StateFiles(store, settings), "test")
    options = Options(store, once=True, merge=False)
    run.Pool = Here  # type: ignore[assignment,misc]
    with Watch([f"http://127.0.0.1:{port}/feed"], CoderSpec(), options, web) as watch:
        poll = watch.run(lambda poll: None)
    assert poll is not None
    sys.stdout.write(f"coded {poll.report.states['coded']}\n")


if __name__ == "__main__":
    main()
