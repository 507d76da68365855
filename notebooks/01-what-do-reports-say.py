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
# That someone was annoyed, loudly and late. In a simulated platform, where the truth is known, few of the people who
# did not want a message report it, a quarter of the reports are about nothing, and half of them come after hours. The
# random survey says the same thing without shouting: its weighted answers are close to the truth.

# %%
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import bawwab

stream = Path("var/notebooks/quick.parquet")
if not stream.exists():
    command = [str(Path(sys.executable).parent / "bawwab"), "simulate", "--scenario", "quick", "--seed", "3", "-o", str(stream)]
    subprocess.run(command, check=True, capture_output=True)
log = bawwab.load_log(stream)
log["type"].value_counts()

# %% [markdown]
# How late do reports come? Counting what has come so far makes reports look early, since young messages can only have
# shown early ones.

# %%
sent = log[(log["type"] == "message") & (log["verdict"] == "allow")].drop_duplicates(["sender_id", "message_id"])
reports = log[(log["type"] == "report") & log["message_id"].notna()]
joined = reports.merge(sent[["sender_id", "message_id", "known_at"]], on=["sender_id", "message_id"], suffixes=("", "_sent"))
hours = (joined["known_at"] - joined["known_at_sent"]).dt.total_seconds().to_numpy() / 3600
ages = (log["known_at"].max() - sent["known_at"]).dt.total_seconds().to_numpy() / 3600
bawwab.plot_delays(hours, ages)

# %% [markdown]
# Do people want messages from businesses at all? The survey's answers, each weighted by the inverse of its chance of
# having been asked, beside what the reports alone would say, beside the truth.

# %%
truth = pd.read_parquet(stream.with_suffix(".truth.parquet"))
answers = log[(log["type"] == "survey") & log["wanted"].notna()].copy()
weight = 1 / answers["sampling_probability"]
unwanted = (~answers["wanted"].astype(bool)).astype(float)
survey = float((weight * unwanted).sum() / weight.sum())
delivered = truth.merge(sent[["sender_id", "message_id"]], on=["sender_id", "message_id"])
pd.Series(
    {
        "reports / messages": len(reports) / len(sent),
        "unwanted, by the survey": survey,
        "unwanted, in truth": float(1 - delivered["wanted"].mean()),
    }
).round(4)

# %% [markdown]
# And of what is reported, how much is abuse?

# %%
kinds = joined.merge(truth[["sender_id", "message_id", "role", "kind"]], on=["sender_id", "message_id"])
kinds.groupby("role").size().rename("reports").to_frame()
