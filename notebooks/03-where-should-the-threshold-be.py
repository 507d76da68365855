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
# Where a false refusal costs what you say it costs, and never lower than the certificate allows for blocking. With few
# legitimate messages at hand no block line can be certified at all: 598 without an error are needed for 0.5 %, 2,995
# for 0.1 %.

# %%
import numpy as np
import pandas as pd

import bawwab
from bawwab.core.events import Category
from bawwab.stores.library import MessageClass, messages, read_library
from pathlib import Path

model = bawwab.load_model()
library = tuple(v for v in read_library(Path("data/messages")) if v.name in {"ar", "en"})
some = [m for m in messages(library, fillings=1, seed=7) if m.form.label is not MessageClass.PROMOTIONAL][::3]
scores = np.array([bawwab.explain(m.text, model=model).decision.score for m in some])
abuse = np.array([m.form.label is MessageClass.FRAUD for m in some])
pd.Series({"messages": len(some), "fraud": int(abuse.sum()), "Arabic": sum(m.form.language == "ar" for m in some)})

# %% [markdown]
# The cost of every threshold, for three opinions of what a false refusal is worth. The model has been trained on these
# wordings, so the curves flatter it; the model card has the figures on sources it has not seen.

# %%
bawwab.plot_costs(scores, abuse)

# %% [markdown]
# What may be blocked on the model's word alone, class by class, and on what evidence.

# %%
pd.DataFrame(
    [
        {
            "traffic": c.traffic,
            "block from": c.block,
            "legitimate draws": c.legitimate,
            "false blocks": c.false_blocks,
            "basis": c.basis,
        }
        for c in model.certificates.values()
    ]
).set_index("traffic")

# %% [markdown]
# Who is hurt? Refused service messages by kind, at the policy's threshold.

# %%
service = pd.DataFrame(
    {"kind": [m.form.kind for m in some], "refused": scores >= 0.5, "fraud": abuse}
).query("not fraud")
service.groupby("kind")["refused"].agg(["sum", "count"]).sort_values("sum", ascending=False).head(8)
