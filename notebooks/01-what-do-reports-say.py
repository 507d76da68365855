# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What do reports say?
#
# That someone was annoyed, loudly and late. The figures below are of one simulated platform, where the truth is known.

# %%
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from IPython.display import Markdown

import bawwab
from bawwab.learning.measure import exact

stream = Path("var/notebooks/quick.parquet")
if not stream.exists():
    command = [str(Path(sys.executable).parent / "bawwab"), "simulate", "--scenario", "quick", "--seed", "3", "-o", str(stream)]
    subprocess.run(command, check=True, capture_output=True)
keys = ["sender_id", "message_id"]
log = bawwab.load_log(stream)
truth = pd.read_parquet(stream.with_suffix(".truth.parquet"))
sent = log[(log["type"] == "message") & (log["verdict"] == "allow")].drop_duplicates(keys)
delivered = sent[[*keys, "known_at", "category"]].merge(truth, on=keys)
reports = log[(log["type"] == "report") & log["message_id"].notna() & log["retract"].ne(True)]
joined = reports[[*keys, "known_at"]].merge(delivered, on=keys, suffixes=("", "_sent"))
answers = log[(log["type"] == "survey") & log["wanted"].notna()].merge(delivered[[*keys, "category", "role", "kind"]], on=keys, suffixes=("_asked", ""))
hours = (joined["known_at"] - joined["known_at_sent"]).dt.total_seconds().to_numpy() / 3600
unwanted = ~delivered["wanted"].astype(bool)
heard = delivered[unwanted].merge(joined[keys].drop_duplicates(), on=keys)

Markdown(
    f"* Of {unwanted.sum():,} messages that nobody wanted, **{len(heard) / unwanted.sum():.1%}** were reported.\n"
    f"* **{(joined['role'] == 'honest').mean():.0%}** of {len(joined):,} reports are about honest senders.\n"
    f"* Half of the reports come after **{np.median(hours):.1f} hours**, a tenth after {np.quantile(hours, 0.9) / 24:.1f} days.\n"
    f"* {len(answers):,} people answered the survey: one answer for {len(delivered) / len(answers):.0f} messages."
)

# %% [markdown]
# ## Do users want messages from businesses at all?
#
# The truth, what the survey says (each answer weighted by the inverse of its chance of having been asked), and what the
# reports alone would say, by what the message was declared as.


# %%
def shares(name, rows, asked, told):
    """Truth, survey and reports of one group, with 95 % intervals."""
    weight = 1 / asked["sampling_probability"]
    effective = int(weight.sum() ** 2 / (weight**2).sum()) if len(asked) else 0
    unwanted = (weight * ~asked["wanted"].astype(bool)).sum() / weight.sum() if len(asked) else 0.0
    found = {
        "truth": exact(int((~rows["wanted"].astype(bool)).sum()), len(rows)),
        "survey": exact(round(unwanted * effective), effective),
        "reports": exact(len(told), len(rows)),
    }
    return [{"name": name, "who": who, "share": f.share, "low": f.low, "high": f.high, "of": len(rows)} for who, f in found.items()]


by_category = [
    row
    for name in ("authentication", "utility", "service", "marketing")
    for row in shares(name, *(table[table["category"] == name] for table in (delivered, answers, joined)))
]
bawwab.plot_shares(pd.DataFrame(by_category), x="messages unwanted")

# %% [markdown]
# People want codes and alerts, mostly; marketing divides them. Reports are a small part of what is unwanted everywhere.
# The same by who sent it:

# %%
by_role = [
    row
    for name in ("honest", "abusive")
    for row in shares(name, *(table[table["role"] == name] for table in (delivered, answers, joined)))
]
bawwab.plot_shares(pd.DataFrame(by_role), x="messages unwanted")

# %% [markdown]
# ## How late do reports come?
#
# Counting what has come so far makes reports look early, since young messages can only have shown early ones.

# %%
ages = (log["known_at"].max() - sent["known_at"]).dt.total_seconds().to_numpy() / 3600
bawwab.plot_delays(hours, ages)

# %% [markdown]
# ## What is reported?

# %%
kinds = joined.groupby(["role", "kind"]).size().rename("reports").reset_index()
kinds["messages"] = [int(((delivered["role"] == role) & (delivered["kind"] == kind)).sum()) for role, kind in zip(kinds["role"], kinds["kind"])]
kinds["reports per 1,000"] = (1000 * kinds["reports"] / kinds["messages"]).round(1)
kinds.sort_values("reports per 1,000", ascending=False).head(12).reset_index(drop=True)
