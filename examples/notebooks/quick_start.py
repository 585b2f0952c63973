# %% [markdown]
# # Quick start
# `whowhom` reads news text and gives political events: who did what to whom, when, where, according to whom.
# Everything here runs on your machine, without the network. The sentences were written for this page.

# %%
import pandas as pd

import whowhom

text = """Kenyan police said rebels had attacked Garissa on Monday, killing 12 people.
Somalia denied that its troops took part. Kenya will send 500 soldiers to the border, the defence
minister announced, and the opposition demanded his resignation."""

events = whowhom.code(text, date="2014-06-18", outlet="The Example")
events

# %% [markdown]
# `events` is a sequence. `to_pandas()` gives a flat table, one row an event, with the columns of the CSV export.

# %%
pd.set_option("display.width", 140, "display.max_columns", 20, "display.max_colwidth", 40)
table = events.to_pandas()
print(table[["event_type", "status", "date", "actor_text", "recipient_text", "killed_low"]])

# %% [markdown]
# ## What happened, and what was only said
# The column `status` keeps apart what is told as a fact (`actual`) and what was planned, threatened, demanded or denied. The chain
# of who says so stands beside it. Count without looking at `status`, and you count announcements as deeds.

# %%
for event in events:
    says = " < ".join(
        f"{a.speaker.text if a.speaker else '?'} ({a.cue})" for a in event.attribution
    )
    print(f"{event.event_type:9} {event.status:12} {event.evidence.trigger.text:11} {says}")

# %% [markdown]
# ## Back to the words
# Every field opens the words that it came from. Offsets count in the text that you gave.

# %%
attack = next(event for event in events if event.event_type == "ASSAULT")
trigger = attack.evidence.trigger
print(text[trigger.start : trigger.end], "|", attack.why.rule)
for side, parties in (("actor", attack.actors), ("recipient", attack.recipients)):
    for party in parties:
        print(
            f"{side}: {text[party.start : party.end]!r}, {party.country} {party.sector}, by {party.resolved_by}"
        )
print("killed:", attack.magnitudes.killed, "| day:", attack.date, f"({attack.date_text})")

# %% [markdown]
# What was looked at and not coded is there too, each with its reason:

# %%
more = whowhom.code("The cabinet agreed to send aid to Kenya.")
print(more)
for rejection in more.rejections:
    print(f"{rejection.text!r}: {rejection.reason} ({rejection.rule})")

# %% [markdown]
# ## Many texts at once
# A list, a data frame, documents: anything that has a text. A text in another language is skipped by name, never coded as noise.

# %%
articles = pd.DataFrame(
    {
        "text": [
            "France and Germany signed a trade agreement on Tuesday.",
            "Protesters in Lagos burned tyres and blocked roads.",
            "Nigeria's president met union leaders and promised to lower the price of fuel.",
            "Die Regierung kündigte gestern an, dass sie die Verhandlungen mit der Opposition abbrechen wird.",
        ],
        "date": ["2012-01-11", "2012-01-12", "2012-01-16", "2012-01-17"],
        "outlet": ["One Paper", "One Paper", "Other Paper", "Other Paper"],
    }
)
several = whowhom.code(articles)
print(several.summary())
print([skipped.reason for skipped in several.skipped])

# %% [markdown]
# ## Other libraries
# The same events as a Polars frame (nested: parties are lists of structs), as a DuckDB relation to ask in SQL, as a NetworkX graph.

# %%
print(several.to_polars().select("event_type", "status", "actors").head(3))

# %%
several.to_duckdb(flat=True).aggregate("outlet, event_type, count(*) as n").order("1, 2").df()

# %%
graph = several.to_networkx()
for actor, recipient, fields in graph.edges(data=True):
    print(f"{actor} -> {recipient}: {fields['event_type']}, {fields['date']}")

# %% [markdown]
# To keep what was coded, and to go on after an interruption, code into a store: `whowhom code articles/ --store crisis --resume`.
# The notebook [a crisis](crisis.ipynb) starts from one.
