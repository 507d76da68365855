"""Every error the client raises, in one tree.

::

    BawwabError
    └── ClientError
        ├── RefusedError      the gate answered, and did not take what it was asked
        └── UnreachableError  no answer in time: nobody there, too slow, or not ready

`Client.score` and `Client.score_many` never raise `UnreachableError`: they give a `LocalAnswer`.
"""

from bawwab.client.messages import Problem
from bawwab.core.errors import BawwabError


class ClientError(BawwabError):
    """Base of every error the client raises on purpose."""


class RefusedError(ClientError):
    """The gate did not take it; asking the same again will not help.

    Parameters
    ----------
    problem : Problem
        What the gate said: status, field, remedy.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.status} {problem.title}: {problem.detail}")
        self.problem = problem

    @property
    def status(self) -> int:
        """HTTP status."""
        return self.problem.status


class UnreachableError(ClientError):
    """There was no answer before the deadline.

    Parameters
    ----------
    why : str
        What the last attempt met.
    retry_after : float, optional
        Seconds that the gate asked to be left alone.
    over_quota : bool
        The gate is well: this caller has asked more often than its key may.
    """

    def __init__(self, why: str, *, retry_after: float | None = None, over_quota: bool = False) -> None:
        super().__init__(f"no answer from the gate: {why}")
        self.why = why
        self.retry_after = retry_after
        self.over_quota = over_quota
