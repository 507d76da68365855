"""Several worker processes behind one port: started, replaced when they die, stopped together."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import structlog

from bawwab.core.errors import BawwabError

_YOUNG = 5.0  # seconds: a worker that dies younger is replaced only after _PAUSE
_PAUSE = 1.0


class Worker:
    """One worker, as it sees itself.

    Parameters
    ----------
    is_first : bool
        Whether it is the one that announces the server.
    told : int
        Pipe by which it says that it is ready.
    life : int
        Pipe that ends with the process that supervises.
    """

    def __init__(self, *, is_first: bool, told: int, life: int) -> None:
        self.is_first = is_first
        self._told, self._life = told, life

    def ready(self) -> None:
        """Say that it answers; stop as soon as nobody supervises any more."""
        with suppress(BrokenPipeError):  # only the first one is listened to
            os.write(self._told, b"1")
        os.close(self._told)
        asyncio.get_running_loop().add_reader(self._life, self._orphaned)

    def _orphaned(self) -> None:
        asyncio.get_running_loop().remove_reader(self._life)
        os.kill(os.getpid(), signal.SIGTERM)


Work = Callable[[Worker], None]


def supervise(count: int, work: Work) -> None:
    """Keep ``count`` processes at ``work`` until told to stop.

    The first one starts alone: what keeps it from starting is said once, and ends the server.
    """
    Supervisor(work).run(count)


class Supervisor:
    """Starts workers, and waits for their end."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._born: dict[int, float] = {}
        self._stopping = False
        self._life, self._alive = os.pipe()

    def run(self, count: int) -> None:
        """Supervise until all have ended."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        first, ready = self._start(is_first=True)
        if not os.read(ready, 1):
            _, status = os.waitpid(first, 0)
            sys.exit(os.waitstatus_to_exitcode(status) if not self._stopping else 0)
        os.close(ready)
        for _ in range(count - 1):
            os.close(self._start(is_first=False)[1])
        self._replace_for_ever()

    def _replace_for_ever(self) -> None:
        while self._born:
            pid, status = os.wait()
            born = self._born.pop(pid, None)
            if born is None or self._stopping:
                continue
            structlog.get_logger("bawwab").error(
                "worker ended; another takes its place", pid=pid, status=os.waitstatus_to_exitcode(status)
            )
            if time.monotonic() - born < _YOUNG:
                time.sleep(_PAUSE)
            if not self._stopping:
                os.close(self._start(is_first=False)[1])

    def _start(self, *, is_first: bool) -> tuple[int, int]:
        ready, told = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(ready)
            os.close(self._alive)
            self._become(Worker(is_first=is_first, told=told, life=self._life))
        os.close(told)
        self._born[pid] = time.monotonic()
        return pid, ready

    def _become(self, worker: Worker) -> None:
        """Work, then end this process without unwinding what its parent had begun."""
        code = 1
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            self._work(worker)
            code = 0
        except BawwabError as error:
            print(f"bawwab: {error}", file=sys.stderr)  # noqa: T201 - as the command line does
        except BaseException:  # noqa: BLE001 - told, and ended here: above is the parent's stack
            structlog.get_logger("bawwab").exception("worker failed")
        finally:
            sys.stderr.flush()
            os._exit(code)

    def _stop(self, _: int, __: FrameType | None) -> None:
        self._stopping = True
        for pid in self._born:
            os.kill(pid, signal.SIGTERM)
