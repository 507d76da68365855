"""What the gate asks of a log: take a record, give a decision back."""

from typing import Protocol

from bawwab.core.records import Appealed, Decided, Record, Reported


class Journal(Protocol):
    """The append-only record of everything that changed the state."""

    def append(self, record: Record) -> None:
        """Take ``record``; durable when the log says so, in this order."""

    def find_decision(self, decision_id: str) -> Decided | None:
        """Decision of that id, whether or not it is durable yet."""

    def find_appeal(self, appeal_id: str) -> tuple[Appealed, str] | None:
        """Appeal of that id with its status."""

    def reports_on(self, sender_id: str, template: str, *, since: float) -> list[Reported]:
        """Reports about a wording of a sender, in order, retractions too."""


class NoJournal:
    """Keeps nothing and knows nothing, for whoever replays, rehearses or explores."""

    def append(self, record: Record) -> None:
        """Take nothing."""

    def find_decision(self, decision_id: str) -> Decided | None:  # noqa: ARG002 - as a Journal
        """Know nothing."""
        return None

    def find_appeal(self, appeal_id: str) -> tuple[Appealed, str] | None:  # noqa: ARG002
        """Know nothing."""
        return None

    def reports_on(self, sender_id: str, template: str, *, since: float) -> list[Reported]:  # noqa: ARG002
        """Know nothing."""
        return []
