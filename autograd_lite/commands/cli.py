"""The command line: `autograd-lite COMMAND ...`, one module of `commands` for each command.

Exit codes: 0 done; 1 the computation failed; 2 the arguments are wrong, or nothing
can be computed from them; 130 stopped by Ctrl-C, keeping what was written.
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

from autograd_lite import __version__
from autograd_lite.commands.arguments import UsageError
from autograd_lite.engine.build import engine_info
from autograd_lite.engine.errors import OperationError
from autograd_lite.engine.extras import advice
from autograd_lite.engine.text import shorten

# The modules of the commands, each loaded when its command is asked for, or all of them are.
_NAMES = "neuron equations xor moons train fit eval draw step check rounding play canon cache".split()
_COMMANDS = dict(zip(_NAMES, _NAMES, strict=True)) | {"eval": "evaluate"}

_OVERVIEW = """\
autograd-lite: scalar automatic differentiation to read, step through, draw and trust.

try
  autograd-lite neuron                                 one unit, and the three ways to its gradient
  autograd-lite equations                              the four equations of backpropagation, number by number
  autograd-lite xor                                    train a 3-5-1 network on XOR and check its gradient in three ways
  autograd-lite moons                                  tell two moons apart, as micrograd's demo does
  autograd-lite train digits                           learn digits from pictures; also: train mnist, train synthetic
  autograd-lite fit nist Misra1a                       fit a curve, beside the certified answer
  autograd-lite eval "tanh(w*x + b)" w=2 x=0.5 b=1     a value and its gradient
  autograd-lite draw "tanh(w*x + b)" w=2 x=0.5 b=1     the graph as a picture
  autograd-lite step "tanh(w*x + b)" w=2 x=0.5 b=1     the backward pass, one step at a time
  autograd-lite check "x**2 * sin(y)" x=1 y=2          the gradient tested numerically, with an error bar
  autograd-lite rounding "(1 - cos(x)) / x**2" x=1e-5  the digits that rounding took, and where
  autograd-lite play                                   the playground: write, move, step and check Values in the browser
  autograd-lite canon                                  the published examples of backpropagation, recomputed
  autograd-lite cache --clear                          remove the programs that were compiled from C

`autograd-lite COMMAND --help` explains each command.
"""


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        line = "".join(letter if letter.isprintable() else " " for letter in message)  # a word may hold line breaks
        self.exit(2, f"{self.prog}: {line} (see {self.prog} --help)\n")


def parser(words: Sequence[str] = ("--help",)) -> argparse.ArgumentParser:
    """The parser of the command that the words begin with, if they do; else of all commands."""
    top = _Parser(prog="autograd-lite", description=_OVERVIEW, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--version", action="version", version=f"autograd_lite {__version__} ({engine_info()})")
    commands = top.add_subparsers(metavar="COMMAND", parser_class=_Parser)
    first = words[0] if words else "--version"  # which needs no command, as the overview does not
    for name in [first] if first in _COMMANDS else [] if first == "--version" else _COMMANDS:
        import_module(f"autograd_lite.commands.{_COMMANDS[name]}").configure(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: the words after the program's name; those of the process by default.
    Returns:
        The exit code.
    """
    words = sys.argv[1:] if arguments is None else arguments
    try:
        _prepare_streams(words)
        options = parser(words).parse_args(words)
        return _run(options)
    except UsageError as error:
        return _said(str(error), 2)
    except ModuleNotFoundError as error:
        return _said(str(error) if "pip install" in str(error) else advice(error.name or str(error)), 1)


def _prepare_streams(words: Sequence[str]) -> None:
    """Makes every output printable: refuses a closed output, and words that are no text."""
    if sys.stderr is None:  # closed by the shell's 2>&-
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - for as long as the process lives
    if sys.stdout is None:
        raise UsageError("standard output is closed, and there is nowhere to print - leave out `>&-`, or write > /dev/null")
    for word in words:
        if any("\ud800" <= letter <= "\udfff" for letter in word):  # how Python shows bytes that are no text
            raise UsageError(f"{shorten(ascii(word), 60)} is no text in this terminal's encoding - write names and paths in UTF-8")
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")  # for a name that the terminal has no letters for


def _run(options: argparse.Namespace) -> int:
    if not hasattr(options, "run"):
        print(_OVERVIEW, end="")
        return 0
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return _said("stopped", 130, "\n")
    except OperationError as error:
        return _said(error.reason, 1)
    except BrokenPipeError:
        # The reader of the pipe has closed it, as `head` does.
        sys.stderr.close()
        return 1
    except MemoryError:
        return _said("there is not enough memory for that - write smaller numbers", 1)
    except (OSError, ArithmeticError) as error:
        return _said(str(error), 1)
    except (UsageError, ValueError) as error:  # an ExpressionError among them
        return _said(str(error), 2)


def _said(message: str, code: int, before: str = "autograd-lite: ") -> int:
    """The exit code, after the message went to standard error, if that takes it."""
    with suppress(OSError, ValueError):
        print(f"{before}{message}", file=sys.stderr, flush=True)
    return code
