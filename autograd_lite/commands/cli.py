"""The command line: `autograd-lite COMMAND ...`, one module of `commands` for each command.

Exit codes: 0 done; 1 the computation failed, or found what should not be; 2 the arguments are wrong, or nothing
can be computed from them; 130 stopped by Ctrl-C, keeping what was written. An error is one line on standard error (and two that
point at the place in an expression); with --json it is one JSON document there.
"""

import argparse
import io
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

from autograd_lite import __version__
from autograd_lite.commands.arguments import CommandFailed, HelpLayout, UsageError, near
from autograd_lite.commands.printing import document, fitted, styled
from autograd_lite.engine.build import engine_info
from autograd_lite.engine.errors import OperationError
from autograd_lite.engine.extras import advice
from autograd_lite.engine.text import shorten

__all__ = ["main"]

# The modules of the commands, each loaded when its command is asked for, or all of them are.
_NAMES = "neuron equations xor moons train fit eval draw step check rounding play canon cache".split()
_COMMANDS = dict(zip(_NAMES, _NAMES, strict=True)) | {"eval": "evaluate"}
_STOPPED = 130

_OVERVIEW = """\
autograd-lite: scalar automatic differentiation to read, step through, draw and trust.

one expression
  autograd-lite eval "tanh(w*x + b)" w=2 x=0.5 b=1      its value and gradient
  autograd-lite draw "tanh(w*x + b)" w=2 x=0.5 b=1      its graph as a picture
  autograd-lite step "tanh(w*x + b)" w=2 x=0.5 b=1      the passes, step by step
  autograd-lite check "x**2 * sin(y)" x=1 y=2           the gradient, tested
  autograd-lite rounding "(1 - cos(x)) / x**2" x=1e-5   the digits that are lost

networks
  autograd-lite neuron            one unit, and the three ways to its gradient
  autograd-lite equations         the four equations of backpropagation, in numbers
  autograd-lite xor               train a 3-5-1 network on XOR
  autograd-lite moons             tell two moons apart, as micrograd's demo does
  autograd-lite train digits      learn digits; also: train mnist, train synthetic
  autograd-lite fit nist Misra1a  fit a curve, beside the certified answer
  autograd-lite canon             published examples of backpropagation, recomputed

and
  autograd-lite play              write, move, step and check in the browser
  autograd-lite cache --clear     remove the programs that were compiled from C

`autograd-lite COMMAND --help` explains each command and shows examples.
"""
_CODES = """
exit codes
  0 done; 1 the computation failed, or found what should not be; 2 the arguments are wrong; 130 stopped by Ctrl-C

environment
  NO_COLOR=1 for text without colours, FORCE_COLOR=1 for colours in pipes, too; COLUMNS for the width of a line
"""


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line, with the word that was meant, if one is near."""

    as_json = False

    def error(self, message: str) -> NoReturn:
        told = re.fullmatch(r"(?s).*invalid choice: '?(.*?)'? \(choose from (.*)\)", message)
        meant = near(told[1], re.findall(r"[\w-]+", told[2])) if told else ""
        said = "".join(letter if letter.isprintable() else " " for letter in message + meant)  # a word may hold line breaks
        self.exit(_said(f"{said} (see {self.prog} --help)", 2, self.prog, self.as_json))

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As ever; but what a command does not know is refused in its own name."""
        options, unknown = super().parse_known_args(args, namespace)
        if unknown:
            meant = [near(word, self._option_string_actions) for word in unknown if word.startswith("-")]
            self.error(f"unrecognized arguments: {' '.join(unknown)}{''.join(meant)}")
        return options, unknown


class _JsonParser(_Parser):
    """The same, for --json."""

    as_json = True


def parser(words: Sequence[str] = ("--help",)) -> argparse.ArgumentParser:
    """The parser of the command that the words begin with, if they do; else of all commands."""
    kind = _JsonParser if "--json" in words else _Parser
    top = kind(prog="autograd-lite", description=_OVERVIEW, epilog=_CODES, formatter_class=HelpLayout)
    top.add_argument("--version", action="version", version=f"autograd_lite {__version__} ({engine_info()})")
    commands = top.add_subparsers(metavar="COMMAND", parser_class=kind)
    first = words[0] if words else "--version"  # which needs no command, as the overview does not
    for name in [first] if first in _COMMANDS else [] if first == "--version" else _COMMANDS:
        import_module(f"autograd_lite.commands.{_COMMANDS[name]}").configure(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: the words after the program's name; those of the process by default.
    Returns:
        The exit code: see docs/commands.md.
    Example:
        >>> main(["eval", "x**2", "x=3"])
        value  9.0
        d/dx   6.0
        0
    """
    words = sys.argv[1:] if arguments is None else arguments
    try:
        _prepare_streams(words)
        return _run(words)
    except BrokenPipeError:
        return _left_alone()
    except (Exception, KeyboardInterrupt) as error:
        code, message = _explained(error)
        return _said(message, code, as_json="--json" in words)


def _run(words: Sequence[str]) -> int:
    try:
        options = parser(words).parse_args(words)
        if hasattr(options, "run"):
            return int(options.run(options))
        print(fitted(_OVERVIEW), end="")
        return 0
    finally:
        sys.stdout.flush()  # here, where it is seen that nobody reads any more


def _prepare_streams(words: Sequence[str]) -> None:
    """Makes every output printable: refuses a closed output, and words that are no text."""
    if sys.stderr is None:  # closed by the shell's 2>&-
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for as long as the process lives
    if sys.stdout is None:
        raise UsageError("standard output is closed, and there is nowhere to print - leave out `>&-`, or write > /dev/null")
    for word in words:
        if any("\ud800" <= letter <= "\udfff" for letter in word):  # how Python shows bytes that are no text
            raise UsageError(f"{shorten(ascii(word), 60)} is no text in this terminal's encoding - write names and paths in UTF-8")
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")  # for a name that the terminal has no letters for


def _left_alone() -> int:
    """The exit code where the reader of the pipe has closed it, as `head` does: what is still to be written goes nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _explained(error: BaseException) -> tuple[int, str]:
    """The exit code for an error, and what to say; an error that is none of the user's is raised again.

    >>> _explained(UsageError("no such thing")), _explained(KeyboardInterrupt())
    ((2, 'no such thing'), (130, 'stopped'))
    """
    match error:
        case KeyboardInterrupt():
            return _STOPPED, "stopped"
        case ModuleNotFoundError():
            return 1, str(error) if "pip install" in str(error) else advice(error.name or str(error))
        case OperationError():
            return 1, error.reason
        case MemoryError():
            return 1, "there is not enough memory for that - write smaller numbers"
        case OSError(strerror=str(reason), filename=str() | os.PathLike() as path):
            return 1, f"{os.fspath(path)}: {reason}"
        case CommandFailed() | OSError() | ArithmeticError():
            return 1, str(error)
        case UsageError() | ValueError():  # an ExpressionError among them
            return 2, str(error)
    raise error


def _said(message: str, code: int, program: str = "autograd-lite", as_json: bool = False) -> int:
    """The exit code, after the message went to standard error, if that takes it."""
    with suppress(OSError, ValueError):
        start = "\n" * sys.stderr.isatty() if code == _STOPPED else f"{styled(f'{program}:', 'error', sys.stderr)} "  # below ^C
        print(document({"error": message, "code": code}) if as_json else start + message, file=sys.stderr, flush=True)
    return code
