"""The web application: every operation on its path, and problems for everything else."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bawwab.service.entrance import Entrance
from bawwab.service.metrics import Metrics
from bawwab.service.openapi import document
from bawwab.service.operation import Guard, Operation, Resource, encode
from bawwab.service.pages import reference
from bawwab.service.problems import MEDIA_TYPE, TITLES, problem
from bawwab.service.routes import (
    appeals,
    console,
    decisions,
    feedback,
    forgetting,
    scoring,
    senders,
    upkeep,
    usage,
)
from bawwab.service.routes.decisions import LoadVersion
from bawwab.service.routes.forgetting import Forget
from bawwab.service.routes.upkeep import Missing
from bawwab.service.trail import Trail

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    entrance: Entrance,
    *,
    guard: Guard,
    load_version: LoadVersion,
    missing: Missing,
    forget: Forget,
    trail: Trail | None = None,
    lifespan: Lifespan | None = None,
) -> ASGIApp:
    """Build the application around an entrance."""
    operations = api(entrance, load_version, missing, forget)
    described = document(operations, version=version("bawwab"))
    operations += console.operations(entrance, load_version)
    operations.append(reference(described))
    app = FastAPI(title="bawwab", docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan)
    resources = _resources(operations, guard, entrance.metrics, trail or Trail())
    app.router.routes.extend(Route(path, resource) for path, resource in resources.items())
    app.openapi = lambda: described  # type: ignore[method-assign] # FastAPI's documented way
    app.add_exception_handler(HTTPException, _refuse)
    return Paths(app, {path: resource for path, resource in resources.items() if "{" not in path})


def api(entrance: Entrance, load_version: LoadVersion, missing: Missing, forget: Forget) -> list[Operation]:
    """List what machines may ask for."""
    return [
        *scoring.operations(entrance),
        *feedback.operations(entrance),
        *senders.operations(entrance),
        *decisions.operations(entrance, load_version),
        *appeals.operations(entrance),
        *usage.operations(entrance),
        *forgetting.operations(forget, entrance),
        *upkeep.operations(entrance, missing),
    ]


def _resources(
    operations: list[Operation], guard: Guard, metrics: Metrics, trail: Trail
) -> dict[str, Resource]:
    paths = dict.fromkeys(operation.path for operation in operations)
    return {
        path: Resource(
            [operation for operation in operations if operation.path == path], guard, metrics, trail
        )
        for path in paths
    }


async def _refuse(_: Request, error: Exception) -> Response:
    """Problem for what no operation has seen, such as an unknown path."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    status = status if status in TITLES else 400
    found = problem(status, "nothing is here" if status == 404 else TITLES[status])  # noqa: PLR2004
    headers = getattr(error, "headers", None)
    return Response(encode(found.problem), status, headers, media_type=MEDIA_TYPE.decode())


class Paths:
    """Finds the way: at once where a path has no parameter, through FastAPI's routes otherwise.

    Routes go by the path as it was sent, so that an id in it may hold slashes, dots and line ends.
    The short way spares a score the dozen middlewares and routes before it, 15 of some 60 µs.
    """

    def __init__(self, app: ASGIApp, direct: dict[str, Resource]) -> None:
        self._app, self._direct = app, direct

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http":
            resource = self._direct.get(scope["path"])
            if resource is not None:
                await resource(scope, receive, send)
                return
            scope["path"] = scope["raw_path"].decode("latin-1")
        await self._app(scope, receive, send)
