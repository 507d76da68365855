"""Execute every notebook from its paired script, and keep the outputs."""

import os
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
SECONDS = 300


def main() -> None:
    """Run the notebooks named, or all."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    named = [Path(name) for name in sys.argv[1:]] or sorted((ROOT / "notebooks").glob("*.py"))
    for script in named:
        notebook = jupytext.read(script)
        NotebookClient(notebook, timeout=SECONDS, resources={"metadata": {"path": str(ROOT)}}).execute()
        for number, cell in enumerate(notebook.cells):
            cell["id"] = f"cell-{number}"
            cell.metadata.pop("execution", None)
        notebook.metadata.pop("language_info", None)
        nbformat.write(notebook, script.with_suffix(".ipynb"))  # type: ignore[no-untyped-call] # it has no types
        print(script.name)


if __name__ == "__main__":
    main()
