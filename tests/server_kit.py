"""A server as a process of its own, and a way for the blocking client into one in this process."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from service_kit import Service


@contextmanager
def running(home: Path, models: Path, **settings: str) -> Iterator[str]:
    """Serve ``models`` on a free port; gives the address."""
    ours = {"BAWWAB_HOME": str(home), "BAWWAB_MODELS": str(models), "BAWWAB_PORT": "0", **settings}
    others = {name: value for name, value in os.environ.items() if not name.startswith("BAWWAB_")}
    command = [sys.executable, "-m", "bawwab", "serve"]
    with subprocess.Popen(command, env=others | ours, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stderr is not None
        try:
            yield json.loads(process.stderr.readline())["url"]
        finally:
            process.terminate()
            process.stderr.read()


class Wire(httpx.BaseTransport):
    """Brings requests to a service in this process, whose clock the test holds."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._service.client.request(
            request.method,
            request.url.raw_path.decode(),
            content=request.read(),
            headers=dict(request.headers),
        )
        return httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)
