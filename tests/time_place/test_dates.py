"""Dates and times: extents, types, values and days covered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from whowhom.model import Document, Parsed
from whowhom.parse import Parser
from whowhom.time_place.dates import easter, find_dates, written

Parse = Callable[..., Parsed]
DCT = "2015-06-17"  # a Wednesday


def values(parsed: Parse, text: str, date: str | None = DCT) -> list[tuple[str, str, str]]:
    return [(e.text, e.type, e.value) for e in find_dates(parsed(text, date))]


@pytest.mark.parametrize(
    ("text", "words", "kind", "value"),
    [
        ("The minister resigned on Monday.", "Monday", "DATE", "2015-06-15"),
        ("The minister resigned on Wednesday.", "Wednesday", "DATE", "2015-06-17"),
        ("The minister will resign on Monday.", "Monday", "DATE", "2015-06-22"),
        ("The minister resigned last Thursday.", "last Thursday", "DATE", "2015-06-11"),
        ("They will meet next Wednesday.", "next Wednesday", "DATE", "2015-06-24"),
        ("They will meet this Friday.", "this Friday", "DATE", "2015-06-19"),
        ("Police fired shots on Monday evening.", "Monday evening", "TIME", "2015-06-15TEV"),
        ("The talks ended yesterday.", "yesterday", "DATE", "2015-06-16"),
        ("The talks will end tomorrow.", "tomorrow", "DATE", "2015-06-18"),
        ("A bomb exploded last night.", "last night", "TIME", "2015-06-16TNI"),
        ("A bomb exploded this morning.", "this morning", "TIME", "2015-06-17TMO"),
        ("The strike began on 3 May.", "3 May", "DATE", "2015-05-03"),
        ("The strike began on May 3, 2011.", "May 3, 2011", "DATE", "2011-05-03"),
        ("The vote will be held on 12 October.", "12 October", "DATE", "2015-10-12"),
        ("The strike began on 2011-05-03.", "2011-05-03", "DATE", "2011-05-03"),
        ("The strike began on 25/4/2011.", "25/4/2011", "DATE", "2011-04-25"),
        ("Prices rose in October.", "October", "DATE", "2014-10"),
        ("Prices will rise in October.", "October", "DATE", "2015-10"),
        ("Prices rose in March 2009.", "March 2009", "DATE", "2009-03"),
        ("Prices rose in early March 2009.", "early March 2009", "DATE", "2009-03"),
        ("Prices rose last August.", "last August", "DATE", "2014-08"),
        ("Prices rose in March last year.", "March last year", "DATE", "2014-03"),
        ("Prices will rise in March next year.", "March next year", "DATE", "2016-03"),
        ("The minister resigned last Tuesday.", "last Tuesday", "DATE", "2015-06-09"),
        ("Talks were to go on on Friday.", "Friday", "DATE", "2015-06-19"),
        ("A guard stands at the gate in May. (Ada Njeri/Reuters)", "May", "DATE", "2015-05"),
        ("He fled two days after the vote.", "two days", "DURATION", "P2D"),
        ("The army left two weeks ago.", "two weeks ago", "DATE", "2015-W23"),
        ("The army left three days ago.", "three days ago", "DATE", "2015-06-14"),
        ("The army left four years ago.", "four years ago", "DATE", "2011"),
        ("The army left two months ago.", "two months ago", "DATE", "2015-04"),
        ("The army left last week.", "last week", "DATE", "2015-W24"),
        ("The army left earlier this month.", "earlier this month", "DATE", "2015-06"),
        ("The army will leave next year.", "next year", "DATE", "2016"),
        ("The war began in 1991.", "1991", "DATE", "1991"),
        ("Refugees came during the 1990s.", "the 1990s", "DATE", "199"),
        ("It was built in the 19th century.", "19th century", "DATE", "18"),
        (
            "Output fell in the first quarter of 2012.",
            "the first quarter of 2012",
            "DATE",
            "2012-Q1",
        ),
        ("Floods hit the valley last summer.", "last summer", "DATE", "2014-SU"),
        ("Floods hit the valley in winter 2010.", "winter 2010", "DATE", "2010-WI"),
        ("A nine-day march ended.", "nine-day", "DURATION", "P9D"),
        ("He was held for 18 months.", "18 months", "DURATION", "P18M"),
        ("He was held for several weeks.", "several weeks", "DURATION", "PXW"),
        ("He was held for twenty-five years.", "twenty-five years", "DURATION", "P25Y"),
        ("The annual summit opened.", "annual", "SET", "P1Y"),
        ("They pray every morning.", "every morning", "SET", "XXXX-XX-XXTMO"),
        ("They vote every four years.", "every four years", "SET", "P4Y"),
        ("They march every Friday.", "every Friday", "SET", "XXXX-WXX-5"),
        ("The border is now closed.", "now", "DATE", "PRESENT_REF"),
        ("Rebels freed the men on Christmas Day.", "Christmas Day", "DATE", "2014-12-25"),
        ("The truce held over Easter 2012.", "Easter 2012", "DATE", "2012-04-08"),
        ("The rally began on Labor Day 2010.", "Labor Day 2010", "DATE", "2010-09-06"),
        ("Shelling started at 5:30 p.m.", "5:30 p.m.", "TIME", "2015-06-17T17:30"),
        ("Prices fell in the third quarter.", "the third quarter", "DATE", "2014-Q3"),
        ("Prices fell in Q1 2013.", "Q1 2013", "DATE", "2013-Q1"),
        ("Music changed in the sixties.", "the sixties", "DATE", "196"),
        ("The cuts come this fiscal year.", "this fiscal year", "DATE", "2015"),
        ("They will march this weekend.", "this weekend", "DATE", "2015-W25-WE"),
        ("They marched last weekend.", "last weekend", "DATE", "2015-W24-WE"),
        ("They will march next weekend.", "next weekend", "DATE", "2015-W26-WE"),
        ("Talks failed in the past five years.", "the past five years", "DURATION", "P5Y"),
        ("Talks will go on for the next two weeks.", "the next two weeks", "DURATION", "P2W"),
        ("The treaty ended a decade ago.", "a decade ago", "DATE", "2005"),
        ("The truce ended about six years ago.", "about six years ago", "DATE", "2009"),
        ("They meet twice a year.", "twice a year", "SET", "P1Y"),
        ("They meet every March.", "every March", "SET", "XXXX-03"),
        ("They meet every summer.", "every summer", "SET", "XXXX-SU"),
        ("They meet every other week.", "every other week", "SET", "P2W"),
        ("He left on the previous Monday.", "the previous Monday", "DATE", "2015-06-15"),
        ("The port was shut for hours.", "hours", "DURATION", "PTXH"),
        ("The port was shut for two decades.", "two decades", "DURATION", "P20Y"),
        ("The port was shut for a couple of days.", "a couple of days", "DURATION", "P2D"),
        ("The port was shut for a dozen weeks.", "a dozen weeks", "DURATION", "P12W"),
        ("The port was shut for a few years.", "a few years", "DURATION", "PXY"),
        ("They opened fire at 17:45.", "17:45", "TIME", "2015-06-17T17:45"),
        ("The feast fell on Good Friday 2010.", "Good Friday 2010", "DATE", "2010-04-02"),
        ("They will rest on New Year's Day.", "New Year's Day", "DATE", "2016-01-01"),
        ("Crops failed next winter.", "next winter", "DATE", "2015-WI"),
        ("Sundays are quiet.", "Sundays", "SET", "XXXX-WXX-7"),
        ("Shelling stopped at midnight.", "midnight", "TIME", "2015-06-17T00:00"),
    ],
)
def test_values(parsed: Parse, text: str, words: str, kind: str, value: str) -> None:
    assert (words, kind, value) in values(parsed, text)


@pytest.mark.parametrize(
    "text",
    [
        "The protesters may march to the palace.",
        "A 25-year-old woman was hurt.",
        "Some 2000 soldiers crossed the river.",
        "The second man fled.",
        "The aid was worth $1999 in all.",
    ],
)
def test_no_time_is_seen_where_there_is_none(parsed: Parse, text: str) -> None:
    assert values(parsed, text) == []


def test_following_and_same_day_hang_on_the_last_day_named(parsed: Parse) -> None:
    text = (
        "Troops entered the town on 4 March 2012. The following day they left. That day it snowed."
    )
    assert [v for _, _, v in values(parsed, text)] == ["2012-03-04", "2012-03-05", "2012-03-05"]


def test_a_range_gives_both_ends(parsed: Parse) -> None:
    found = find_dates(parsed("The summit ran from 3 to 5 May 2014.", DCT))
    assert [(e.text, e.value) for e in found] == [("3", "2014-05-03"), ("5 May 2014", "2014-05-05")]
    found = find_dates(parsed("He governed in 1957-58.", DCT))
    assert [e.value for e in found] == ["1957", "1958"]


def test_slashes_are_day_first_outside_the_united_states(parser: Parser) -> None:
    def value(outlet: str) -> str:
        document = Document("x", "The strike began on 3/4/11.", outlet=outlet)
        return find_dates(parser.parse(document))[0].value

    assert value("paper.co.uk") == "2011-04-03"
    assert value("paper.com") == "2011-03-04"


def test_earlier_and_later_count_from_the_last_day_named(parsed: Parse) -> None:
    text = "He fell ill on 4 March 2012 and died two days later. A week earlier he had travelled."
    found = [v for _, _, v in values(parsed, text)]
    assert found[:2] == ["2012-03-04", "2012-03-06"]


def test_months_share_a_year(parsed: Parse) -> None:
    found = values(parsed, "Rain fell between June and August 2012.")
    assert [v for _, _, v in found] == ["2012-06", "2012-08"]


def test_spans_and_covered_days(parsed: Parse) -> None:
    p = parsed("The siege of the port went on in February 2012.", DCT)
    (e,) = find_dates(p)
    assert p.reading.text[e.start : e.end] == e.text == "February 2012"
    assert (e.first, e.last, e.granularity) == (dt.date(2012, 2, 1), dt.date(2012, 2, 29), "month")


def test_without_a_publication_date_nothing_is_made_up(parsed: Parse) -> None:
    text = (
        "On Monday, in October, on 4 April, yesterday, last week, next year, at Christmas, "
        "in the third quarter, last summer, this morning, at the weekend and at noon."
    )
    for e in find_dates(parsed(text, None)):
        assert e.first is None
        assert e.last is None
    assert ("Monday", "DATE", "XXXX-WXX-1") in values(parsed, "They met on Monday.", None)


def test_impossible_dates_are_left_out(parsed: Parse) -> None:
    assert values(parsed, "It is due on 31 June 2013 or 45/13/2011.") == [] or all(
        v[2] != "2013-06-31" for v in values(parsed, "It is due on 31 June 2013.")
    )


@pytest.mark.parametrize(
    ("year", "day"), [(1999, "1999-04-04"), (2008, "2008-03-23"), (2025, "2025-04-20")]
)
def test_easter(year: int, day: str) -> None:
    assert easter(year).isoformat() == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "May",
        "1 1 1 1",
        "the the last last week week",
        "0 years ago",
        "9999 years ago and 9999 centuries later",
        "in 2009-2010-2011",
        "every every day",
        "'90s '90s",
        "12/12/12/12",
    ],
)
def test_nothing_crashes(parsed: Parse, text: str) -> None:
    for date in (None, "0001-01-01", "9999-12-31", DCT):
        for e in find_dates(parsed(text, date)):
            assert e.start < e.end


@pytest.mark.parametrize(
    ("text", "day", "event"),
    [
        # the lead tells of the day after: the day of publication was read off another clock
        ("Gunmen killed two men on Thursday.", "2015-06-18", "2015-06-18"),
        ("Gunmen will kill again on Thursday.", "2015-06-17", "2015-06-18"),
        ("Gunmen killed two on Tuesday. A trial began on Thursday.", "2015-06-17", "2015-06-16"),
        ("Gunmen killed two men last Thursday.", "2015-06-17", "2015-06-11"),
        ("They fled today. A trial began on Thursday.", "2015-06-17", "2015-06-17"),
    ],
)  # fmt: skip
def test_the_day_that_a_text_is_of(parsed: Parse, text: str, day: str, event: str) -> None:
    p = parsed(text, DCT)
    assert written(p) == dt.date.fromisoformat(day)
    assert find_dates(p)[0].first == dt.date.fromisoformat(event)


def test_a_text_without_a_date_is_of_no_day(parsed: Parse) -> None:
    assert written(parsed("Gunmen killed two men on Thursday.", None)) is None
