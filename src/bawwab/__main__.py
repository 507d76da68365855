"""``python -m bawwab``."""

from bawwab.cli import main

main()
