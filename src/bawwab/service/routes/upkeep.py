"""What operators and their machines look at: the model, health, readiness, metrics."""

from collections.abc import Callable

from prometheus_client import CONTENT_TYPE_LATEST

from bawwab.core.model.model import Model
from bawwab.service.entrance import Entrance
from bawwab.service.operation import READ, Access, Call, Operation, Reply
from bawwab.service.problems import RETRY_SECONDS, problem
from bawwab.service.schemas import Health, ModelAnswer

Missing = Callable[[], tuple[str, ...]]


def operations(entrance: Entrance, missing: Missing) -> list[Operation]:
    """List the operations; ``missing`` says what keeps the server from being ready."""

    async def model(_: Call) -> Reply:
        served = entrance.gate.model
        if served is None:
            raise problem(
                503, "no model is ready", name="model", headers=(("retry-after", str(RETRY_SECONDS)),)
            )
        return Reply(_model(served, entrance.gate.policy.version))

    async def healthz(_: Call) -> Reply:
        return Reply(Health(status="ok"))

    async def readyz(_: Call) -> Reply:
        lacking = missing()
        if not lacking:
            return Reply(Health(status="ready"))
        headers = (("retry-after", str(RETRY_SECONDS)),)
        return Reply(Health(status="not ready", missing=lacking), status=503, headers=headers)

    async def metrics(_: Call) -> Reply:
        return Reply(entrance.metrics.render(), media_type=CONTENT_TYPE_LATEST)

    return [
        Operation(
            method="GET",
            path="/v1/model",
            summary="The model that answers, and what is certified about it",
            handle=model,
            gives={200: ModelAnswer},
            access=READ,
            refuses=(503,),
        ),
        Operation(method="GET", path="/healthz", summary="Liveness", handle=healthz, gives={200: Health}),
        Operation(
            method="GET",
            path="/readyz",
            summary="Readiness, and what is missing",
            handle=readyz,
            gives={200: Health, 503: Health},
        ),
        Operation(
            method="GET",
            path="/metrics",
            summary="Prometheus metrics",
            handle=metrics,
            gives={200: str},
            media_type="text/plain",
            access=(Access.OPERATE,),
        ),
    ]


def _model(model: Model, policy_version: str) -> ModelAnswer:
    return ModelAnswer(
        champion=model.name,
        challenger=None,
        trained_at=model.trained_at,
        training_data_digest=model.training_data,
        signals=model.catalogue,
        certificates=tuple(model.certificates.values()),
        policy_version=policy_version,
    )
