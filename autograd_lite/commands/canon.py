"""`autograd-lite canon`: published worked examples recomputed: every number as published, exact, and computed by the engine."""

import argparse
from functools import partial
from pathlib import Path

from autograd_lite.commands.arguments import Command, argument
from autograd_lite.systems.canon import EXAMPLES, LONG, mnist_files

_EXAMPLES = """\
examples
  autograd-lite canon                    everything, a few seconds
  autograd-lite canon mazur 2-2-1        two of the examples
  autograd-lite canon --quick            without the long training runs
  autograd-lite canon --mnist data       and the labels in MNIST's IDX files, packed or not
"""


def _example(name: str) -> str:
    if name not in EXAMPLES:
        raise argparse.ArgumentTypeError(f"no example is named {name!r}; there are {', '.join(EXAMPLES)}")
    return name


def run(options: argparse.Namespace) -> int:
    """Prints a table for every example; 1 if some figure is not what it should be."""
    names = options.example or [name for name in EXAMPLES if not (options.quick and name in LONG)]
    makers = [EXAMPLES[name] for name in names]
    if options.mnist is not None:
        makers.append(partial(mnist_files, options.mnist))
    count = wrong = 0
    for make in makers:
        example = make()
        print(f"{example}\n")
        count += len(example.figures)
        wrong += sum(not figure for figure in example.figures)
    print(f"{count} figures, {wrong or 'none'} other than expected")
    return 1 if wrong else 0


configure = Command(
    "canon",
    run,
    "published worked examples, recomputed",
    "Numbers that teachers have published for small networks: as published, exact, and computed by the engine.",
    _EXAMPLES,
    [
        argument("example", nargs="*", type=_example, metavar="EXAMPLE", help=f"of {', '.join(EXAMPLES)}; all by default"),
        argument("--quick", action="store_true", help=f"leave out {', '.join(LONG)}"),
        argument("--mnist", type=Path, metavar="DIR", help="a folder with MNIST's label files"),
    ],
).configure
