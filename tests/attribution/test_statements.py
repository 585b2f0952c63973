# ruff: noqa: E501 - a table reads best with a case on a line
"""Sources, cues and contents: one sentence a construction."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from whowhom.attribution import find_statements, judge, speaker_of
from whowhom.attribution.quotes import Quoted, find_quotes
from whowhom.model import Parsed, Parties, Party, Statement

Make = Callable[..., Parsed]


def text_of(parsed: Parsed, spans: tuple[tuple[int, int], ...]) -> str:
    return " ... ".join(parsed.reading.text[low:high] for low, high in spans)


def found(make: Make, text: str, **more: str) -> list[tuple[str, str, str]]:
    parsed = make(text, **more)
    return [
        (text_of(parsed, s.source), s.cue_lemma, text_of(parsed, s.content))
        for s in find_statements(parsed, Parties())
    ]


# source, cue lemma, content, text
CASES = [
    ("Ghana", "say", "it closed the border", "Ghana said it closed the border."),
    ("Ghana", "say", "that it closed the border", "Ghana said that it closed the border."),
    ("the minister", "tell", "that the port is shut", "Then the minister told reporters that the port is shut."),
    ("The envoy", "deny", "that his men fired", "The envoy denied that his men fired."),
    ("The envoy", "deny", "the charge", "The envoy denied the charge."),
    ("The court", "ask", "whether the law is valid", "The court asked whether the law is valid."),
    ("officials", "say", "The bridge ... is closed", "The bridge, officials say, is closed."),
    ("the police", "say", "Two men were killed", "Two men were killed, the police said."),
    ("the police", "according", "two men were killed", "According to the police, two men were killed."),
    ("the police", "according", "Two men were killed", "Two men were killed, according to the police."),
    ("the bishop's", "view", "the law is unjust", "In the bishop's view, the law is unjust."),
    ("the queen", "word", "the law is a relic", "In the words of the queen, the law is a relic."),
    ("", "reportedly", "The king ... left the capital", "The king reportedly left the capital."),
    ("", "believe", "that the king fled", "It is believed that the king fled."),
    ("", "say", "The king ... to be ill", "The king is said to be ill."),
    ("The envoy", "say", "the truce held", "The envoy was quoted as saying the truce held."),
    ("the navy's", "claim", "that it sank a boat", "Nobody accepted the navy's claim that it sank a boat."),
    ("the ministry", "statement", "that the well is safe", "A statement by the ministry that the well is safe came late."),
    ("The report", "show", "that exports fell", "The report shows that exports fell."),
    ("Bolivia", "promise", "to free the sailors", "Bolivia promised to free the sailors."),
    ("Bolivia", "threaten", "to leave the pact", "Bolivia threatened to leave the pact."),
    ("Bolivia", "accuse", "Chile of spying", "Bolivia accused Chile of spying."),
    ("Bolivia", "condemn", "the raid", "Bolivia condemned the raid."),
    ("Bolivia", "urge", "Chile to open the river", "Bolivia urged Chile to open the river."),
    ("Bolivia", "call", "Chile to open the river", "Bolivia called on Chile to open the river."),
    ("Bolivia", "support", "the treaty", "Bolivia supports the treaty."),
    ("Bolivia", "back", "the treaty", "Bolivia backed the treaty."),
    ("Bolivia", "refer", "the treaty", "Bolivia referred to the treaty."),
    ("Bolivia", "vote", "the treaty", "Bolivia voted against the treaty."),
    ("Bolivia", "see", "the treaty as a trap", "Bolivia sees the treaty as a trap."),
    ("", "question", "the dam", "There were questions about the dam."),
    ("the mayor", "say", '"It holds," ... "and it will hold"', '"It holds," said the mayor, "and it will hold" for years.'),
    ("the mayor", "say", 'The dam is "quite safe,"', 'The dam is "quite safe," the mayor said.'),
    ("The mayor", "say", "the dam holds", "The mayor said the dam holds, adding that the river is low."),
    ("The mayor", "add", "that the river is low", "The mayor said the dam holds, adding that the river is low."),
    ("The mayor", "reject", "the plan", "The mayor rejected the plan, saying the dam holds."),
    ("The mayor", "say", "the dam holds", "The mayor rejected the plan, saying the dam holds."),
    ("", "ask", "whether the dam holds", "Asked whether the dam holds, the mayor left the room."),
    ("The mayor", "claim", "that the dam holds", "The mayor used the visit to claim that the dam holds."),
    ("she", "say", "the dam holds", "Still, she said, the dam holds."),
    ("she", "say", "The dam holds ... because the river is low", "The dam holds, she said, because the river is low."),
    ("who", "say", "the dam is safe", "The engineer who said the dam is safe has left."),
    ("The mayor", "add", "that schools would close", "The mayor spoke for an hour and added that schools would close."),
    ("the mayor of the town", "say", "“The dam is safe,”", "“The dam is safe,” said the mayor of the town."),
    ("the mayor", "say", '"The dam is safe,"', '"The dam is safe," the mayor said.'),
    ("The mayor", "say", '"The dam is safe."', 'The mayor said: "The dam is safe."'),
    ("The mayor", "say", "„The dam is safe.“", "The mayor said: „The dam is safe.“"),
    ("The mayor", "say", "«The dam is safe.»", "The mayor said: «The dam is safe.»"),
    ("The mayor", "say", "''The dam is safe.''", "The mayor said: ''The dam is safe.''"),
    ("the mayor", "say", "‘The dam is safe,’", "‘The dam is safe,’ the mayor said."),
    ("The mayor", "say", "the dam is ‘quite safe’", "The mayor said the dam is ‘quite safe’."),
    ("he", "say", '"The dam is safe," ... "It will hold."', '"The dam is safe," he said. "It will hold."'),
    ("", "seem", "the dam ... to leak", "Today the dam seems to leak."),
    ("", "appear", "that the dam leaks", "It appears that the dam leaks."),
    ("", "alleged", "spy", "The alleged spy left."),
    ("Experts", "angry", "the leak", "Experts were angry about the leak."),
    ("the navy", "criticism", "the dam", "There was criticism of the dam by the navy."),
    ("The navy", "announcement", "that it left", "The navy made the announcement that it left."),
    ("the bishop", "tell", "that the dam is weak", "The bridge was shut after the bishop told them that the dam is weak."),
    ("The bishop", "describe", "the dam as a danger", "The bishop described the dam as a danger."),
    ("the bishop", "criticize", "The dam", "The dam was criticized by the bishop."),
    ("The bishop", "talk", "the dam", "The bishop talked about the dam."),
    ("The bishop", "deny", "building the dam", "The bishop denied building the dam."),
    ("the bishop", "accuse", "The mayor ... of theft", "The mayor was accused of theft by the bishop."),
    ("The bishop", "accuse", "the mayor of theft", "The bishop again accused the mayor of theft."),
    ("the mayor", "say", "that the dam is weak", "The paper quoted the mayor as saying that the dam is weak."),
    ("The mayor", "say", "that the dam is weak", "The mayor tried to say that the dam is weak."),
    ("The mayor", "insist", "that it holds", "The mayor left the room, insisting that it holds."),
    ("The mayor", "add", "that the dam is weak", "The mayor ended by adding that the dam is weak."),
    ("the mayor", "laugh", '"Never,"', '"Never," laughed the mayor.'),
    ("The mayor", "call", 'the dam "a risk"', 'The mayor called the dam "a risk".'),
    ("a report", "say", "that the dam is weak", "They read a report saying that the dam is weak."),
    ("The engineers", "confident", "that the dam is safe", "The engineers are confident that the dam is safe."),
]  # fmt: skip


@pytest.mark.parametrize(("source", "cue", "content", "text"), CASES)
def test_construction(parsed: Make, source: str, cue: str, content: str, text: str) -> None:
    assert (source, cue, content) in found(parsed, text)


def test_nested_chain(parsed: Make) -> None:
    statements = found(parsed, "Laos said that Hanoi promised to open the road.")
    assert ("Laos", "say", "that Hanoi promised to open the road") in statements
    assert ("Hanoi", "promise", "to open the road") in statements


def test_a_stand_inside_a_report_is_the_report(parsed: Make) -> None:
    statements = found(parsed, "Laos said that Hanoi condemned the raid.")
    assert ("Laos", "say", "that Hanoi condemned the raid") in statements
    assert not any(cue == "condemn" for _, cue, _ in statements)


def test_a_quotation_belongs_to_the_verb_next_to_it(parsed: Make) -> None:
    statements = found(parsed, '"The dam holds," she said, adding that the river is low.')
    assert ("she", "say", '"The dam holds,"') in statements
    assert ("she", "add", "that the river is low") in statements


def test_a_stand_asserts_nothing(parsed: Make) -> None:
    """Who backs or orders a raid is no source for it: the chain stays empty."""
    for text in ("Chad backed the raid on the port.", "Chad ordered the raid on the port."):
        doc = parsed(text)
        raid = next(t.i for t in doc.doc if t.text == "raid")
        statements = find_statements(doc, Parties())
        assert statements
        judgement = judge(doc, Parties(), statements, raid, event_type="ASSAULT")
        assert judgement.attribution == (), text


def test_headline_with_a_colon(parsed: Make) -> None:
    text = "Minister Okello: No talks this year\n\nThe rest of the story."
    assert ("Minister Okello", ":", "No talks this year") in found(parsed, text)
    assert found(parsed, "Photo: A street in Lima\n\nThe rest.") == []
    assert found(parsed, "the list: one thing\n\nThe rest.") == []


def test_denial_is_marked(parsed: Make) -> None:
    doc = parsed("The envoy denied that his men fired.")
    statement = find_statements(doc, Parties())[0]
    assert statement.denied
    assert statement.speaker is not None
    assert statement.speaker.text == "The envoy"
    assert statement.speaker.country is None


def test_paragraphs_of_quotation_continue_the_speaker(parsed: Make) -> None:
    text = (
        '"The dam is safe," the mayor said.\n\n'
        '"Nobody has to leave the valley."\n\n'
        "The river rose all night."
    )
    contents = found(parsed, text)
    assert ("the mayor", "say", '"Nobody has to leave the valley."') in contents
    assert not any("river" in content for _, _, content in contents)


def test_unclosed_quotation_runs_to_the_end_of_its_paragraph(parsed: Make) -> None:
    text = 'The mayor said: "The dam is safe.\n\n"It will hold."'
    assert any("The dam is safe" in content for _, _, content in found(parsed, text))


def test_a_quotation_is_not_split_by_its_own_verbs(parsed: Make) -> None:
    statements = found(parsed, '"I think the dam will hold," the mayor said.')
    assert statements == [("the mayor", "say", '"I think the dam will hold,"')]
    inner = found(parsed, '"Hanoi says the road is open," the mayor said.')
    assert ("Hanoi", "say", "the road is open") in inner


def test_speaker_is_the_party_of_the_source(parsed: Make) -> None:
    doc = parsed("Gabon's president said the vote was fair.")
    head = next(t.i for t in doc.doc if t.text == "president")
    party = Party("Gabon's president", 0, 17, country="GAB", sector="GOV")
    statement = find_statements(doc, Parties({head: party}))[0]
    assert statement.speaker is party


def test_relative_clause_speaks_for_its_noun(parsed: Make) -> None:
    doc = parsed("The engineer who said the dam is safe has left.")
    statement = find_statements(doc, Parties())[0]
    assert statement.speaker is not None
    assert "engineer" in statement.speaker.text


def test_nobody_speaks_where_the_subject_is_empty(parsed: Make) -> None:
    doc = parsed("It says on the wall that the dam is safe.")
    assert all(s.speaker is None for s in find_statements(doc, Parties()))


def test_speaker_of_first_person(parsed: Make) -> None:
    doc = parsed('"We closed the dam," the mayor said. The river rose.')
    statements = find_statements(doc, Parties())
    inside = next(t.i for t in doc.doc if t.text == "closed")
    outside = next(t.i for t in doc.doc if t.text == "rose")
    party = speaker_of(statements, inside)
    assert party is not None
    assert party.text == "the mayor"
    assert speaker_of(statements, outside) is None


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\n\n", '"', "''", "“", "”””", "said", "said said said", ": : :", "According to",
        '"said" "said', "’Tis the dogs’ bowl’s", "A: ", "who said", "\u200b\ufeff", "«»",
        "reportedly", "He said " * 40, '("' * 30, "in the view of", "alleged", "is said to",
    ],
)  # fmt: skip
def test_nothing_crashes(parsed: Make, text: str) -> None:
    for statement in find_statements(parsed(text), Parties()):
        assert isinstance(statement, Statement)
        assert statement.content
        assert all(low < high for low, high in statement.content)


QUOTES = [
    ('He said "no" twice.', ['"no"']),
    ("He said “no” twice.", ["“no”"]),
    ("He said “no, ‘never’” twice.", ["“no, ‘never’”"]),
    ("He said 'not now' twice.", ["'not now'"]),
    ("The soldiers' camp and the king's horse.", []),
    ("The king’s horse and the dogs’ bowl.", []),
    ("It was King John”s horse.", []),
    ("Rock 'n roll in the '90s.", []),
    ("He said «no» and ‹yes›.", ["«no»", "‹yes›"]),
    ("He said \"no” at last.", ['"no”']),
    ('"One.\n\n"Two."', ['"One.', '"Two."']),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), QUOTES)
def test_quotation_marks(text: str, expected: list[str]) -> None:
    assert [text[q.start : q.end] for q in Quoted(text).outer] == expected


def test_inner_quotations_are_found_too() -> None:
    text = "He said “no, ‘never’” twice."
    assert [text[q.start : q.end] for q in find_quotes(text)] == ["“no, ‘never’”", "‘never’"]


def test_quotation_by_place() -> None:
    text = 'A "b" c "d" e'
    quoted = Quoted(text)
    assert quoted.at(0) is None
    assert quoted.at(3) == quoted.outer[0]
    assert quoted.before(1) is None
    assert quoted.before(7) == quoted.outer[0]
    assert quoted.between(0, 20) == quoted.outer


def test_reported_by_nobody_where_the_quotation_has_no_cue(parsed: Make) -> None:
    assert found(parsed, 'They sold "fresh" water in the square.') == []


def test_quotation_after_a_colon_in_the_next_paragraph(parsed: Make) -> None:
    text = 'The mayor said this:\n\n"The dam is safe."\n\nThe river rose.'
    assert any("The dam is safe" in content for _, _, content in found(parsed, text))


def test_quotation_in_the_middle_of_its_own_sentence(parsed: Make) -> None:
    text = 'The mayor said on Monday "the dam" was safe and then "the town" too.'
    assert any(source == "The mayor" for source, _, _ in found(parsed, text))


def test_the_speaker_of_direct_speech_is_not_looked_for_inside_it(parsed: Make) -> None:
    for text in (
        '"We left because I was afraid," Okello said.',
        '"Nobody knows what I saw," said Okello.',
        '"I," said Okello, "was afraid."',
    ):
        sources = {source for source, _, _ in found(parsed, text)}
        assert "Okello" in sources, text


def test_quoted_paragraph_far_from_its_speaker_is_left_alone(parsed: Make) -> None:
    text = (
        '"The dam is safe," the mayor said.\n\nThe river rose all night.\n\n'
        'The rain went on.\n\nA wall broke.\n\n"Nobody has to leave the valley."'
    )
    assert not any("Nobody" in content for _, _, content in found(parsed, text))
