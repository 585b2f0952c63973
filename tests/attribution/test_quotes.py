"""Quotations in texts that have lost their line breaks, and quotations that nobody closed."""

from __future__ import annotations

from whowhom.attribution.quotes import find_quotes


def test_the_same_mark_opening_again_is_the_next_paragraph() -> None:
    text = 'The mayor said: "We will rebuild the bridge. "We will do it this year." He left.'
    first, second = find_quotes(text)
    assert text[first.start : first.end] == '"We will rebuild the bridge. '
    assert not first.closed
    assert text[second.start : second.end] == '"We will do it this year."'
    assert second.closed


def test_a_quotation_that_nobody_closes_does_not_take_the_rest_of_the_text() -> None:
    text = 'The mayor said: "We will rebuild the bridge. ' + "The river rose again. " * 60
    (quote,) = find_quotes(text)
    assert not quote.closed
    assert quote.end - quote.start < 450
    assert text[quote.end - 1] == "."


def test_a_closed_quotation_may_be_long() -> None:
    inner = "The river rose again. " * 30
    text = f'"{inner}" the mayor said.'
    (quote,) = find_quotes(text)
    assert quote.closed
    assert quote.end - quote.start > 600
