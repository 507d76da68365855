"""Score, report, appeal, restart, in any order: the service agrees with a reference of a few lines."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bawwab.core.policy import default_policy
from bawwab.service.recovery import recover
from bawwab.stores.sql import SqlLog
from service_kit import Service, Time, run_service

SENDERS = st.sampled_from(["shop", "bank/1"])
PEOPLE = st.sampled_from(["ann", "bob"])
TEXTS = st.sampled_from(["your parcel has arrived", "a scam", "big sale", "code 482913"])
CATEGORIES = st.sampled_from(["authentication", "utility", "marketing", "service"])


class Gate(RuleBasedStateMachine):
    """The reference: first answers by message, closed pairs, opt-outs, appeals, what is to be paid."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.final: dict[tuple[str, str], Any] = {}
        self.closed: dict[tuple[str, str], str] = {}
        self.reports: dict[str, str] = {}
        self.opted_out: set[tuple[str, str]] = set()
        self.appeals: dict[str, str] = {}
        self.allowed = self.count = 0
        self.time = Time()
        self.start()

    def start(self) -> None:
        self.running = ExitStack()
        self.service: Service = self.running.enter_context(run_service(self.folder))
        self.service.time.now = self.time.now

    @rule(sender=SENDERS, recipient=PEOPLE, text=TEXTS, category=CATEGORIES)
    def score(self, sender: str, recipient: str, text: str, category: str) -> None:
        self.count += 1
        body = {
            "message_id": f"m{self.count}",
            "sender_id": sender,
            "recipient_id": recipient,
            "category": category,
            "text": text,
        }
        answer = self.service.post("/v1/score", body).json()
        pair = sender, recipient
        if pair in self.closed and category != "authentication":
            assert (answer["verdict"], answer["reasons"][0]["code"]) == ("block", "RECIPIENT_BLOCKED")
        elif pair in self.opted_out and category == "marketing":
            assert (answer["verdict"], answer["reasons"][0]["code"]) == ("block", "RECIPIENT_OPTED_OUT")
        assert (answer["retry_after_seconds"] is not None) == (answer["verdict"] == "throttle")
        assert answer["verdict"] == "allow" or answer["reasons"]
        self.allowed += answer["verdict"] == "allow"
        if answer["verdict"] != "throttle":
            self.final[sender, body["message_id"]] = (body, answer)
        if answer["verdict"] != "allow":
            self.refused = answer["decision_id"]

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        if self.final:
            body, answer = self.final[data.draw(st.sampled_from(sorted(self.final)))]
            assert self.service.post("/v1/score", body).json() == answer
            assert self.service.post("/v1/score", body | {"text": "other"}).status_code == 422

    @rule(sender=SENDERS, recipient=PEOPLE, retract=st.booleans())
    def block(self, sender: str, recipient: str, retract: bool) -> None:  # noqa: FBT001 - drawn
        report: dict[str, Any] = {"sender_id": sender, "recipient_id": recipient, "reason": "block"}
        report |= {"report_id": f"{sender} {recipient} {self.count}", "retract": retract}
        assert self.service.post("/v1/reports", report).status_code == 202
        pair, known = (sender, recipient), self.reports.get(report["report_id"])
        if retract:
            if known == "counted" and self.closed.get(pair) == report["report_id"]:
                del self.closed[pair]
            self.reports[report["report_id"]] = "retracted"
        elif known is None:
            self.closed[pair] = report["report_id"]
            self.reports[report["report_id"]] = "counted"

    @rule(sender=SENDERS, recipient=PEOPLE, kind=st.sampled_from(["opted_in", "opted_out"]))
    def consent(self, sender: str, recipient: str, kind: str) -> None:
        event = {"sender_id": sender, "recipient_id": recipient, "kind": kind}
        assert self.service.post("/v1/events", event).status_code == 202
        pair = sender, recipient
        if kind == "opted_out":
            self.opted_out.add(pair)
        else:
            self.opted_out.discard(pair)
            self.closed.pop(pair, None)

    @rule()
    def appeal(self) -> None:
        if hasattr(self, "refused"):
            answer = self.service.post("/v1/appeals", {"decision_id": self.refused})
            assert answer.status_code == 201
            known = self.appeals.setdefault(answer.json()["appeal_id"], "open")
            assert answer.json()["status"] == known

    @rule(data=st.data(), outcome=st.sampled_from(["upheld", "overturned"]))
    def resolve(self, data: st.DataObject, outcome: str) -> None:
        if self.appeals:
            appeal_id = data.draw(st.sampled_from(sorted(self.appeals)))
            answer = self.service.post(f"/v1/appeals/{appeal_id}/resolution", {"outcome": outcome})
            assert answer.status_code == (200 if self.appeals[appeal_id] == "open" else 409)
            if self.appeals[appeal_id] == "open":
                self.appeals[appeal_id] = outcome

    @rule(seconds=st.sampled_from([1.0, 3_600.0, 86_400.0]))
    def wait(self, seconds: float) -> None:
        if self.time.now + seconds < 1_800_000_000.0 + 6 * 86_400.0:  # idempotency is kept for 7 days
            self.time.now += seconds
            self.service.time.now = self.time.now

    @rule()
    def restart(self) -> None:
        self.running.close()
        log = SqlLog(f"sqlite:///{self.folder / 'log.sqlite'}")
        state = recover(log, self.folder / "state.snapshot", default_policy()).state.dump()
        log.close()
        self.start()
        self.service.entrance.gate.state.load(state)  # type: ignore[attr-defined] # it is in memory

    @invariant()
    def bills_and_appeals_agree(self) -> None:
        usage = self.service.client.get("/v1/usage").json()
        assert sum(entry["messages"] for entry in usage["categories"]) == self.allowed
        listed = self.service.client.get("/v1/appeals").json()["appeals"]
        assert {entry["appeal_id"]: entry["status"] for entry in listed} == self.appeals

    def teardown(self) -> None:
        self.running.close()
        self.stack.close()


Gate.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
TestGate = Gate.TestCase
