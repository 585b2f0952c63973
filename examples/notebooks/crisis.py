# %% [markdown]
# # A crisis
# Thirteen days in October 1962, told by four invented outlets in 65 short texts. The corpus comes with the package
# (the course of events is history, the wording is the project's own). When did the crisis turn, and do the papers agree?

# %%
import subprocess
import sys
from importlib.resources import files

import pandas as pd
from IPython.display import Image

import whowhom
from whowhom import analyse
from whowhom.analyse import Filter
from whowhom.show import charts
from whowhom.show.charts import embed

corpus = files("whowhom.data") / "examples" / "documents.jsonl"
# in a shell: whowhom code documents.jsonl --store crisis
command = [sys.executable, "-m", "whowhom", "code", str(corpus), "--store", "crisis"]
subprocess.run([*command, "--quiet", "--workers", "1"], check=True, capture_output=True)

store = whowhom.open("crisis")
analyse.names.use_era_of(store)  # the Soviet Union, not Russia
pd.set_option("display.width", 140, "display.max_columns", 20, "display.max_colwidth", 60)

# %% [markdown]
# ## Can I trust it?
# First what was read, and what share of it could be resolved.

# %%
quality = store.sql("select status, count(*) as documents from ledger group by 1 order by 1").df()
print(quality.to_string(index=False))
measures = analyse.quality(store).to_pandas()
shown = measures[
    measures.measure.isin(["parties_resolved", "events_dated", "attributed", "merged"])
]
print(shown[["measure", "count", "total"]].to_string(index=False))

# %% [markdown]
# ## Who deals with whom
# Counted are incidents: reports of one act by several papers count once. Only what is told as having happened counts.

# %%
pairs = analyse.pairs(store, limit=6).to_pandas()
pairs[["actor", "recipient", "count", "cooperation", "conflict"]]

# %%
nodes, edges = store.network()
Image(embed.png(charts.network(nodes, edges), scale=1))

# %% [markdown]
# The same as a NetworkX graph, for everything that NetworkX can do:

# %%
graph = store.to_networkx(directed=True)
acts = sorted(graph.out_degree(weight="weight"), key=lambda pair: (-pair[1], pair[0]))
print(acts[:4])

# %% [markdown]
# ## When did it turn?
# Every bar is a day: up is cooperation, down is conflict.

# %%
course = analyse.series(store, "USA", "RUS", by="day")
turns = analyse.changes(store, "USA", "RUS", "day")
Image(
    embed.png(charts.timeline(course, turns, between="United States and Soviet Union"), scale=1.5),
    width=680,
)

# %% [markdown]
# ## Do the papers agree?
# Figures that cannot all be right, each with who claims it.

# %%
figures = analyse.figures(store)
Image(embed.png(charts.figures(figures), scale=1))

# %%
disputed = figures.to_pandas()
disputed[["kind", "low", "high", "claimant", "first"]].head(6)

# %% [markdown]
# ## Back to the sentences
# No number without its words. Read them before you believe it: do these reports tell of one act? Where they do not, merging was wrong,
# and the figures are not disputed at all.

# %%
incident = disputed["incident"].iloc[0]
reports = store.to_pandas("reports")
mine = reports[reports["incident"] == incident].sort_values(["published", "outlet"])
for row in mine.itertuples():
    print(f"{row.published:%d %b} {row.outlet}: {row.text}")

# %% [markdown]
# ## What was threatened, planned, denied
# A filter with other statuses looks at what did not happen (or not yet).

# %%
threats = analyse.counts(
    store, Filter(statuses=("hypothetical", "future", "negated")), of=("status", "type")
)
threats.to_pandas()[["status", "event_type", "count"]].head(8)

# %%
store.close()
