"""What leaves the log: its tables, column by column, and how a record becomes a row of one.

Names are those of the simulated event stream where the two hold the same thing. Two times stand
in every table: ``known_at``, when the platform learned of it, and ``occurred_at``, when it
happened (as whoever told it said; where nobody did, ``known_at``).
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from bawwab.core.records import Decided, Happened, Profiled, Record, Reported, Resolved, Surveyed
from bawwab.core.signals import CATALOGUE, CATALOGUE_DIGEST, NAMES

PREFIX = "signal_"
_TEXT, _REAL, _FLAG, _WHOLE = pa.string(), pa.float64(), pa.bool_(), pa.int64()
_LIST = pa.list_(pa.string())


class Column(NamedTuple):
    """A column: its name, its type, what it means."""

    name: str
    type: pa.DataType
    meaning: str


class Table(NamedTuple):
    """A table: its name, the kind of record it is made of, its columns, and a row's values in their order."""

    name: str
    about: str
    kind: type
    columns: tuple[Column, ...]
    values: Callable[[Any], Sequence[object]]

    @property
    def schema(self) -> pa.Schema:
        """As pyarrow wants it."""
        return pa.schema([(column.name, column.type) for column in self.columns])


_COMMON = (
    Column("seq", _WHOLE, "number in the log, which is the order in which things became known"),
    Column("known_at", _REAL, "when the platform learned of it, Unix seconds"),
    Column("occurred_at", _REAL, "when it happened, as it was told; else `known_at`"),
)
_SENDER = Column("sender_id", _TEXT, "sender")
_RECIPIENT = Column("recipient", _TEXT, "recipient's pseudonym, never the platform's id")
_MESSAGE = Column("message_id", _TEXT, "message, with `sender_id`; null where none was named")
_PAIR = (_SENDER, _RECIPIENT, _MESSAGE)
_OWNER = Column("owner", _TEXT, "under whom limits and standing are shared")
_COUNTED = Column("counted", _FLAG, "whether the sender had messaged this person before")


def row_of(seq: int, record: Record) -> tuple[str, tuple[object, ...]] | None:
    """Table and values of a record; None for what no table holds."""
    table = _TABLE_OF.get(type(record))
    return None if table is None else (table.name, (seq, *table.values(record)))


# --- decisions -------------------------------------------------------------------------------

_DECISION = (
    *_COMMON,
    Column("decision_id", _TEXT, "decision"),
    *_PAIR,
    _OWNER,
    Column("category", _TEXT, "declared category"),
    Column("text", _TEXT, "what the log kept of the text: masked, full, or empty"),
    Column("language", _TEXT, "as the request said"),
    Column("template_id", _TEXT, "as the request said"),
    Column("campaign_id", _TEXT, "as the request said"),
    Column("opted_in", _FLAG, "as the request said"),
    Column("recipient_region", _TEXT, "as the request said"),
    Column("last_inbound_at", _REAL, "as the request said"),
    Column("verdict", _TEXT, "`allow`, `throttle`, `block`"),
    Column("reason", _TEXT, "code of what decided; null for an unremarked `allow`"),
    Column("reasons", _LIST, "all codes, the deciding one first"),
    Column("nature", _TEXT, "`pace`, `content`, `conduct`, `recipient`, `service`; empty for an `allow`"),
    Column("advice", _TEXT, "what the caller was told to do"),
    Column("retry_after", _REAL, "seconds, for a `throttle`"),
    Column("score", _REAL, "probability of abuse"),
    Column("fraud", _REAL, "what the words alone say (`text_scores`)"),
    Column("promotional", _REAL, "the same"),
    Column("service", _REAL, "the same"),
    Column("risk_level", _TEXT, "`low`, `elevated`, `high`, `not_assessed`"),
    Column("throttle_from", _REAL, "score from which it would be held"),
    Column("block_from", _REAL, "score from which it would be blocked; null without a certificate"),
    Column("quota", _WHOLE, "messaging limit; null where unlimited"),
    Column("remaining", _WHOLE, "what was left of it"),
    Column("quality", _TEXT, "quality rating of the owner"),
    Column("tier", _TEXT, "its tier"),
    Column("model", _TEXT, "version of the model that spoke"),
    Column("model_digest", _TEXT, "its digest"),
    Column("policy", _TEXT, "version of the policy"),
    Column("degraded", _FLAG, "whether a fail mode decided"),
    Column("first_attempt", _FLAG, "false where the same message was asked about again"),
    Column("first_refused_at", _REAL, "when the message was first asked about"),
    Column("wording", _TEXT, "wording it belongs to"),
    Column("campaign", _TEXT, "campaign it belongs to"),
    Column("new_wording", _FLAG, "first of its wording"),
    Column("domains", _LIST, "linked domains that are not the sender's"),
    Column("new_contact", _FLAG, "leads to a link, number or address that its owner had led nobody to"),
    Column("flagged", _FLAG, "counted as risky in the sequential test"),
    Column("marketing", _FLAG, "counted as marketing"),
    Column("new_recipient", _FLAG, "the sender had not written to this person within a month"),
    Column("counts_towards_limit", _FLAG, "business-initiated"),
    Column("paced", _FLAG, "let out as one of a first few"),
    Column("evidence", _REAL, "what it added to the owner's sequential test"),
    Column("propensity", _REAL, "probability with which chance took this side; 1 where it had no part"),
    Column("fee_micros", _WHOLE, "price of an allowed message when it was sent, millionths of the currency"),
    Column("currency", _TEXT, "currency of the fee"),
    Column("catalogue", _TEXT, "digest of the catalogue its signals are of"),
    *(Column(PREFIX + s.name, _REAL, f"{s.meaning.rstrip('.')} ({s.unit})") for s in CATALOGUE),
)
_UNNAMED = (None,) * len(NAMES)


def _decision(record: Decided) -> Sequence[object]:
    message, decision = record.message, record.decision
    return (
        *_times(record.now, message.occurred_at),
        decision.decision_id,
        *_pair(message),
        record.owner,
        message.category.value,
        message.text,
        message.language,
        message.template_id,
        message.campaign_id,
        message.opted_in,
        message.recipient_region,
        message.last_inbound_at,
        decision.verdict.value,
        decision.reasons[0].code.value if decision.reasons and record.nature else None,
        [reason.code.value for reason in decision.reasons],
        record.nature,
        decision.advice.value,
        decision.retry_after_seconds,
        decision.score,
        decision.text_scores.fraud,
        decision.text_scores.promotional,
        decision.text_scores.service,
        decision.risk_level.value,
        decision.thresholds.throttle,
        decision.thresholds.block,
        decision.limit.quota,
        decision.limit.remaining,
        decision.sender.quality.value,
        decision.sender.tier,
        decision.model.version,
        decision.model.digest,
        decision.policy_version,
        decision.degraded,
        record.first_attempt,
        record.first_refused_at,
        record.template,
        record.campaign,
        record.new_wording,
        record.domains,
        record.new_contact,
        record.flagged,
        record.marketing,
        record.new_recipient,
        record.counts_towards_limit,
        record.paced,
        record.evidence,
        record.propensity,
        *((None, None) if record.fee is None else (record.fee.micros, record.fee.currency)),
        record.catalogue,
        *(record.signals if record.catalogue == CATALOGUE_DIGEST else _UNNAMED),
    )


# --- feedback --------------------------------------------------------------------------------

_REPORT = (
    *_COMMON,
    *_PAIR,
    Column("report_id", _TEXT, "report"),
    Column("report_reason", _TEXT, "`spam`, `fraud`, `block`, `not_interested`, `not_spam`"),
    Column("retract", _FLAG, "takes an earlier report back"),
    Column("weight", _REAL, "what the gate counted it for; 0 from someone never messaged, or over a cap"),
    Column("owner", _TEXT, "whom it counted against; null where it counted for nothing"),
    Column("wording", _TEXT, "wording it counted against"),
    Column("campaign", _TEXT, "campaign it counted against"),
)


def _report(record: Reported) -> Sequence[object]:
    report, effect = record.report, record.effect
    return (
        *_times(record.now, report.reported_at),
        *_pair(report),
        record.report_id,
        report.reason.value,
        report.retract,
        0.0 if effect is None else effect.weight + effect.praise,
        None if effect is None else effect.owner or None,
        None if effect is None else effect.template or None,
        None if effect is None else effect.campaign or None,
    )


_SURVEY = (
    *_COMMON,
    *_PAIR,
    Column("survey_id", _TEXT, "answer"),
    Column("wanted", _FLAG, "did they want the message"),
    Column("annoying", _FLAG, "was it annoying"),
    Column("sampling_probability", _REAL, "probability with which they were asked"),
    _OWNER,
    _COUNTED,
)


def _survey(record: Surveyed) -> Sequence[object]:
    survey = record.survey
    return (
        *_times(record.now, survey.answered_at),
        *_pair(survey),
        record.survey_id,
        survey.wanted,
        survey.annoying,
        survey.sampling_probability,
        record.owner,
        record.counted,
    )


_OUTCOME = (
    *_COMMON,
    *_PAIR,
    Column("outcome", _TEXT, "`delivered`, `read`, `replied`, `opted_in`, `opted_out`, `failed`"),
    Column("category", _TEXT, "category that consent was given or withdrawn for"),
    _OWNER,
    Column("wording", _TEXT, "wording of the message it is about; empty where unknown"),
    _COUNTED,
)


def _outcome(record: Happened) -> Sequence[object]:
    outcome = record.outcome
    return (
        *_times(record.now, outcome.occurred_at),
        *_pair(outcome),
        outcome.kind.value,
        None if outcome.category is None else outcome.category.value,
        record.owner,
        record.template,
        record.counted,
    )


# --- statements ------------------------------------------------------------------------------

_PROFILE = (
    *_COMMON,
    _SENDER,
    Column("name", _TEXT, "as it is called"),
    Column("verified", _FLAG, "the platform vouches for it"),
    Column("domains", _LIST, "verified domains"),
    Column("vertical", _TEXT, "line of business"),
    Column("country", _TEXT, "country"),
    Column("portfolio_id", _TEXT, "portfolio it shares limits and standing with"),
    Column("registered_at", _REAL, "when it registered"),
)


def _profile(record: Profiled) -> Sequence[object]:
    profile = record.profile
    return (
        *_times(record.now, None),
        profile.sender_id,
        profile.name,
        profile.verified,
        profile.domains,
        profile.vertical,
        profile.country,
        profile.portfolio_id,
        profile.registered_at,
    )


_RESOLUTION = (
    *_COMMON,
    Column("appeal_id", _TEXT, "appeal that was resolved"),
    Column("decision_id", _TEXT, "decision that was appealed"),
    Column("outcome", _TEXT, "`upheld` or `overturned`; the reviewer's note stays in the log"),
    _OWNER,
    Column("wording", _TEXT, "wording of the message"),
    Column("domains", _LIST, "link domains that the wording is trusted with from now on"),
)


def _resolution(record: Resolved) -> Sequence[object]:
    return (
        *_times(record.now, None),
        record.appeal_id,
        record.decision_id,
        record.outcome.value,
        record.owner,
        record.template,
        record.domains,
    )


def _times(known_at: float, occurred_at: float | None) -> tuple[float, float]:
    return known_at, known_at if occurred_at is None else occurred_at


def _pair(item: Any) -> tuple[object, ...]:  # noqa: ANN401 - messages and every kind of feedback
    return item.sender_id, item.recipient, item.message_id


TABLES = (
    Table("decisions", "one row for every time a message was decided", Decided, _DECISION, _decision),
    Table("reports", "complaints and praise, and what was taken back", Reported, _REPORT, _report),
    Table("surveys", "answers of recipients who were asked", Surveyed, _SURVEY, _survey),
    Table("outcomes", "what became of messages, and of consent", Happened, _OUTCOME, _outcome),
    Table("profiles", "what the platform stated about senders", Profiled, _PROFILE, _profile),
    Table("resolutions", "reviewers' words on appeals", Resolved, _RESOLUTION, _resolution),
)
_TABLE_OF = {table.kind: table for table in TABLES}
