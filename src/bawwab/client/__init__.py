"""A client of the gate, and what it does while the gate does not answer.

>>> from bawwab.client import Category, Client, Message, Verdict
>>> message = Message(
...     message_id="m-1",
...     sender_id="parcel-desk",
...     recipient_id="+966500000001",
...     category=Category.UTILITY,
...     text="Your parcel has arrived.",
... )
>>> with Client("http://127.0.0.1:8000") as gate:  # doctest: +SKIP
...     answer = gate.score(message)
...     if answer.verdict is Verdict.ALLOW:
...         send(message)

Attempts that fail for want of a connection or in time, or with 429 or 5xx, are made again with the
same ``message_id`` until the deadline; ``Retry-After`` is honoured. If there is still no answer,
`Client.score` gives a `LocalAnswer`: authentication, utility and service messages go out under a
cap of this client (200 at once, then 10 a second), marketing waits. `Outage` changes the numbers.
"""

from bawwab.client.async_client import AsyncClient
from bawwab.client.client import Client
from bawwab.client.errors import ClientError, RefusedError, UnreachableError
from bawwab.client.messages import (
    Answer,
    Appeal,
    AppealStatus,
    Certificate,
    DecidedMessage,
    Decision,
    DecisionRecord,
    Event,
    FieldError,
    LocalAnswer,
    Message,
    ModelCard,
    Problem,
    Profile,
    Rate,
    Reason,
    RecentReason,
    Report,
    Sender,
    Signal,
    Survey,
    Usage,
    UsageDay,
    UsageLine,
)
from bawwab.client.outage import Outage
from bawwab.core.decisions import (
    Advice,
    Limit,
    ModelName,
    Quality,
    ReasonCode,
    RiskLevel,
    Standing,
    TextScores,
    Thresholds,
    Verdict,
)
from bawwab.core.events import Category, OutcomeKind, ReportReason, Resolution

__all__ = [
    "Advice",
    "Answer",
    "Appeal",
    "AppealStatus",
    "AsyncClient",
    "Category",
    "Certificate",
    "Client",
    "ClientError",
    "DecidedMessage",
    "Decision",
    "DecisionRecord",
    "Event",
    "FieldError",
    "Limit",
    "LocalAnswer",
    "Message",
    "ModelCard",
    "ModelName",
    "Outage",
    "OutcomeKind",
    "Problem",
    "Profile",
    "Quality",
    "Rate",
    "Reason",
    "ReasonCode",
    "RecentReason",
    "RefusedError",
    "Report",
    "ReportReason",
    "Resolution",
    "RiskLevel",
    "Sender",
    "Signal",
    "Standing",
    "Survey",
    "TextScores",
    "Thresholds",
    "UnreachableError",
    "Usage",
    "UsageDay",
    "UsageLine",
    "Verdict",
]
