# %% [markdown]
# # One's own codebook
# PLOVER has sixteen types of events. A study often needs one more distinction: here, who withholds the water of a
# river from whom, and who releases it. The sentences were written for this page.

# %%
from pathlib import Path

import pandas as pd

import whowhom
from whowhom.codebook.check import check

texts = [
    "Turkey closed the gates of the dam on Monday, Syria complained.",
    "Ethiopia cut off the flow of the river to Sudan for nine days.",
    "Turkey has released water to Iraq after months of talks.",
    "Sudan threatened to close the sluices of the dam if Egypt sends troops.",
    "Egypt denied that it had cut off the water of the canal.",
    "The gardener closed the gate of the park.",
]

# %% [markdown]
# ## What the shipped codebook makes of them


# %%
def told(coder):
    """What a coder makes of the texts; None is the shipped one."""
    rows = []
    for number, text in enumerate(texts, 1):
        for event in whowhom.code(text, date="1998-07-15", coder=coder):
            rows.append(
                {
                    "text": number,
                    "type": event.event_type,
                    "mode": event.mode,
                    "status": event.status,
                    "actors": ", ".join(p.country or p.text for p in event.actors),
                    "recipients": ", ".join(p.country or p.text for p in event.recipients),
                    "trigger": event.evidence.trigger.text,
                }
            )
    return pd.DataFrame(rows)


pd.set_option("display.width", 140)
before = told(None)
print(before.to_string(index=False))

# %% [markdown]
# ## An overlay
# A folder with two files. `codebook.toml` says that it lies over PLOVER; the other file has the new type. A frame is a meaning: the words that
# say it, who acts, on whom, and sentences that must and must not match. They are run as tests.

# %%
book = Path("river")
book.mkdir(exist_ok=True)
(book / "codebook.toml").write_text("""
name = "river"
version = "1"
extends = "plover"
""")
(book / "water.toml").write_text("""
type = "WATER"
quad = "material conflict"
score = -5.0
recipient = "optional"
definition = "One side withholds the water of a river or canal from another, or releases it."

[[mode]]
name = "withhold"
score = -5.0
definition = "Gates are closed, a flow is cut."
cues = []

[[mode]]
name = "release"
score = 5.0
definition = "Water is let through."
cues = []

[[frame]]
id = "cut-off"
verb = ["cut off", "cut", "block", "stop", "divert"]
object = ["water", "flow", "river"]
recipient = ["to", "from"]
mode = "withhold"
needs = "actor"
match = ["[Turkey] cut off the flow of the river to {Syria}.", "[Israel] diverted the river."]
reject = ["The plumber cut off the water."]

[[frame]]
id = "close-gates"
verb = ["close", "shut"]
object = ["gate", "sluice", "dam"]
near = ["dam", "river", "canal", "sluice"]
recipient = ["to", "against"]
mode = "withhold"
needs = "actor"
match = ["[Ethiopia] closed the gates of the dam.", "[Turkey] shut the sluices of the dam."]
reject = ["The guard closed the gate of the palace."]

[[frame]]
id = "release"
verb = ["release", "let through"]
object = ["water"]
recipient = ["to", "into"]
mode = "release"
needs = "actor"
match = ["[Turkey] released water to {Iraq}."]
reject = ["The police released the students."]
""")


def run_examples():
    report = check(book, ("WATER",))
    print(report.examples, "examples run,", len(report.problems), "problems")
    for problem in report.problems:
        print(problem)


run_examples()

# %% [markdown]
# The check has found a sentence that must not match and does: a plumber is no side of a dispute. The frame has to say
# who is: governments, armies, rebels. (In a shell the check is `whowhom codebook check river --type WATER`.)

# %%
text = (book / "water.toml").read_text()
frame = 'id = "cut-off"'
(book / "water.toml").write_text(
    text.replace(frame, frame + '\nactor_sector = ["GOV", "MIL", "REB"]')
)
run_examples()

# %% [markdown]
# ## What it changes

# %%
after = told(whowhom.Coder(codebook=book))
print(after[after.type == "WATER"].to_string(index=False))

# %% [markdown]
# What is threatened is `hypothetical` and what is denied `negated`; the gardener is no party to anything. What was found with the shipped
# codebook (`left_only`), with the overlay (`right_only`) and with both:

# %%
changed = before.merge(after, how="outer", indicator="found")
for found, rows in changed.groupby("found", observed=True):
    print(f"{found}: {', '.join(rows['type'])}")

# %% [markdown]
# Only `WATER` events, as a chart by status:

# %%
import altair as alt
from IPython.display import Image
from whowhom.show.charts import embed

water = after[after.type == "WATER"]
bars = (
    alt.Chart(water, title="Water, by status")
    .mark_bar()
    .encode(
        x=alt.X("count():Q", title="events", axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("status:N", title=None),
        color=alt.Color("mode:N", title=None),
    )
)
Image(embed.png(bars.properties(height=90), scale=1))
