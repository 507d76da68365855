"""Loops over characters and features, compiled to machine code by Numba.

The machine code is kept in the folder that ``NUMBA_CACHE_DIR`` names, else beside the source, else in
the user's cache folder, so that the next process finds it. Where none of them can be written it is
compiled anew in each process, which takes a few seconds.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(signature: str) -> Callable[[Function], Function]:
    """Compile a function for one signature, at import.

    Parameters
    ----------
    signature : str
        Numba's, such as ``"int64(int64[::1])"``.
    """

    def compile_now(function: Function) -> Function:
        try:
            return cast("Function", numba.njit(signature, cache=True)(function))
        except RuntimeError:  # no folder to keep it in
            return cast("Function", numba.njit(signature)(function))

    return compile_now
