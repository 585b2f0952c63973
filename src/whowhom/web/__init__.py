"""The explorer: a store in a browser, on this machine. Needs the extra ``whowhom[web]``."""

from __future__ import annotations

from whowhom.errors import UsageError

INSTALL = "pip install 'whowhom[web]'"


def need_extra() -> None:
    """Make sure that what the explorer needs is installed.

    Raises:
        UsageError: it is not; the error says how to install it.
    """
    missing = []
    for module, package in (
        ("starlette", "starlette"),
        ("uvicorn", "uvicorn"),
        ("jinja2", "jinja2"),
        ("altair", "altair"),
        ("vl_convert", "vl-convert-python"),
    ):
        try:
            __import__(module)
        except ImportError:
            missing.append(package)
    if missing:
        raise UsageError(f"the explorer needs {', '.join(missing)}", do=f"Install it: {INSTALL}")


__all__ = ["INSTALL", "need_extra"]
