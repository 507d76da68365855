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
# Because its signals push the log-odds of abuse over a line, and each push is known exactly: the risk model is a sum
# of one table a signal. Below, one parcel-fee message is taken apart; then the same words from a bank that the
# platform vouches for, with the bank's own link; then the shape of every table.

# %%
import bawwab
from bawwab.core.events import SenderProfile

model = bawwab.load_model()
text = "Your parcel is held at our depot, unpaid customs fee SAR 11.50. Pay within 24h: https://sa-post-fee.top/pay/8x2k"
fraud = bawwab.explain(text, model=model)
fraud.signals.head(8)

# %%
bawwab.plot_contributions(fraud)

# %% [markdown]
# The pushes and the intercept add up to the score, to the last digit that a float has.

# %%
import math

total = model.risk.intercept + fraud.signals["contribution"].sum()
assert math.isclose(1 / (1 + math.exp(-total)), fraud.decision.score, rel_tol=1e-9)
fraud.decision.score

# %% [markdown]
# The same words from a carrier that the platform vouches for, with a link to its own domain.

# %%
carrier = SenderProfile(
    sender_id="carrier", verified=True, domains=("saudi-parcel.example.sa",), registered_at=1_700_000_000.0
)
own = text.replace("sa-post-fee.top", "pay.saudi-parcel.example.sa")
bawwab.plot_contributions(bawwab.explain(own, model=model, profile=carrier))

# %% [markdown]
# Every signal's table. Flat parts are values that make no difference; a signal that may only raise risk never falls.

# %%
bawwab.plot_shapes(model)
