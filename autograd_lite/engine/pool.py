"""Whether nodes live in a pool of their own, outside of what Python's cyclic collector walks over: `allocator.c`.

They do in the compiled engine on CPython from 3.11 to 3.14, unless AUTOGRAD_LITE_POOL=0 is in the environment; elsewhere they are
allocated as all objects are. Either way a graph is freed by reference counting the moment its last name goes.
"""

import os

__all__ = ["alive", "holds", "install", "watch"]


def install(cls: type) -> bool:
    """Allocates the nodes of a class in the pool from now on; whether that can be done."""
    return False


def holds(cls: type) -> bool:
    """Whether the nodes of a class are allocated in the pool."""
    return False


def watch(node: object, others: tuple[object, ...]) -> bool:
    """Lets the collector see a node, if it sees one of those that the node refers to; whether it does."""
    return False


def alive() -> int:
    """How many nodes the pool holds."""
    return 0


if os.environ.get("AUTOGRAD_LITE_POOL", "1") != "0":
    try:  # noqa: SIM105 - a module less to load
        from autograd_lite.engine.allocator import alive, holds, install, watch
    except ImportError:  # not built, as in an editable install
        pass
