"""The gate: decides messages, takes feedback, and changes the state through records alone."""

from bawwab.gate.gate import Gate
from bawwab.gate.sender import SenderView

__all__ = ["Gate", "SenderView"]
