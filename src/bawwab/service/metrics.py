"""What Prometheus scrapes; docs/reference/metrics.md lists it."""

from collections.abc import Callable, Iterator
from functools import lru_cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bawwab.core.decisions import Decision
from bawwab.core.events import Category

# From a tenth of the budget of one decision (200 µs) to where a caller would have given up.
_LATENCIES = (1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 1.0, 5.0)

disable_created_metrics()  # type: ignore[no-untyped-call] # it has no types


class Metrics:
    """Counters of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._decisions = Counter(
            "bawwab_decisions",
            "Decisions, dry runs apart, by verdict, category and the reason that decided",
            ["verdict", "category", "reason"],
            registry=self.registry,
        )
        self._degraded = Counter(
            "bawwab_degraded_decisions", "Decisions by a fallback", ["category"], registry=self.registry
        )
        self._feedback = Counter(
            "bawwab_feedback", "Items of feedback accepted", ["kind"], registry=self.registry
        )
        self._requests = Counter(
            "bawwab_requests", "Requests by path and status", ["path", "status"], registry=self.registry
        )
        self._latency = Histogram(
            "bawwab_request_seconds",
            "Time from a request's arrival to its answer",
            ["path"],
            registry=self.registry,
            buckets=_LATENCIES,
        )
        self._decision_counter = lru_cache(maxsize=1024)(self._decisions.labels)
        self._request_counter = lru_cache(maxsize=1024)(self._requests.labels)
        self._latency_of = lru_cache(maxsize=64)(self._latency.labels)

    def decided(self, decision: Decision, category: Category) -> None:
        """Count a decision."""
        reason = decision.reasons[0].code.value if decision.reasons else ""
        self._decision_counter(decision.verdict.value, category.value, reason).inc()
        if decision.degraded:
            self._degraded.labels(category.value).inc()

    def took_feedback(self, kind: str, items: int) -> None:
        """Count items of feedback."""
        self._feedback.labels(kind).inc(items)

    def answered(self, path: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._request_counter(path, str(status)).inc()
        self._latency_of(path).observe(seconds)

    def watch(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Show a number that is read when it is asked for."""
        Gauge(name, meaning, registry=self.registry).set_function(read)

    def split(self, name: str, meaning: str, label: str, read: Callable[[], dict[str, int]]) -> None:
        """Show numbers under the values of one label, read when they are asked for."""
        self.registry.register(_Split(name, meaning, label, read))

    def name(self, name: str, meaning: str, read: Callable[[], dict[str, str]]) -> None:
        """Show names, as labels of a constant one, read when they are asked for."""
        self.registry.register(_Names(name, meaning, read))

    def render(self) -> bytes:
        """Write everything in the text format."""
        return generate_latest(self.registry)


class _Names(Collector):
    def __init__(self, name: str, meaning: str, read: Callable[[], dict[str, str]]) -> None:
        self._name, self._meaning, self._read = name, meaning, read

    def collect(self) -> Iterator[Metric]:
        labels = self._read()
        family = GaugeMetricFamily(self._name, self._meaning, labels=list(labels))
        family.add_metric(list(labels.values()), 1.0)
        yield family


class _Split(Collector):
    def __init__(self, name: str, meaning: str, label: str, read: Callable[[], dict[str, int]]) -> None:
        self._name, self._meaning, self._label, self._read = name, meaning, label, read

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(self._name, self._meaning, labels=[self._label])
        for value, number in self._read().items():
            family.add_metric([value], number)
        yield family
