"""Python's cyclic garbage collector, kept quiet while graphs are built."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["quiet_gc"]


@contextmanager
def quiet_gc() -> Iterator[None]:
    """A block in which the cyclic collector does not run; afterwards it is as it was, also after an exception.

    Nodes refer to their operands and to nothing else, so a graph is released by reference counting the moment its last name goes,
    and the collector, which looks for cycles, has nothing to find there. It looks all the same, every few hundred new nodes, and
    that costs about as much time as the arithmetic. Cycles that other code makes inside the block wait until the block ends. The
    collector belongs to the whole process, so it is quiet for all threads.

    >>> import gc
    >>> from autograd_lite import Value
    >>> with quiet_gc():
    ...     y = Value(3.0) * 2.0
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
