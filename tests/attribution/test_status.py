"""Minimal pairs: the same act told, denied, planned, wished for, dated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from whowhom.attribution import find_statements, judge
from whowhom.model import Judgement, Parsed, Parties, When

Make = Callable[..., Parsed]


def token_at(parsed: Parsed, trigger: str) -> int:
    """Index of the trigger: the word between brackets was taken out of the sentence."""
    start = parsed.reading.text.index(trigger)
    for token in parsed.doc:
        if token.idx >= start:
            return token.i
    raise AssertionError(trigger)


def judged(make: Make, sentence: str, event_type: str = "ASSAULT", date: str | None = None,
           **more: object) -> Judgement:  # fmt: skip
    """The judgement on the word in square brackets."""
    before, _, rest = sentence.partition("[")
    trigger, _, after = rest.partition("]")
    parsed = make(before + trigger + after, date=date)
    token = next(t.i for t in parsed.doc if t.idx + len(t) > len(before))
    return judge(
        parsed, Parties(), find_statements(parsed, Parties()), token,
        event_type=event_type, **more,  # type: ignore[arg-type]
    )  # fmt: skip


# --- the act in a main clause ------------------------------------------------
CLAUSES = [
    ("actual", "Kenyan troops [attacked] the camp on Tuesday."),
    ("actual", "Kenyan troops have [attacked] the camp."),
    ("actual", "The camp was [attacked] by Kenyan troops."),
    ("negated", "Kenyan troops did not [attack] the camp."),
    ("negated", "Kenyan troops have never [attacked] the camp."),
    ("negated", "Kenyan troops no longer [attack] the camp."),
    ("negated", "The camp was not [attacked] by Kenyan troops."),
    ("negated", "Nobody [attacked] the camp."),
    ("negated", "No soldiers [attacked] the camp."),
    ("negated", "Neither army [attacked] the camp."),
    ("negated", "The soldiers neither [attacked] nor left the camp."),
    ("actual", "Kenyan troops not only [attacked] the camp but also burned it."),
    ("actual", "Not only Kenyan troops [attacked] the camp."),
    ("future", "Kenyan troops will [attack] the camp."),
    ("negated", "Kenyan troops will not [attack] the camp."),
    ("negated", "Kenyan troops won't [attack] the camp."),
    ("future", "Kenyan troops are going to [attack] the camp."),
    ("negated", "Kenyan troops are not going to [attack] the camp."),
    ("hypothetical", "Kenyan troops would [attack] the camp."),
    ("hypothetical", "Kenyan troops could [attack] the camp."),
    ("hypothetical", "Kenyan troops may [attack] the camp."),
    ("hypothetical", "Kenyan troops might [attack] the camp."),
    ("hypothetical", "Kenyan troops might not [attack] the camp."),
    ("hypothetical", "Kenyan troops should [attack] the camp."),
    ("hypothetical", "Kenyan troops must [attack] the camp."),
    ("hypothetical", "Kenyan troops should have [attacked] the camp."),
    ("hypothetical", "Perhaps Kenyan troops [attacked] the camp."),
    ("negated", "Kenyan troops nearly [attacked] the camp."),
    ("hypothetical", "Did Kenyan troops [attack] the camp?"),
    ("hypothetical", "[Attack] the camp at dawn."),
    ("future", "Kenyan troops to [attack] camp"),
]  # fmt: skip

# --- under another verb ------------------------------------------------------
EMBEDDED = [
    ("actual", "The rebels managed to [capture] the bridge."),
    ("negated", "The rebels did not manage to [capture] the bridge."),
    ("negated", "The rebels failed to [capture] the bridge."),
    ("actual", "The rebels did not fail to [capture] the bridge."),
    ("negated", "The rebels refused to [release] the pilot."),
    ("negated", "The rebels declined to [release] the pilot."),
    ("negated", "The rebels avoided [killing] the pilot."),
    ("negated", "The army prevented the rebels from [killing] the pilot."),
    ("actual", "The army forced the rebels to [release] the pilot."),
    ("actual", "The army helped the rebels [capture] the bridge."),
    ("actual", "The rebels began to [shell] the port."),
    ("actual", "The rebels had to [release] the pilot."),
    ("hypothetical", "The rebels have to [release] the pilot."),
    ("hypothetical", "The rebels need to [release] the pilot."),
    ("hypothetical", "The rebels tried to [capture] the bridge."),
    ("hypothetical", "The rebels want to [capture] the bridge."),
    ("hypothetical", "The rebels threatened to [kill] the pilot."),
    ("future", "The rebels promised to [release] the pilot."),
    ("future", "The rebels agreed to [release] the pilot."),
    ("future", "The rebels plan to [release] the pilot."),
    ("negated", "The rebels do not plan to [release] the pilot."),
    ("future", "The rebels are scheduled to [release] the pilot."),
    ("future", "The rebels are due to [release] the pilot on Friday."),
    ("future", "The rebels are set to [release] the pilot."),
    ("future", "The two presidents are to [meet] in Lima."),
    ("hypothetical", "Manila urged the rebels to [release] the pilot."),
    ("hypothetical", "Manila urged the rebels not to [kill] the pilot."),
    ("hypothetical", "Manila demanded that the rebels [release] the pilot."),
    ("hypothetical", "Manila asked the rebels to [release] the pilot."),
    ("hypothetical", "The rebels were ordered to [release] the pilot."),
    ("hypothetical", "The rebels considered [killing] the pilot."),
    ("hypothetical", "The rebels are likely to [kill] the pilot."),
    ("negated", "The rebels were unable to [capture] the bridge."),
    ("hypothetical", "The rebels marched north to [capture] the bridge."),
    ("hypothetical", "If the rebels [capture] the bridge, the town falls."),
    ("hypothetical", "The town falls unless the army [retakes] the bridge."),
    ("hypothetical", "It is not known whether the rebels [captured] the bridge."),
    ("negated", "The rebels crossed the river without [killing] anyone."),
    ("actual", "After [capturing] the bridge, the rebels rested."),
    ("actual", "The rebels attacked the town, [killing] nine people."),
    ("hypothetical", "The rebels could attack the town, [killing] many people."),
    ("actual", "The rebels who [captured] the bridge may leave."),
    ("actual", "The rebels may leave because the army [captured] the bridge."),
    ("hypothetical", "Peru fears that the rebels [captured] the bridge."),
    ("hypothetical", "Peru hopes the rebels [release] the pilot."),
    ("negated", "The general stopped short of [condemning] the raid."),
    ("actual", "The rebels captured the bridge and [burned] it."),
    ("negated", "The rebels did not capture the bridge or [burn] it."),
    ("future", "The rebels will capture the bridge and [burn] it."),
    ("hypothetical", "They plotted to seize the ship and [kill] the captain."),
    ("actual", "The rebels will leave, and the army [captured] the bridge."),
    ("negated", "Instead of [releasing] the pilot, the rebels fled."),
    ("actual", "It was the first country to [ratify] the treaty."),
    ("hypothetical", "The army made an attempt to [capture] the bridge."),
    ("future", "The army announced a plan to [withdraw] from the valley."),
    ("hypothetical", "The army has the right to [withdraw] from the valley."),
]  # fmt: skip

# --- said by somebody --------------------------------------------------------
SAID = [
    ("actual", "Tunis said gunmen [killed] two guards."),
    ("actual", "Tunis did say that gunmen [killed] two guards."),
    ("hypothetical", "Tunis did not say that gunmen [killed] two guards."),
    ("actual", "Tunis did not know that gunmen [killed] two guards."),
    ("negated", "Tunis denied that its troops [killed] two guards."),
    ("negated", "Tunis denied [killing] two guards."),
    ("negated", "Tunis said gunmen did not [kill] two guards."),
    ("actual", "Tunis accused gunmen of [killing] two guards."),
    ("hypothetical", "Two men are accused of [killing] two guards."),
    ("future", "Tunis said it would [send] troops to the border."),
    ("negated", "Tunis said it would not [send] troops to the border."),
    ("hypothetical", "Tunis said it would [send] troops if the truce failed."),
    ("future", "Tunis said it will [send] troops to the border."),
    ("hypothetical", "Officials say the plan would [require] new troops."),
    ("hypothetical", "Tunis may claim that gunmen [killed] two guards."),
    ("actual", "Gunmen are reported to have [killed] two guards."),
    ("hypothetical", "Gunmen allegedly [killed] two guards."),
]  # fmt: skip

# --- events that nouns carry -------------------------------------------------
NOUNS = [
    ("actual", "The navy launched an [attack] on the harbour."),
    ("future", "The navy will launch an [attack] on the harbour."),
    ("negated", "The navy did not launch an [attack] on the harbour."),
    ("hypothetical", "The navy could launch an [attack] on the harbour."),
    ("negated", "There was no [attack] on the harbour."),
    ("hypothetical", "The navy warned of a possible [attack] on the harbour."),
    ("hypothetical", "The mayor spoke of the threat of an [attack] on the harbour."),
    ("hypothetical", "The opposition called for a [boycott] of the vote."),
    ("future", "The opposition announced a planned [boycott] of the vote."),
    ("hypothetical", "Police uncovered an [attack] plot."),
    ("negated", "The foiled [attack] was aimed at the harbour."),
    ("negated", "Troops entered the town without an [attack]."),
    ("actual", "The mayor condemned the [attack] on the harbour."),
    ("actual", "The mayor will condemn the [attack] on the harbour."),
    ("hypothetical", "The mayor demanded the [release] of the sailors."),
    ("negated", "No [talks] took place in Oslo."),
    ("actual", "[Talks] took place in Oslo."),
    ("future", "[Talks] will take place in Oslo."),
    ("future", "[Talks] are expected to begin in Oslo."),
    ("actual", "A series of [attacks] struck the harbour."),
    ("hypothetical", "They fear a series of [attacks] on the harbour."),
    ("actual", "He claimed responsibility for the [attack]."),
    ("hypothetical", "It could trigger a [strike] at the port."),
]  # fmt: skip


@pytest.mark.parametrize(("status", "sentence"), CLAUSES)
def test_clause(parsed: Make, status: str, sentence: str) -> None:
    result = judged(parsed, sentence)
    assert result.status == status, result.reasons
    assert (result.status == "actual") == (not result.reasons)


@pytest.mark.parametrize(("status", "sentence"), EMBEDDED)
def test_embedded(parsed: Make, status: str, sentence: str) -> None:
    result = judged(parsed, sentence)
    assert result.status == status, result.reasons


@pytest.mark.parametrize(("status", "sentence"), SAID)
def test_said(parsed: Make, status: str, sentence: str) -> None:
    result = judged(parsed, sentence)
    assert result.status == status, result.reasons


@pytest.mark.parametrize(("status", "sentence"), NOUNS)
def test_noun(parsed: Make, status: str, sentence: str) -> None:
    result = judged(parsed, sentence)
    assert result.status == status, result.reasons


# --- more of the same, from other trades --------------------------------------
FURTHER = [
    ("future", "Ministers from Mali will hold [talks] with Niger on Friday."),
    ("future", "The court is expected to [sentence] the general next week."),
    ("hypothetical", "The union warned it could [strike] over pay."),
    ("future", "The union said it would [strike] on Monday."),
    ("hypothetical", "Its leader called on farmers to [block] the roads."),
    ("hypothetical", "Farmers were urged to [block] the roads."),
    ("actual", "Farmers [blocked] the roads to demand fuel."),
    ("hypothetical", "Farmers blocked the roads to [demand] fuel."),
    ("hypothetical", "There were calls for the president to [resign]."),
    ("hypothetical", "The council is considering whether to [impose] sanctions."),
    ("future", "The council has decided to [impose] sanctions."),
    ("negated", "The council has yet to [impose] sanctions."),
    ("actual", "The council voted to [impose] sanctions."),
    ("actual", "The council went on to [impose] sanctions."),
    ("hypothetical", "It was meant to [protect] the village."),
    ("actual", "Rebels denied involvement in the [attack]."),
    ("negated", "Rebels denied any [attack] on the village."),
    ("negated", "Officials ruled out a military [strike]."),
    ("hypothetical", "He was charged with [murdering] a reporter."),
    ("actual", "He was convicted of [murdering] a reporter."),
    ("hypothetical", "He was suspected of [murdering] a reporter."),
    ("hypothetical", "He was arrested on suspicion of [murdering] a reporter."),
    ("actual", "He was jailed for [murdering] a reporter."),
    ("negated", "The army said it had not [bombed] the village."),
    ("negated", "Not a single soldier [entered] the village."),
    ("negated", "None of the soldiers [entered] the village."),
    ("negated", "Few believed it, and nobody was [killed]."),
    ("actual", "Nobody doubts that the army [bombed] the village."),
    ("hypothetical", "The envoys doubt that the army [bombed] the village."),
    ("hypothetical", "Any [attack] on us will be answered."),
    ("hypothetical", "In the event of an [attack], the dam will be opened."),
    ("hypothetical", "Had the army [attacked], the town would have fallen."),
    ("hypothetical", "It is feared that the army [killed] them."),
    ("actual", "The ship arrived, [delivering] aid."),
    ("actual", "As the army [attacked], people fled."),
    ("hypothetical", "Rumours of a [coup] spread."),
    ("hypothetical", "Fears of an [invasion] grew."),
    ("hypothetical", "The president ordered troops to [seize] the port."),
    ("hypothetical", "It offered to [mediate] in the dispute."),
    ("actual", "The minister said that he had been [arrested]."),
    ("hypothetical", "If elected, he would [expel] the envoy."),
    ("future", "The prince is about to [visit] Amman."),
    ("future", "The prince was to [visit] Amman on Sunday."),
    ("future", "The prince's [visit] to Amman is scheduled for Sunday."),
    ("future", "A [visit] to Amman is planned."),
    ("negated", "A planned [visit] to Amman was cancelled."),
    ("negated", "The prince cancelled his [visit] to Amman."),
    ("negated", "The prince called off his [visit] to Amman."),
    ("hypothetical", "The regime may have [killed] thousands."),
    ("hypothetical", "The regime is alleged to have [killed] thousands."),
    ("actual", "The regime is said to have [killed] thousands."),
    ("negated", "It is not true that the army [bombed] the village."),
    ("negated", "It is false that the army [bombed] the village."),
    ("negated", "The army has not yet [entered] the village."),
    ("actual", "The army has since [entered] the village."),
    ("hypothetical", "Let us [march] on the capital."),
    ("hypothetical", "It is time to [march] on the capital."),
    ("actual", "It cannot be denied that the army [attacked]."),
    ("hypothetical", "The envoy did not deny that the army [attacked]."),
    ("negated", "He could not [attack] the town."),
    ("hypothetical", "It spread fear of a national [strike]."),
    ("hypothetical", "They whipped up a mood for a general [strike]."),
    ("actual", "They jailed two men for an [attack] on a bank."),
    ("actual", "The goal of the visit was reached after they [met]."),
    ("hypothetical", "The goal is to [free] the hostages."),
    ("hypothetical", "It is vital to [free] the hostages."),
    ("actual", "The use of [force] shocked the valley."),
    ("hypothetical", "The army waited for the rebels to [leave]."),
    ("negated", "The guards neither [shot] at the crowd nor left."),
    ("negated", "The pact was not signed, nor was the border [opened]."),
    ("actual", "By [closing] the border, Chad broke the pact."),
]  # fmt: skip


@pytest.mark.parametrize(("status", "sentence"), FURTHER)
def test_further(parsed: Make, status: str, sentence: str) -> None:
    result = judged(parsed, sentence)
    assert result.status == status, result.reasons


# --- far back ------------------------------------------------------------------
PAST = [
    ("historical", "Brazil [invaded] the province in 1866."),
    ("historical", "Brazil [signed] the pact in the 1980s."),
    ("historical", "Brazil [signed] the pact three years ago."),
    ("historical", "Brazil [signed] the pact decades ago."),
    ("historical", "Brazil [signed] the pact six months ago."),
    ("actual", "Brazil [signed] the pact two months ago."),
    ("actual", "Brazil [signed] the pact in May 2004."),
    ("historical", "Brazil [signed] the pact in January 2004."),
    ("historical", "Brazil [signed] the pact in November."),
    ("actual", "Brazil [signed] the pact in June."),
    ("historical", "Brazil once [ruled] the province."),
    ("historical", "Brazil [fought] the rebels for decades."),
    ("historical", "Brazil [signed] the pact last year."),
    ("actual", "Brazil has [fought] the rebels since 1999."),
    ("historical", "In 1999 Brazil said it had [signed] the pact."),
    ("historical", "Relations [thawed] and ties were restored in 1999."),
    ("actual", "Brazil [signed] the pact, which was drafted in 1999."),
    ("future", "Brazil will [sign] the pact of 1999."),
    ("actual", "Brazil [signed] the pact on Monday."),
    ("historical", "In 1999 the treaty was signed. Brazil [left] the union."),
    ("actual", "In 1999 the treaty was signed. Brazil [left] the union on Monday."),
]  # fmt: skip


@pytest.mark.parametrize(("status", "sentence"), PAST)
def test_past(parsed: Make, status: str, sentence: str) -> None:
    result = judged(parsed, sentence, event_type="COOPERATE", date="2004-06-20")
    assert result.status == status, result.reasons


@pytest.mark.parametrize(
    ("day", "status"),
    [("2004-03-19", "historical"), ("2004-03-20", "actual"), ("2004-06-19", "actual")],
)
def test_date_of_the_event_decides(parsed: Make, day: str, status: str) -> None:
    when = When(date=dt.date.fromisoformat(day), date_from="text")
    result = judged(
        parsed, "Brazil [signed] the pact.", event_type="COOPERATE", date="2004-06-20", when=when
    )
    assert result.status == status


def test_the_limit_is_a_setting(parsed: Make) -> None:
    when = When(date=dt.date(2004, 6, 1), date_from="text")
    result = judged(parsed, "Brazil [signed] it.", date="2004-06-20", when=when, historical_days=10)
    assert result.status == "historical"
    assert result.reasons == ("date:2004-06-01",)


# --- speech acts ---------------------------------------------------------------
ACTS = [
    ("REQUEST", "actual", "Chad [demanded] that the rebels leave."),
    ("REQUEST", "negated", "Chad did not [demand] that the rebels leave."),
    ("REQUEST", "future", "Chad will [demand] that the rebels leave."),
    ("THREATEN", "actual", "Chad [threatened] to expel the envoy."),
    ("ACCUSE", "actual", "Chad [accused] the rebels of murder."),
    ("AGREE", "actual", "Chad [agreed] to withdraw its troops."),
    ("REJECT", "actual", "Chad [rejected] the offer."),
    ("REJECT", "negated", "Chad did not [reject] the offer."),
    ("REJECT", "actual", "Chad will not [accept] the offer."),
    ("THREATEN", "actual", "Chad would not [tolerate] the raids."),
    ("SANCTION", "negated", "Chad will not [tolerate] the raids."),
    ("COERCE", "future", "Chad [plans] to close the border."),
    ("ACCUSE", "actual", "\"The vote was not [fair],\" the bishop said."),
    ("SUPPORT", "actual", "\"She will be a great [leader],\" the bishop said."),
]  # fmt: skip


@pytest.mark.parametrize(("event_type", "status", "sentence"), ACTS)
def test_speech_act(parsed: Make, event_type: str, status: str, sentence: str) -> None:
    result = judged(parsed, sentence, event_type=event_type)
    assert result.status == status, result.reasons


def test_hint_yields_to_negation_only(parsed: Make) -> None:
    plain = judged(parsed, "Chad threatened to [expel] the envoy.", hint="hypothetical")
    assert plain.status == "hypothetical"
    assert plain.reasons[0] == "construction"
    assert judged(parsed, "Chad [expelled] the envoy.", hint="future").status == "future"
    assert judged(parsed, "Chad did not [expel] the envoy.", hint="future").status == "negated"
    assert (
        judged(parsed, "If Chad does not [expel] him, he stays.", hint="future").status == "future"
    )


def test_words_of_the_frame_make_the_act(parsed: Make) -> None:
    sentence = "Chad said the council would not accept the offer."
    doc = parsed(sentence)
    words = tuple(t.i for t in doc.doc if t.text in ("would", "not", "accept"))
    token = next(t.i for t in doc.doc if t.text == "accept")
    statements = find_statements(doc, Parties())
    act = judge(doc, Parties(), statements, token, event_type="REJECT", words=words)
    assert act.status == "actual"
    fact = judge(doc, Parties(), statements, token, event_type="COOPERATE", words=words)
    assert fact.status == "negated"


def test_reasons_name_the_word(parsed: Make) -> None:
    assert judged(parsed, "Chad would [expel] the envoy.").reasons == ("modal:would",)
    assert judged(parsed, "Chad did not [expel] the envoy.").reasons == ("negation:not",)
    assert judged(parsed, "Chad threatened to [expel] him.").reasons == ("under:threaten",)
