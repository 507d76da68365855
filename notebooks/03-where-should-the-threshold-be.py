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
# # Where should the threshold be?
#
# Where a false refusal costs what you say it costs, and never lower than the certificate allows for blocking.

# %%
from pathlib import Path

import numpy as np
import pandas as pd
from IPython.display import Markdown

import bawwab
from bawwab.learning.certify import allowed_errors
from bawwab.learning.measure import exact
from bawwab.stores.library import MessageClass, messages, read_library

model, metrics = bawwab.load_model(), bawwab.load_metrics()
library = tuple(v for v in read_library(Path("data/messages")) if v.name in {"ar", "en"})
some = [m for m in messages(library, fillings=1, seed=7) if m.form.label is not MessageClass.PROMOTIONAL][::3]
decisions = [bawwab.explain(m.text, model=model).decision for m in some]
scores = np.array([decision.score for decision in decisions])
held = np.array([decision.score >= decision.thresholds.throttle for decision in decisions])
abuse = np.array([m.form.label is MessageClass.FRAUD for m in some])
refused = {name: exact(int(held[rows].sum()), int(rows.sum())) for name, rows in (("service", ~abuse), ("fraud", abuse))}
blocked = [c for c in model.certificates.values() if c.block is not None]
enough = next(n for n in range(100, 4000) if allowed_errors(n, rate=0.002, confidence=0.95) >= 0)
captured = metrics["headline"]["captured"]
told = {kind: captured[f"{kind}_refused"] for kind in ("service", "fraud") if f"{kind}_refused" in captured}
Markdown(
    f"* By its score, {refused['service'].share:.1%} of {refused['service'].of} service messages of our library are refused and "
    f"{refused['fraud'].share:.1%} of {refused['fraud'].of} frauds: it was trained on them, so this flatters.\n"
    + "".join(f"* Of {f['of']} captured {kind} messages from sources it had not seen: {f['share']:.1%} ({f['low']:.1%}-{f['high']:.1%}).\n" for kind, f in told.items())
    + f"* Blocking on the model's word is certified for {len(blocked)} of {len(model.certificates)} classes of traffic; "
    f"{enough:,} legitimate messages without an error are needed for 0.2 %."
)

# %% [markdown]
# ## What does a threshold cost?
#
# For three opinions of what a false refusal is worth. The model has been trained on these wordings, so the curves flatter
# it; the dots are the cheapest thresholds.

# %%
bawwab.plot_costs(scores, abuse)

# %% [markdown]
# ## What may be blocked on the model's word alone?

# %%
pd.DataFrame(
    [
        {
            "traffic": c.traffic,
            "block from": "never" if c.block is None else f"{c.block:.3f}",
            "legitimate draws": c.legitimate,
            "false blocks": c.false_blocks,
            "basis": c.basis,
        }
        for c in model.certificates.values()
    ]
).set_index("traffic")

# %% [markdown]
# ## Who is hurt?
#
# Honest messages that the score alone refuses. Where the version has stored it: by models that had not seen the message,
# by category and standing of the sender; otherwise by kind, in our own library.

# %%
slices = metrics.get("slices", {}).get("labelled messages")
if slices:
    rows = [
        {"name": name, "who": "score refuses", **{key: found["refused"][key] for key in ("share", "low", "high", "of")}}
        for key in ("category", "standing")
        for name, found in slices[key].items()
    ]
else:
    kinds = np.array([m.form.kind for m in some])
    rows = [
        {"name": kind, "who": "score refuses", **exact(int(held[of].sum()), int(of.sum()))._asdict()}
        for kind in np.unique(kinds[~abuse])
        if (of := (kinds == kind) & ~abuse).any()
    ]
bawwab.plot_shares(pd.DataFrame(rows), x="honest messages")

# %% [markdown]
# ## Is a score the probability it says it is, and what did each group of signals add?

# %%
if "curves" in metrics:
    display(bawwab.plot_reliability(metrics), bawwab.plot_precision_recall(metrics), bawwab.plot_ablation(metrics))
