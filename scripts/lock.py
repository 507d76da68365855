"""Renew `requirements/*.txt`: names, versions and hashes, without index addresses."""

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
BUILD = ["hatchling>=1.27", "editables>=0.5"]
OLDER = ["async-timeout>=4.0.3"]  # redis needs it on Python before 3.11.3, where Debian 12 is


def main() -> None:
    """Compile the run-time and the development requirements."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    runtime = [*project["project"]["dependencies"], *BUILD, *OLDER]
    development = [*project["dependency-groups"]["dev"]]
    compile_lock(runtime, ROOT / "requirements" / "runtime.txt")
    compile_lock([*runtime, *development], ROOT / "requirements" / "dev.txt")


def compile_lock(needs: list[str], target: Path) -> None:
    """Write the closure of ``needs``, with the hash of every wheel."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "needs.in"
        source.write_text("\n".join(needs) + "\n", "utf-8")
        command = [
            sys.executable, "-m", "piptools", "compile", "--quiet", "--generate-hashes", "--strip-extras",
            "--allow-unsafe", "--no-header", "--no-annotate", "--no-emit-index-url",
            "--no-emit-find-links", "--no-emit-trusted-host", "--resolver=backtracking",
            "--output-file", str(target), str(source),
        ]  # fmt: skip
        subprocess.run(command, check=True, env={**os.environ, "PIP_NO_CACHE_DIR": "0"})  # noqa: S603


if __name__ == "__main__":
    main()
