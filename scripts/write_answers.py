"""Run the commands of the tutorial against a real server and write down what it answered.

A page's ``sh`` blocks run in order, in one shell each, on a fresh home. A ``json`` block that follows
one is filled with its answer: the keys named behind ``json``, in their order; a ``text`` block with
all of it. ``--check`` writes
nothing and fails where the words of an answer (verdict, reasons, advice, ...) differ.
"""

import difflib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "docs" / "tutorial" / "first-hour.md"]
BLOCK = re.compile(
    r"^```(?P<kind>sh|json|text)(?P<keys>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
IDS = {"DECISION": "decision_id", "APPEAL": "appeal_id"}
REASONS = 2  # shown of each answer
DETAIL = 64  # characters shown of a reason's detail
WIDTH = 112


class Page:
    """One page and the server that answers it."""

    def __init__(self, text: str, url: str) -> None:
        self._text, self._host = text, url.removeprefix("http://")
        self._seen: dict[str, str] = {}
        self._answer = ""

    def rewritten(self) -> str:
        """Text with every answer as the server gave it."""
        return BLOCK.sub(self._block, self._text)

    def _block(self, match: re.Match[str]) -> str:
        kind, keys, text = match["kind"], match["keys"], match["text"]
        if kind == "sh":
            text = self._named(text)
            self._answer = run(text.replace("localhost:8000", self._host))
        elif kind == "text":
            text = self._answer
        elif keys.strip():
            text = shown(json.loads(self._answer), keys.split()) + "\n"
            self._remember(json.loads(self._answer))
        return f"```{kind}{keys}\n{text}```"

    def _remember(self, answer: dict[str, Any]) -> None:
        for variable, key in IDS.items():
            if key in answer:
                self._seen[variable] = answer[key]

    def _named(self, text: str) -> str:
        """Put the ids of earlier answers where the text sets a variable to one."""
        for variable, found in self._seen.items():
            text = re.sub(rf"^{variable}=\S+", f"{variable}={found}", text, flags=re.MULTILINE)
        return text


def run(command: str) -> str:
    """Run a block as a reader would, from the project's folder."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(  # noqa: S603
        ["bash", "-euo", "pipefail", "-c", command],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PATH": path},
    )
    if done.returncode:
        sys.exit(f"{command}\n{done.stdout}{done.stderr}")
    return done.stdout


def shown(answer: dict[str, Any], keys: list[str]) -> str:
    """Part of an answer, a few keys to a line."""
    parts = [f"{json.dumps(key)}: {written(short(answer[key]))}" for key in keys]
    parts += ["…"] if set(answer) - set(keys) else []
    lines = [""]
    for part in parts:
        room = WIDTH - len(lines[-1].rsplit("\n", 1)[-1]) - len(part.split("\n", 1)[0])
        if lines[-1] and (room < 0 or "\n" in part or "\n" in lines[-1]):
            lines.append("")
        lines[-1] += part + ("" if part is parts[-1] else ", ")
    return "\n".join(["{", *(f"  {line.rstrip()}" for line in lines), "}"])


def written(value: Any) -> str:  # noqa: ANN401 - JSON
    """JSON on one line; items of a list of objects on one line each."""
    if not (isinstance(value, list) and value):
        return json.dumps(value, ensure_ascii=False)
    items = [item if item == "…" else json.dumps(item, ensure_ascii=False) for item in value]
    return "[\n    " + ",\n    ".join(items) + "]"


def short(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The value as a reader wants it."""
    match value:
        case float():
            return round(value, 4)
        case str() if len(value) > DETAIL:
            return value[:DETAIL].rstrip() + "…"
        case list():
            return [short(item) for item in value[:REASONS]] + (["…"] if len(value) > REASONS else [])
        case dict():
            return {key: short(item) for key, item in value.items()}
        case _:
            return value


def words(page: str) -> list[str]:
    """What must not change unnoticed: all but ids, numbers, times, and where lines break for their sake."""
    page = re.sub(r"(dec|app)_[0-9a-f]+", r"\1_", page)
    page = re.sub(r"\d{4}-\d\d-\d\d(T[\d:.]+Z|-[0-9a-f]{8})", "when", page)
    return re.sub(r"-?\d+(\.\d+)?(e-?\d+)?", "0", page).split()


@contextmanager
def serving() -> Iterator[str]:
    """Serve the champion on a free port."""
    with tempfile.TemporaryDirectory() as home:
        others = {name: value for name, value in os.environ.items() if not name.startswith("BAWWAB_")}
        ours = {"BAWWAB_HOME": home, "BAWWAB_PORT": "0"}
        command = [sys.executable, "-m", "bawwab", "serve"]
        with subprocess.Popen(  # noqa: S603
            command, env=others | ours, cwd=ROOT, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stderr is not None  # noqa: S101 - it is a pipe
                yield json.loads(process.stderr.readline())["url"]
            finally:
                process.terminate()
                process.communicate()


def main() -> None:
    """Write the answers, or compare them."""
    for path in PAGES:
        old = path.read_text("utf-8")
        with serving() as url:
            new = Page(old, url).rewritten()
        if "--check" not in sys.argv:
            path.write_text(new, "utf-8")
        elif words(old) != words(new):
            changed = "\n".join(difflib.unified_diff(words(old), words(new), lineterm="", n=0))
            sys.exit(f"{path.relative_to(ROOT)} is stale; run scripts/write_answers.py\n{changed}")


if __name__ == "__main__":
    main()
