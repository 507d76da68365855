"""Every error bawwab raises on purpose, in one tree.

::

    BawwabError
    ├── ConfigurationError        a setting, a policy or a home that cannot be used
    │   └── PolicyError           a key or value of the policy file
    ├── ModelError                a model version that is missing, altered or malformed
    ├── StoreError                a state store or a log that did not answer
    │   └── StoreFullError        it answered: no room
    └── RefusedInputError         an item that is well formed and cannot be taken
        ├── PayloadMismatchError  a message_id reused with another payload
        ├── ClockError            a time too far ahead of the clock
        ├── AlreadyResolvedError  an appeal resolved twice
        └── UnknownItemError      an id that nobody has seen
"""


class BawwabError(Exception):
    """Base of every error raised on purpose; its text says what broke and what to do."""


class ConfigurationError(BawwabError):
    """The process cannot start with what it was given."""


class PolicyError(ConfigurationError):
    """The policy file has an unknown key, a wrong type or a value out of range."""


class ModelError(BawwabError):
    """A model version cannot be trusted or read."""


class StoreError(BawwabError):
    """A store did not do what it was asked."""


class StoreFullError(StoreError):
    """A store has reached its declared size."""


class RefusedInputError(BawwabError):
    """An item that is well formed and still cannot be taken."""


class PayloadMismatchError(RefusedInputError):
    """A message id that was used before came with another payload."""


class ClockError(RefusedInputError):
    """An item's time lies too far ahead of the clock; ``index`` is its place in its list."""

    def __init__(self, message: str, *, index: int = 0) -> None:
        super().__init__(message)
        self.index = index


class AlreadyResolvedError(RefusedInputError):
    """An appeal that has been resolved before."""


class UnknownItemError(RefusedInputError):
    """An id that nothing is known about."""
