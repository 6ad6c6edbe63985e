"""Stepping in a terminal: keys or typed lines move through the steps; the graph is shown as a tree with the current value marked.

    n, space, Right, Enter   next step           N   first step of the next value
    p, Left                  previous step       P   previous value
    g NUMBER or g NAME       go to a step, or to the next step that touches a value
    Home, End                first and last      q   leave          ? or h   this list

The tree is as high as the terminal leaves room for, and is cut around the current value where it is higher.
Where input or output is no terminal, all steps are printed. Without termios the same letters are read line by line.
"""

import os
import sys
from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.text import text_width
from autograd_lite.stepping.collection import Steps
from autograd_lite.stepping.recording import Recording
from autograd_lite.stepping.steps import Step
from autograd_lite.stepping.wording import number

MOST_LINES = 30  # of the tree
DEEPEST = 12
HELP = "n/p step, N/P value, g NUMBER or NAME, Home/End, ? help, q"
KEYS = """\
n, space, Right, Enter, Down   next step          N   first step of the next value
p, b, Left, Up, Backspace      previous step      P   previous value
g, then a number or a name     go to that step, or to the next step that touches that value
Home or 0, End or $            first and last     q, Esc   leave
> this step's value   * receives a gradient   ? not computed yet   (above) shown above already"""
_KEYS = {
    "\x1b[C": "n", "\x1bOC": "n", "\x1b[B": "n", "\x1bOB": "n", " ": "n", "\r": "n", "\n": "n",
    "\x1b[D": "p", "\x1bOD": "p", "\x1b[A": "p", "\x1bOA": "p", "\x7f": "p", "b": "p",
    "\x1b[H": "first", "\x1bOH": "first", "\x1b[1~": "first", "0": "first",
    "\x1b[F": "last", "\x1bOF": "last", "\x1b[4~": "last", "$": "last",
    "\x03": "q", "\x04": "q", "\x1b": "q", "": "q",
}  # fmt: skip


def run_terminal(steps: Steps, stdin: TextIO | None = None, stdout: TextIO | None = None) -> None:
    """Steps through a recording at a terminal; prints all of it where there is none.

    Args:
        steps: from `record`.
        stdin: where commands come from; the process's by default.
        stdout: where the steps go; the process's by default.
    Example:
        >>> import sys
        >>> import io
        >>> from autograd_lite import Value
        >>> from autograd_lite.stepping import record
        >>> x = Value(3.0, label="x")
        >>> run_terminal(record(-x), io.StringIO(), sys.stdout)
        L = -x = -3.0000 = -3.0000
        dL/dL = 1.0000   [0 -> 1.0000]
        dL/dx += dL/dx * dL/dL = (-1) * 1.0000 = -1.0000 * 1.0000 = -1.0000   [0 -> -1.0000]
    """
    source, target = stdin or sys.stdin, stdout or sys.stdout
    if not (source.isatty() and target.isatty()) or not steps:
        for step in steps:
            print(step, file=target)
        return
    try:
        _by_keys(steps, source, target)
    except ImportError:  # no termios on this system
        _session(steps, target, lambda: _typed(source.readline()), clear=False)


def _typed(line: str) -> str:
    """The command on a line; an empty line is a step forward, the end of the input leaves."""
    return (line.strip() or "n") if line else "q"


def _by_keys(steps: Steps, source: TextIO, target: TextIO) -> None:
    """Reads single keys; the terminal is given back as it was found, whatever happens."""
    import termios
    import tty

    handle = source.fileno()
    before = termios.tcgetattr(handle)

    def command() -> str:
        key = os.read(handle, 8).decode(errors="replace")
        if key != "g":
            return _KEYS.get(key, key)
        termios.tcsetattr(handle, termios.TCSADRAIN, before)  # a whole line, with the editing keys of the terminal
        target.write("go to: ")
        target.flush()
        line = source.readline().strip()
        tty.setcbreak(handle, termios.TCSADRAIN)
        return f"g {line}"

    tty.setcbreak(handle, termios.TCSADRAIN)  # not flushing: keys typed ahead count
    try:
        with suppress(KeyboardInterrupt):
            _session(steps, target, command, clear=os.environ.get("TERM", "dumb") != "dumb")
    finally:
        termios.tcsetattr(handle, termios.TCSADRAIN, before)


def _session(steps: Steps, target: TextIO, command: Callable[[], str], clear: bool) -> None:
    at, message = 0, ""
    while True:
        shown = screen(steps, at, message or HELP, _size(target))
        target.write(f"\x1b[H\x1b[2J{shown}" if clear else shown)
        target.flush()
        typed = command()
        if typed == "q":
            target.write("\n")
            return
        message = KEYS if typed in ("?", "h") else ""
        if message:
            continue
        try:
            at = _moved(steps, at, typed)
        except (ValueError, GraphError) as error:
            message = str(error)


def screen(steps: Steps, at: int, message: str, size: os.terminal_size) -> str:
    """The tree, the step and a message: in all no higher than the terminal, as far as the step and the message leave room."""
    step = steps[at]
    code = getattr(step, "code", "")
    below = [
        "",
        f"step {at + 1} of {len(steps)}",
        str(step),
        *([f"in your code: {code}"] if code else []),
        "",
        *message.split("\n"),
    ]
    taken = sum(max(1, -(-text_width(line) // size.columns)) for line in below) + 2  # what is left out, and the cursor
    most = min(max(size.lines - taken, 1), MOST_LINES)
    drawn = [cut(line, size.columns - 1) for line in tree(steps, at, most)]
    return "\n".join([*drawn, *below, ""])


def _size(target: TextIO) -> os.terminal_size:
    """Columns and lines of the terminal; COLUMNS and LINES say otherwise, as everywhere."""
    try:
        columns, lines = os.get_terminal_size(target.fileno())
    except (OSError, ValueError, AttributeError):
        columns, lines = 0, 0
    given = [os.environ.get(name, "") for name in ("COLUMNS", "LINES")]
    columns, lines = (int(text) if text.isdecimal() else found for text, found in zip(given, (columns, lines), strict=True))
    return os.terminal_size((columns or 80, lines or 24))


def cut(text: str, columns: int) -> str:
    """The beginning of a text that fits into so many columns."""
    while text_width(text) > columns:
        text = text[: columns - text_width(text)] if columns > 0 else ""
    return text


def _moved(steps: Steps, at: int, command: str) -> int:
    """The place among the steps that a command leads to.

    Raises:
        ValueError: if it is no command, or names a step that does not exist.
        GraphError: if it names a value that does not exist or is not touched any more.
    """
    last = len(steps) - 1
    places = {"n": min(at + 1, last), "p": max(at - 1, 0), "first": 0, "last": last}
    if command in places:
        return places[command]
    if command in ("N", "P"):
        return _next_value(steps, at, 1 if command == "N" else -1)
    if command.startswith("g"):
        wanted = command[1:].strip()
        if wanted.isdecimal():
            if not 1 <= int(wanted) <= last + 1:
                raise ValueError(f"there is no step {wanted}; they go from 1 to {last + 1}")
            return int(wanted) - 1
        found = steps[at + 1 :].at(wanted)
        return next(k for k in range(at + 1, last + 1) if steps[k].number == found.number)
    raise ValueError(f"`{command}` is no command: {HELP}" if command.isprintable() else HELP)


def _next_value(steps: Steps, at: int, by: int) -> int:
    k = at + by
    while 0 < k < len(steps) - 1 and steps[k].node is steps[k - 1].node:
        k += by
    return min(max(k, 0), len(steps) - 1)


def tree(steps: Steps, at: int, most: int = MOST_LINES) -> list[str]:
    """The graph as lines of text, the root first, with `>` at the value of a step and `*` at the operand it passes a gradient to.

    Args:
        steps: from `record`.
        at: which step; numbers and gradients are those after it.
        most: lines; of a larger graph those below the current value, and a line that says how many are left out.
    Example:
        >>> from autograd_lite import Value
        >>> from autograd_lite.stepping import record
        >>> x = Value(3.0, label="x")
        >>> print("\\n".join(tree(record(x * x + 1.0), 3)))
        > L = v1 + 1    10.0000  grad 1.0000
        *   v1 = x * x  9.0000   grad 1.0000
              x         3.0000   grad
              x         (above)
            1           1.0000
    """
    recording, step = steps.recording, steps[at]
    rows = _rows(recording, step, most)
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return [f"{row[0]:{widths[0]}}  {row[1]:{widths[1]}}  {row[2]}".rstrip() for row in rows]


def _rows(recording: Recording, step: Step, most: int) -> list[tuple[str, str, str]]:
    """Per line: the mark and the indented name, the number, the gradient; from the root where the current value is then seen."""
    current, root = recording.index[id(step.node)], len(recording.nodes) - 1
    rows = _rows_below(recording, step, root, most) if root < most else []
    return rows if any(row[0].startswith(">") for row in rows) else _rows_below(recording, step, current, most)


def _rows_below(recording: Recording, step: Step, top: int, most: int) -> list[tuple[str, str, str]]:
    """The lines of a value and of what is below it, cut at DEEPEST and at `most` lines."""
    gradients = recording.gradients_after(step.number)
    current = recording.index[id(step.node)]
    receiver = recording.index[id(step.operand)] if hasattr(step, "operand") else -1
    rows: list[tuple[str, str, str]] = []
    seen: set[int] = set()
    stack = [(top, 0)]
    while stack:
        i, depth = stack.pop()
        if len(rows) == most:
            rows.append((f"  ... {len(recording.nodes) - len(seen)} more values", "", ""))
            break
        mark = ">" if i == current else "*" if i == receiver else " "
        node, name = recording.nodes[i], recording.names[i]
        operands = recording.numbers_of(i)
        call = f" = {recording.wording(i).call([recording.names[j] for j in operands])}" if operands else ""
        computed = not operands or step.number >= bisect_left(recording.interior, i)
        data = "(above)" if i in seen else number(recording.data[i]) if computed else "?"
        gradient = gradients.get(i, recording.start[i] or None)
        grad = "" if i in seen or not node.requires_grad else "grad" if gradient is None else f"grad {number(gradient)}"
        rows.append((f"{mark} {'  ' * depth}{name}{call}", data, grad))
        fresh = i not in seen
        seen.add(i)
        if fresh and depth < DEEPEST:
            stack += [(j, depth + 1) for j in reversed(operands)]
    return rows
