"""Work spread over processes, one task at a time told as it is done."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

T = TypeVar("T")
Tell = Callable[[str, float], None]  # name of what is being done, and the fraction that is


def silent(name: str, done: float) -> None:
    """Tell nobody."""


def in_parallel(
    work: Callable[..., T], tasks: Iterable[tuple[Any, ...]], *, jobs: int, name: str, tell: Tell = silent
) -> list[T]:
    """Do ``work`` for every task's arguments; the results in the order of the tasks.

    Each task has one thread, so that sums are taken in one order and the result does not depend
    on how many processes there are.
    """
    listed = list(tasks)
    tell(name, 0.0)
    found = Parallel(n_jobs=jobs, return_as="generator")(delayed(_single)(work, task) for task in listed)
    results = []
    for result in found:
        results.append(result)
        tell(name, len(results) / len(listed))
    return results


def _single(work: Callable[..., T], task: tuple[Any, ...]) -> T:
    with threadpool_limits(limits=1):
        return work(*task)
