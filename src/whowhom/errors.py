"""Every error that whowhom raises on purpose: what, where, and what to do.

::

    WhowhomError
    |-- InputError        an input cannot be read (file, line, row, feed, archive)
    |-- CodebookError     a codebook or word list is wrong (file, field, nearest right name)
    |-- DataError         data that the package needs is missing or not as shipped
    |-- StoreError        a store cannot be opened or written
    |   `-- StoreLocked   another process writes to it
    `-- UsageError        the call itself is wrong (an option, an argument)
"""

from __future__ import annotations


class WhowhomError(Exception):
    """Base of all of them. ``str()`` is one line: what is wrong, where, what to do."""

    def __init__(self, what: str, *, where: str = "", do: str = "") -> None:
        self.what, self.where, self.do = what, where, do
        message = f"{where}: {what}" if where else what
        super().__init__(f"{message}. {do}" if do else message)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.where, self.do))


class InputError(WhowhomError):
    """An input cannot be read; ``where`` is the file and the place in it.

    ``reason`` is a short code for the ledger ("empty", "bad_json", "not_a_feed", ...).
    """

    def __init__(self, what: str, *, where: str = "", do: str = "", reason: str = "bad_input"):
        super().__init__(what, where=where, do=do)
        self.reason = reason

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_input, (self.what, self.where, self.do, self.reason))


class CodebookError(WhowhomError):
    """A codebook, word list or table is wrong; ``where`` names file and field."""


class DataError(WhowhomError):
    """Data or a model that the package needs is missing, or is not what was shipped."""


class StoreError(WhowhomError):
    """A store cannot be opened, read or written."""


class StoreLocked(StoreError):  # noqa: N818 - reads as a state, like BlockingIOError's kin
    """Another process is writing to this store."""


class UsageError(WhowhomError):
    """The call itself is wrong: an option or an argument."""


def _rebuild(cls: type[WhowhomError], what: str, where: str, do: str) -> WhowhomError:
    return cls(what, where=where, do=do)


def _rebuild_input(what: str, where: str, do: str, reason: str) -> InputError:
    return InputError(what, where=where, do=do, reason=reason)
