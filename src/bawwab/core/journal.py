"""What the gate asks of a log: take a record, give a decision back."""

from typing import Protocol

from bawwab.core.records import Appealed, Decided, Record


class Journal(Protocol):
    """The append-only record of everything that changed the state."""

    def append(self, record: Record) -> None:
        """Take ``record``; durable when the log says so, in this order."""

    def find_decision(self, decision_id: str) -> Decided | None:
        """Decision of that id, whether or not it is durable yet."""

    def find_appeal(self, appeal_id: str) -> tuple[Appealed, str] | None:
        """Appeal of that id with its status."""
