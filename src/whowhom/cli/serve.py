"""``whowhom serve``: a store in the browser."""

from __future__ import annotations

import errno
import socket
import webbrowser
from pathlib import Path

import click

from whowhom.cli import options
from whowhom.cli.terminal import WEB, need, say
from whowhom.errors import UsageError


@click.command()
@click.argument("store", type=options.FilePath(path_type=Path, file_okay=False))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8150,
    show_default=True,
    help="Port to listen on; 0 takes any that is free.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. Anything but this machine's own needs --token.",
)
@click.option(
    "--token",
    metavar="SECRET",
    envvar="WHOWHOM_TOKEN",
    help="Readers need this secret, at least 12 characters.",
)
@click.option(
    "--allow-host",
    multiple=True,
    metavar="NAME",
    help="Another name that browsers may call the explorer by. Repeatable.",
)
@click.option(
    "--marker",
    metavar="NAME",
    default="user",
    show_default=True,
    help="In whose name events are marked right or wrong.",
)
@click.option("--open", "open_", is_flag=True, help="Open it in the browser.")
def serve(
    store: Path,
    port: int,
    host: str,
    token: str | None,
    allow_host: tuple[str, ...],
    marker: str,
    open_: bool,
) -> int:
    """Show STORE in the browser: the course of events, actors, pairs, incidents, documents.

    Every number leads to the sentences under it. Runs on this machine until interrupted; what
    it shows is the store as it was at the start. Marks (right, wrong, mend) are kept in it.
    """
    need("web", "the explorer", *WEB)
    import whowhom
    from whowhom.merge import ensure
    from whowhom.web.app import serve as run
    from whowhom.web.security import access

    allow = access(host, token, allow_host)
    with whowhom.open(store) as opened:
        merged = ensure(opened, tell=say)
        # taken here, so that the address that is printed is one that answers
        listener = _listen(host, port)
        shown = listener.getsockname()[1]
        name = next(iter(sorted(allow_host)), host)
        if name in ("0.0.0.0", "::"):  # noqa: S104 - they are no names to be called by
            name = "127.0.0.1"
        address = f"http://{f'[{name}]' if ':' in name else name}:{shown}/"
        if token:
            say(f"{address}?token=...  (the secret that you gave)")
        else:
            say(address)
        say("Ctrl-C ends it.")
        if open_:
            webbrowser.open(address + (f"?token={token}" if token else ""))
        with listener:
            run(merged, host, shown, allow, listener=listener, marker=marker)
    return 0


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        UsageError: the port is taken, or the address is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"port {port} is taken", where="--port", do="Name another, or 0 for any."
            ) from error
        raise UsageError(
            f"cannot listen on {host}:{port} ({error.strerror})",
            where="--host",
            do="Name an address of this machine.",
        ) from error
    return listener
