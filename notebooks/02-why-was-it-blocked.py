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
# # Why was it blocked?
#
# Because its signals push the log-odds of abuse over a line, and each push is known exactly: the risk model is a sum of
# one table a signal.

# %%
import math

import pandas as pd
from IPython.display import Markdown

import bawwab
from bawwab.core.events import SenderProfile

model = bawwab.load_model()
text = "Your parcel is held at our depot, unpaid customs fee SAR 11.50. Pay within 24h: https://sa-post-fee.top/pay/8x2k"
carrier = SenderProfile(
    sender_id="carrier", verified=True, domains=("saudi-parcel.example.sa",), registered_at=1_700_000_000.0
)
fraud = bawwab.explain(text, model=model)
own = text.replace("sa-post-fee.top", "pay.saudi-parcel.example.sa")
honest = bawwab.explain(own, model=model, profile=carrier)
top = fraud.signals.iloc[0]
Markdown(
    f"The message below is answered **{fraud.decision.verdict.value}** with a score of **{fraud.decision.score:.3f}** from a stranger; "
    f"its largest push is `{top['signal']}`, {top['contribution']:+.2f}. Nearly the same words from a carrier that the platform "
    f"vouches for, with its own link, score **{honest.decision.score:.3f}** and are answered **{honest.decision.verdict.value}**.\n\n> {text}"
)

# %% [markdown]
# ## One decision, taken apart

# %%
bawwab.plot_contributions(fraud)

# %%
fraud.signals.head(8).round(3)

# %% [markdown]
# The pushes and the intercept add up to the score, to the last digit that a float has.

# %%
total = model.risk.intercept + fraud.signals["contribution"].sum()
assert math.isclose(1 / (1 + math.exp(-total)), fraud.decision.score, rel_tol=1e-9)
pd.Series({"intercept": model.risk.intercept, "pushes": fraud.signals["contribution"].sum(), "score": fraud.decision.score}).round(6)

# %% [markdown]
# ## The same words from someone who may say them

# %%
bawwab.plot_contributions(honest)

# %% [markdown]
# ## The shape of every signal
#
# All on one scale. Flat parts are values that make no difference; a signal that may only raise risk never falls.

# %%
bawwab.plot_shapes(model)
