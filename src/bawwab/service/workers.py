"""Several worker processes behind one port: started, replaced when they die, stopped together."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import structlog

from bawwab.core.errors import BawwabError

_YOUNG = 5.0  # seconds: a worker that dies younger is replaced only after _PAUSE
_PAUSE = 1.0
_BYTES = 4_096  # as many signals as are taken note of together
_STOPS = (signal.SIGTERM, signal.SIGINT)


class Worker:
    """One worker, as it sees itself.

    Parameters
    ----------
    announces : bool
        Whether it is the one that announces the server: the last of those it starts with.
    told : int
        Pipe by which it says that it is ready.
    life : int
        Pipe that ends with the process that supervises.
    """

    def __init__(self, *, announces: bool, told: int, life: int) -> None:
        self.announces = announces
        self._told, self._life = told, life

    def ready(self) -> None:
        """Say that it answers; stop as soon as nobody supervises any more."""
        with suppress(BrokenPipeError):  # one that takes another's place is not listened to
            os.write(self._told, b"1")
        os.close(self._told)
        asyncio.get_running_loop().add_reader(self._life, self._orphaned)

    def _orphaned(self) -> None:
        asyncio.get_running_loop().remove_reader(self._life)
        os.kill(os.getpid(), signal.SIGTERM)


Work = Callable[[Worker], None]


def supervise(count: int, work: Work) -> None:
    """Keep ``count`` processes at ``work`` until told to stop.

    They start one after another: what keeps one from starting is said once, and ends the server.
    """
    Supervisor(work).run(count)


class Supervisor:
    """Starts workers, and waits for their end."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._born: dict[int, float] = {}
        self._stopping = False
        self._life, self._alive = os.pipe()
        self._woken, self._waking = os.pipe()

    def run(self, count: int) -> None:
        """Supervise until all have ended."""
        os.set_blocking(self._waking, False)
        signal.set_wakeup_fd(self._waking)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in _STOPS:
            signal.signal(number, self._stop)
        for left in reversed(range(count)):
            if not self._starts(announces=left == 0):
                break
        while self._born:
            self._wait()

    def _wait(self) -> None:
        """Wait for a signal; see to those who have ended.

        Each leaves a byte: one that comes just before the wait ends it too, as it would not end a `wait`.
        """
        os.read(self._woken, _BYTES)
        while self._born:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self._replace(pid, status)

    def _starts(self, *, announces: bool) -> bool:
        """Start one and wait until it answers; False where the server was told to stop.

        One that cannot start ends the server with its exit code.
        """
        ready = self._start(announces=announces)
        if ready is None or self._listen(ready) or self._stopping:
            return not self._stopping
        failed = max(self._born, key=lambda pid: self._born[pid])
        _, status = os.waitpid(failed, 0)
        del self._born[failed]
        self._stop()
        for pid in self._born:
            os.waitpid(pid, 0)
        sys.exit(os.waitstatus_to_exitcode(status))

    @staticmethod
    def _listen(ready: int) -> bool:
        try:
            return bool(os.read(ready, 1))
        finally:
            os.close(ready)

    def _replace(self, pid: int, status: int) -> None:
        born = self._born.pop(pid, None)
        if born is None or self._stopping:
            return
        structlog.get_logger("bawwab").error(
            "worker ended; another takes its place", pid=pid, status=os.waitstatus_to_exitcode(status)
        )
        if time.monotonic() - born < _YOUNG:
            time.sleep(_PAUSE)
        ready = self._start(announces=False)
        if ready is not None:
            os.close(ready)

    def _start(self, *, announces: bool) -> int | None:
        """Start one unless told to stop; the pipe by which it says that it is ready.

        The signals wait meanwhile: whoever is born is either known and told to stop, or is not born.
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
        try:
            if self._stopping:
                return None
            ready, told = os.pipe()
            pid = os.fork()
            if pid == 0:
                os.close(ready)
                os.close(self._alive)
                self._become(Worker(announces=announces, told=told, life=self._life))
            os.close(told)
            self._born[pid] = time.monotonic()
            return ready
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)

    def _become(self, worker: Worker) -> None:
        """Work, then end this process without unwinding what its parent had begun."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (*_STOPS, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
            self._work(worker)
            code = 0
        except BawwabError as error:
            print(f"bawwab: {error}", file=sys.stderr)  # noqa: T201 - as the command line does
        except BaseException:  # noqa: BLE001 - told, and ended here: above is the parent's stack
            structlog.get_logger("bawwab").exception("worker failed")
        finally:
            sys.stderr.flush()
            os._exit(code)

    def _stop(self, *_: object) -> None:
        self._stopping = True
        for pid in self._born:
            with suppress(ProcessLookupError):  # it has ended this very moment
                os.kill(pid, signal.SIGTERM)
