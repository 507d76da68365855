"""What became of the messages on which two policies differ."""

from collections.abc import Iterable
from typing import Any

import msgspec

from bawwab.core.decisions import Verdict
from bawwab.core.events import Resolution
from bawwab.core.records import Decided, Record, Reported, Resolved, Surveyed
from bawwab.core.state.bundles import Bundle, key
from bawwab.core.state.port import StateStore
from bawwab.learning.measure import exact

Name = tuple[str, str]  # sender, message


class Fate(msgspec.Struct):
    """What became of one message on which the policies differ."""

    sent: bool
    reported: bool = False
    wanted: bool | None = None
    review: Resolution | None = None


class Fates:
    """Messages that a candidate would newly refuse, or newly allow, and what was said of them.

    Parameters
    ----------
    state : StateStore
        State of the log as it is folded: it knows the last message of a pair.
    """

    def __init__(self, state: StateStore) -> None:
        self._state = state
        self.refused: dict[Name, Fate] = {}
        self.allowed: dict[Name, Fate] = {}
        self._of_decision: dict[str, Name] = {}
        self._reports: dict[str, Name] = {}

    def differ(self, logged: Decided, was: Verdict, becomes: Verdict) -> None:
        """Note that the candidate decides a message otherwise."""
        name = (logged.message.sender_id, logged.message.message_id)
        if was is Verdict.ALLOW:
            self.refused[name] = Fate(sent=True)
        elif becomes is Verdict.ALLOW:
            self.allowed.setdefault(name, Fate(sent=False))
            self._of_decision[logged.decision.decision_id] = name

    def note_sent(self, logged: Decided) -> None:
        """Note that a message went out after all."""
        fate = self.allowed.get((logged.message.sender_id, logged.message.message_id))
        if fate is not None and logged.decision.verdict is Verdict.ALLOW:
            fate.sent = True

    def hear(self, record: Record) -> None:
        """Take what a recipient or a reviewer said."""
        match record:
            case Reported():
                self._hear_report(record)
            case Surveyed(survey=survey) if record.counted:
                fate = self._fate(survey, record.now)
                if fate is not None and survey.wanted is not None:
                    fate.wanted = survey.wanted
            case Resolved():
                name = self._of_decision.get(record.decision_id)
                if name is not None:
                    self.allowed[name].review = record.outcome
            case _:
                pass

    def _hear_report(self, record: Reported) -> None:
        effect, report = record.effect, record.report
        if report.retract:
            taken = self._reports.pop(record.report_id, None)
            fate = None if taken is None else self._find(taken)
            if fate is not None:
                fate.reported = False
            return
        fate = self._fate(report, record.now)
        if fate is not None and effect is not None and effect.weight > 0.0:
            fate.reported = True
            self._reports[record.report_id] = self._named(report, record.now)

    def _fate(self, item: Any, now: float) -> Fate | None:  # noqa: ANN401 - reports and answers
        return self._find(self._named(item, now))

    def _find(self, name: tuple[str, str]) -> Fate | None:
        return self.refused.get(name) or self.allowed.get(name)

    def _named(self, item: Any, now: float) -> tuple[str, str]:  # noqa: ANN401 - reports and answers
        """Message an item is about: the one it names, or the last that the sender had sent to that person."""
        if item.message_id is not None:
            return item.sender_id, item.message_id
        messaged = self._state.fact(key(Bundle.MESSAGED, item.sender_id, item.recipient), now=now)
        return item.sender_id, "" if messaged is None else messaged.message_id


def told(fates: Iterable[Fate]) -> dict[str, Any]:
    """What became of messages: shares of those that were sent, of those that answered, of those reviewed."""
    known = list(fates)
    sent = [fate for fate in known if fate.sent]
    answered = [fate for fate in sent if fate.wanted is not None]
    reviewed = [fate for fate in known if fate.review is not None]
    return {
        "messages": len(known),
        "sent": len(sent),
        "reported": exact(sum(fate.reported for fate in sent), len(sent))._asdict(),
        "answered_wanted": exact(sum(fate.wanted is True for fate in answered), len(answered))._asdict(),
        "overturned": exact(
            sum(fate.review is Resolution.OVERTURNED for fate in reviewed), len(reviewed)
        )._asdict(),
    }
