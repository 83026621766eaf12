"""How many cores NumPy computes with. A library leaves that to its host; the command line and the page decide it."""

import os

from threadpoolctl import threadpool_limits


def use_one_core() -> None:
    """One core for NumPy in this process, unless the environment variable OPENBLAS_NUM_THREADS says otherwise.

    Products this small are no slower for it, and ten times faster where something else runs on the other cores.
    """
    if "OPENBLAS_NUM_THREADS" not in os.environ:
        threadpool_limits(1, "blas")
