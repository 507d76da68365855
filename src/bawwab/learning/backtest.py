"""A policy against the decision log, before it is activated: ``bawwab backtest``.

The log is folded as it stands, once with the numbers of the policy that was in force, once with the
candidate's; every decision meets the state it met and is ruled by both, with the signals that were
logged. A decision that the policy in force does not reproduce is left out and counted: what is told of the
candidate rests only on decisions of which everything that mattered is known.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from bawwab.core.decisions import ModelName
from bawwab.core.errors import ConfigurationError, ModelError
from bawwab.core.journal import NoJournal
from bawwab.core.model.model import Model
from bawwab.core.policy import Policy
from bawwab.core.records import Decided, Record
from bawwab.core.rules import Ruling
from bawwab.core.signals import CATALOGUE_DIGEST
from bawwab.gate import Gate
from bawwab.gate.fold import fold
from bawwab.learning.fates import Fates, told
from bawwab.learning.measure import exact
from bawwab.stores.memory import MemoryState

OTHER_POLICY, FAIL_MODE, NO_MODEL, CATALOGUE, UNCLEAR = (
    "decided under another policy",
    "decided by a fail mode",
    "decided by a model that is not at hand",
    "signals of another catalogue",
    "not reproduced by the policy in force",
)
UNKNOWN = (
    "What was refused has no outcome: a newly allowed message has one only if sent later, or reviewed.",
    "Rates, limits, budgets and pacing stand as in the logged run: one change does not lead to the next.",
    "Scores and signals are those that were logged. Senders are taken to do what they did.",
)


class Change(NamedTuple):
    """One way in which the policies differ."""

    category: str
    was: str
    becomes: str
    reason: str


class _Held(NoJournal):
    """A journal of refusals held for content or conduct, as long as a repeat may ask for them."""

    def __init__(self, retention: float) -> None:
        self._retention = retention
        self._records: OrderedDict[str, Decided] = OrderedDict()

    def append(self, record: Record) -> None:
        """Take ``record``, and let go of what is too old."""
        if isinstance(record, Decided) and record.nature:
            self._records[record.decision.decision_id] = record
        while self._records and next(iter(self._records.values())).now < record.now - self._retention:
            self._records.popitem(last=False)

    def find_decision(self, decision_id: str) -> Decided | None:
        """Refusal of that id."""
        return self._records.get(decision_id)


class Backtest:
    """Takes a log's records in order, and tells what a candidate would have changed.

    Parameters
    ----------
    in_force : Policy
        Policy under which the log's decisions were made.
    candidate : Policy
    load : callable
        Gives a model by its version, or raises `ModelError`.
    since : float
        Decisions from before are folded and not ruled again.
    """

    def __init__(
        self, *, in_force: Policy, candidate: Policy, load: Callable[[str], Model], since: float = 0.0
    ) -> None:
        self._policies, self._load, self._since = (in_force, candidate), load, since
        self._states = tuple(MemoryState(row_retention=p.retention.state) for p in self._policies)
        self._held = _Held(in_force.retention.message)
        self._gates: dict[ModelName, tuple[Gate, Gate] | None] = {}
        self.decisions = self.ruled = 0
        self.left_out = Counter[str]()
        self.policies_seen = Counter[str]()
        self.changes = Counter[Change]()
        self._fates = Fates(self._states[0])

    def take(self, records: Iterable[tuple[int, Record]]) -> None:
        """Take a log."""
        for _, record in records:
            if isinstance(record, Decided):
                if record.now >= self._since:
                    self._rule(record)
                self._fates.note_sent(record)
            else:
                self._fates.hear(record)
            self._held.append(record)
            for state, policy in zip(self._states, self._policies, strict=True):
                fold(record, state, policy)

    # --- ruling --------------------------------------------------------------------------------

    def _rule(self, logged: Decided) -> None:
        self.decisions += 1
        self.policies_seen[logged.decision.policy_version] += 1
        why = self._unfit(logged)
        gates = None if why else self._gates_of(logged.decision.model)
        if gates is None:
            self.left_out[why or NO_MODEL] += 1
            return
        in_force, candidate = gates[0].rule_again(logged), gates[1].rule_again(logged)
        if in_force.verdict is not logged.decision.verdict:
            self.left_out[UNCLEAR] += 1
            return
        self.ruled += 1
        if candidate.verdict is not in_force.verdict:
            self._note(logged, in_force, candidate)

    def _unfit(self, logged: Decided) -> str:
        decision = logged.decision
        if decision.policy_version != self._policies[0].version:
            return OTHER_POLICY
        if decision.degraded:
            return FAIL_MODE
        return "" if logged.catalogue == CATALOGUE_DIGEST else CATALOGUE

    def _gates_of(self, name: ModelName) -> tuple[Gate, Gate] | None:
        if name not in self._gates:
            self._gates[name] = self._open(name)
        return self._gates[name]

    def _open(self, name: ModelName) -> tuple[Gate, Gate] | None:
        """Gates of both policies with the model that decided; None where it is gone, or another."""
        try:
            model = self._load(name.version)
        except ModelError:
            return None
        if model.name != name:
            return None
        first, second = (
            Gate(state=state, journal=self._held, policy=policy, model=model)
            for state, policy in zip(self._states, self._policies, strict=True)
        )
        return first, second

    def _note(self, logged: Decided, in_force: Ruling, candidate: Ruling) -> None:
        deciding = candidate.reason or in_force.reason
        change = Change(
            logged.message.category.value,
            in_force.verdict.value,
            candidate.verdict.value,
            "" if deciding is None else deciding.code.value,
        )
        self.changes[change] += 1
        self._fates.differ(logged, in_force.verdict, candidate.verdict)

    # --- telling -------------------------------------------------------------------------------

    def result(self) -> dict[str, Any]:
        """Everything found, ready for JSON.

        Raises
        ------
        ConfigurationError
            No decision was made under the policy that is said to have been in force.
        """
        if not self.policies_seen[self._policies[0].version]:
            seen = ", ".join(sorted(self.policies_seen)) or "none"
            raise ConfigurationError(
                f"no decision was made under the policy {self._policies[0].version} (there are: {seen}); "
                "name the policy that decided with --in-force"
            )
        comparable = self.ruled + self.left_out[UNCLEAR]
        return {
            "in_force": self._policies[0].version,
            "candidate": self._policies[1].version,
            "decisions": self.decisions,
            "ruled_again": self.ruled,
            "left_out": dict(self.left_out),
            "reproduced": exact(self.ruled, comparable)._asdict(),
            "changed": exact(sum(self.changes.values()), self.ruled)._asdict(),
            "changes": [
                {**change._asdict(), "decisions": count}
                for change, count in sorted(self.changes.items(), key=lambda item: (-item[1], item[0]))
            ],
            "newly_refused": told(self._fates.refused.values()),
            "newly_allowed": told(self._fates.allowed.values()),
            "cannot_be_known": list(UNKNOWN),
        }
