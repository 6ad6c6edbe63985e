"""`autograd-lite canon`: published worked examples recomputed: every number as published, exact, and computed by the engine."""

import argparse
from functools import partial
from pathlib import Path

from autograd_lite.commands.arguments import Command, argument, near
from autograd_lite.commands.printing import columns, give, judged
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
        raise argparse.ArgumentTypeError(f"no example is named {name!r}; there are {', '.join(EXAMPLES)}{near(name, EXAMPLES)}")
    return name


def run(options: argparse.Namespace) -> int:
    """Prints a table for every example; 1 if some figure is not what it should be."""
    names = options.example or [name for name in EXAMPLES if not (options.quick and name in LONG)]
    makers = [EXAMPLES[name] for name in names]
    if options.mnist is not None:
        makers.append(partial(mnist_files, options.mnist))
    examples = []
    for make in makers:
        examples.append(make())
        if not options.json:  # others take seconds
            print(f"{judged(examples[-1].text(columns()))}\n", flush=True)
    figures = [figure for example in examples for figure in example.figures]
    wrong = sum(not figure for figure in figures)
    found = {"examples": [example.record() for example in examples], "figures": len(figures), "unexpected": wrong}
    give(options, found, lambda: f"{len(figures)} figures, {wrong or 'none'} other than expected")
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
