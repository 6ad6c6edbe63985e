"""Stepping in a terminal: keys on a real pseudo-terminal, typed lines without termios, and plain printing elsewhere."""

import builtins
import io
import os
import select
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from autograd_lite import Value
from autograd_lite.engine.text import text_width
from autograd_lite.stepping import record, run_terminal
from autograd_lite.stepping.terminal import MOST_LINES, cut, screen, tree
from tests.stepping_graphs import network, neuron

pty = pytest.importorskip("pty", reason="pseudo-terminals are POSIX's")
fcntl = pytest.importorskip("fcntl")
termios = pytest.importorskip("termios")
PATIENCE = 60.0  # seconds, on a machine that others use


class Terminal:
    """The far side of a pseudo-terminal: what a person types and sees."""

    def __init__(self, handle: int, thread: threading.Thread) -> None:
        self.handle, self.thread, self.seen = handle, thread, ""

    def read_until(self, text: str) -> str:
        """The output up to and with this text; what comes before is forgotten."""
        end = time.monotonic() + PATIENCE
        while text not in self.seen:
            assert time.monotonic() < end, f"{text!r} did not come; there was {self.seen!r}"
            if select.select([self.handle], [], [], 0.1)[0]:
                self.seen += os.read(self.handle, 65536).decode()
        found, _, self.seen = self.seen.partition(text)
        return found + text

    def press(self, keys: str, then: str) -> str:
        os.write(self.handle, keys.encode())
        return self.read_until(then)


@contextmanager
def terminal(
    monkeypatch: pytest.MonkeyPatch, root: Value, name: str = "xterm", size: tuple[int, int] | None = None
) -> Iterator[Terminal]:
    """A person at a terminal that steps through the gradient of `root`; `size` is its lines and columns, as a window has them."""
    monkeypatch.setenv("TERM", name)
    far, near = pty.openpty()
    if size is None:
        monkeypatch.setenv("COLUMNS", "100")
    else:
        monkeypatch.delenv("COLUMNS", raising=False)
        monkeypatch.delenv("LINES", raising=False)
        fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("4H", *size, 0, 0))
    with open(near, closefd=False) as source, open(near, "w", closefd=False) as target:
        thread = threading.Thread(target=run_terminal, args=(record(root), source, target), daemon=True)
        thread.start()
        try:
            yield Terminal(far, thread)
        finally:
            os.write(far, b"q")
            thread.join(PATIENCE)
    os.close(far)
    os.close(near)
    assert not thread.is_alive()


def test_keys_and_arrows_move_through_the_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch, neuron()) as person:
        first = person.read_until("step 1 of 15")
        assert first.startswith("\x1b[H\x1b[2J")
        assert "> " in first
        assert "?" in first, "what is not computed yet"
        person.press("n", "step 2 of 15")
        person.press("\x1b[C", "step 3 of 15")
        person.press(" ", "step 4 of 15")
        person.press("\x1b[D", "step 3 of 15")
        person.press("p", "step 2 of 15")
        person.press("\x1b[F", "step 15 of 15")
        assert "dL/dw1 += dp1/dw1" in person.read_until("[0 -> 1.0000]")
        person.press("n", "step 15 of 15")
        person.press("\x1b[H", "step 1 of 15")
        person.press("p", "step 1 of 15")
        person.press("N", "step 2 of 15")
        person.press("P", "step 1 of 15")


def test_going_to_a_step_or_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch, neuron(), "dumb") as person:
        assert "\x1b" not in person.read_until("step 1 of 15")
        person.press("g", "go to: ")
        person.press("7\n", "step 7 of 15")
        person.press("g", "go to: ")
        person.press("w2\n", "step 13 of 15")
        person.press("g", "go to: ")
        person.press("99\n", "there is no step 99; they go from 1 to 15")
        person.press("g", "go to: ")
        person.press("w9\n", "no value of the recorded graph is called `w9`; there are")
        person.press("z", "`z` is no command: n/p step")


def test_without_termios_lines_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name == "termios":
            raise ImportError(name)
        return real(name, *arguments, **named)

    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(builtins, "__import__", without)
    screen = Screen()
    run_terminal(record(neuron()), Screen("n\n\ng 7\nlast\nq\n"), screen)
    shown = [line for line in screen.getvalue().split("\n") if line.startswith("step ")]
    assert shown == [f"step {k} of 15" for k in (1, 2, 3, 7, 15)]
    ended = Screen()
    run_terminal(record(neuron()), Screen(""), ended)
    assert ended.getvalue().count("step 1 of 15") == 1, "the end of the input ends it"


def test_elsewhere_everything_is_printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    run_terminal(record(neuron()))
    assert capsys.readouterr().out == f"{record(neuron())}\n"


def test_the_tree_marks_the_current_value_and_the_receiver() -> None:
    lines = tree(record(neuron()), 6)
    assert [line.split()[:2] for line in lines if line[0] in ">*"] == [[">", "L"], ["*", "v2"]]
    assert lines[0].startswith("> L = tanh(v2)")
    assert lines[0].endswith("0.7071   grad 1.0000")


def test_a_large_tree_is_cut_around_the_current_value() -> None:
    steps = record(network([2, 8, 8, 1]))
    for k in (0, len(steps) // 2, len(steps) - 1):
        lines = tree(steps, k)
        assert len(lines) <= MOST_LINES + 1
        assert lines[0].startswith(">")
    assert tree(steps, len(steps.forward))[-1].strip().endswith("more values")


def rows_of(screen: str, columns: int) -> int:
    """The lines of a terminal that a screen fills, with those that its long lines go on in."""
    return sum(max(1, -(-len(line) // columns)) for line in screen.split("\n"))


@pytest.mark.parametrize(("lines", "columns"), [(24, 80), (12, 80), (40, 100), (16, 50)])
def test_a_screen_is_no_higher_than_the_terminal(monkeypatch: pytest.MonkeyPatch, lines: int, columns: int) -> None:
    with terminal(monkeypatch, network([2, 8, 8, 1]), size=(lines, columns)) as person:
        for k in range(1, 400, 57):
            shown = person.read_until(f"step {k} of") + person.read_until("q\r\n")
            drawn = shown.rpartition("\x1b[2J")[2].replace("\r", "")
            assert rows_of(drawn, columns) <= lines, drawn
            assert drawn.startswith(">"), "the current value is seen"
            person.press("g", "go to: ")
            os.write(person.handle, f"{k + 57}\n".encode())


def test_what_is_current_is_seen_however_deep_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Value(0.5, label="x")
    root = x
    for _ in range(20):
        root = root.tanh()
    steps = record(root)
    for k in range(len(steps)):
        for most in (1, 5, 30):
            shown = tree(steps, k, most)
            assert sum(line.startswith(">") for line in shown) == 1
            assert len(shown) <= most + 1


@pytest.mark.parametrize("key", ["?", "h"])
def test_a_key_lists_all_keys(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    with terminal(monkeypatch, neuron(), size=(24, 80)) as person:
        person.read_until("? help, q")
        shown = person.press(key, "shown above already")
        assert "n, space, Right, Enter, Down" in shown
        assert rows_of(shown.rpartition("\x1b[2J")[2].replace("\r", ""), 80) <= 24
        person.press("n", "step 2 of 15")
        assert "Backspace" not in person.read_until("? help, q"), "until the next key"


def test_wide_letters_are_counted_as_two_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("LINES", "20")
    root = Value(1.0, label="\u6f22" * 30) * Value(2.0, label="w")
    assert all(text_width(cut(line, 39)) <= 39 for line in tree(record(root), 0))


def test_steps_know_their_line_in_a_terminal() -> None:
    x = Value(3.0)
    y = x * x
    steps = record(y)
    assert "in your code: y = x * x" in screen(steps, 0, "", os.terminal_size((80, 24)))
