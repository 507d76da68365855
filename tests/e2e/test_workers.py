"""A server of several workers starts and stops as one."""
# ruff: noqa: S603 - the command that is started is our own

import os
import signal
import subprocess
import sys

import pytest

WORK = """
import os, signal
from bawwab.service.workers import supervise

def work(worker):
    if worker.announces:
        print("up", flush=True)
    os.write(worker._told, b"1")
    signal.pause()

supervise(3, work)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_as_it_announces_itself_it_stops(number: signal.Signals) -> None:
    command = [sys.executable, "-c", WORK]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "up\n"
            process.send_signal(number)
            assert process.wait(timeout=20) == 0
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
