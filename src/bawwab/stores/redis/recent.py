"""Decisions of the last minute, so that whichever process is asked again can repeat them at once.

The log has them within a tenth of a second; until then only the process that decided knows them.
"""

import msgspec

from bawwab.core.journal import Journal
from bawwab.core.records import Appealed, Decided, Record, Reported
from bawwab.stores.redis.link import Link
from bawwab.stores.redis.verbs import Ask

KEPT = 60  # seconds: many times what the log takes, a restart of its database included


class RecentJournal:
    """A log whose latest decisions every process finds.

    Parameters
    ----------
    log : Journal
        Where records go.
    link : Link
        The way to Redis.
    """

    def __init__(self, log: Journal, link: Link) -> None:
        self._log, self._link = log, link
        self._encode = msgspec.json.Encoder().encode
        self._decode = msgspec.json.Decoder(Decided).decode

    def append(self, record: Record) -> None:
        """Take ``record``; a decision is known to the others before it is made."""
        if isinstance(record, Decided):
            name = self._name(record.decision.decision_id)
            self._link.ask(Ask(("SET", name, self._encode(record), "EX", KEPT), bool))
        self._log.append(record)

    def find_decision(self, decision_id: str) -> Decided | None:
        """Decision of that id, whichever process made it."""
        raw: bytes | None = self._link.ask(Ask(("GET", self._name(decision_id)), _as_it_is))
        return self._log.find_decision(decision_id) if raw is None else self._decode(raw)

    def find_appeal(self, appeal_id: str) -> tuple[Appealed, str] | None:
        """Appeal of that id with its status."""
        return self._log.find_appeal(appeal_id)

    def reports_on(self, sender_id: str, template: str, *, since: float) -> list[Reported]:
        """Reports about a wording of a sender, in order."""
        return self._log.reports_on(sender_id, template, since=since)

    def _name(self, decision_id: str) -> str:
        return f"{self._link.namespace}:{{recent:{decision_id}}}"


def _as_it_is(raw: bytes | None) -> bytes | None:
    return raw
