"""`autograd-lite cache`: what programs in C have left on the disk, and how to be rid of it."""

import argparse

from autograd_lite.commands.arguments import Command, argument
from autograd_lite.commands.printing import give
from autograd_lite.compiled import cached, cleared

_EXAMPLES = """\
examples
  autograd-lite cache            where compiled programs are, how many, how large
  autograd-lite cache --clear    removes them; one that is used again is compiled again
  autograd-lite cache --json     the same for programs: folder, programs, bytes
"""


def run(options: argparse.Namespace) -> int:
    """Prints the folder and what is in it, or what was removed from it."""
    if options.clear:
        removed = cleared()
        give(options, {"removed": removed}, lambda: f"{removed} compiled programs removed")
        return 0
    folder, count, size = cached()
    found = {"folder": folder, "programs": count, "bytes": size}
    give(options, found, lambda: f"{folder}\n  {count} compiled programs, {size:,} bytes")  # a path stays whole
    return 0


configure = Command(
    "cache",
    run,
    "programs that were compiled from C",
    'Programs that are traced with backend="c" are compiled once, and kept in the cache folder of the user.',
    _EXAMPLES,
    [argument("--clear", action="store_true", help="remove them")],
).configure
