"""What keys are called, then and now."""

from __future__ import annotations

import datetime as dt

from whowhom.analyse.names import ERA, label


def test_states_are_called_what_they_were_called_then() -> None:
    ERA.set(dt.date(1962, 10, 31))
    assert [label(key) for key in ("RUS", "RUS CVL", "DEU", "KEN")] == [
        "Soviet Union", "Soviet Union, civilians", "Germany", "Kenya",
    ]  # fmt: skip
    ERA.set(dt.date(1992, 1, 1))
    assert label("RUS") == "Russia"
