"""The tutorial's commands run, and answer as the page says."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_first_hour_goes_as_written() -> None:
    script = ROOT / "scripts" / "write_answers.py"
    done = subprocess.run(  # noqa: S603
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
