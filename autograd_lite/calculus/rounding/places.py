"""Where values are made: the lines of the user's code, looked at only while somebody asks."""

import os
import sys
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from autograd_lite.calculus.onlooking import Onlooker, key_of
from autograd_lite.engine import value as engine
from autograd_lite.engine.errors import place_in_file, user_frame_of
from autograd_lite.engine.value import Value

_ENGINE = os.path.dirname(engine.__file__) + os.sep
_OWN = __file__, sys.modules[Onlooker.__module__].__file__

Line = tuple[str, int, dict[str, Any]]


@dataclass(slots=True)
class Places(Onlooker):
    """An onlooker that also notes the line of the user's code in which every value was made, and every comparison.

    Attributes:
        instead_of: while adjoints are computed that can be differentiated, the value that they come from: their line is its line.
        lines: by `id`: the value, which is kept so that the id stays its own, and its line.
        compared_at: by the keys of `comparisons`.
    """

    instead_of: Value | None = None
    lines: dict[int, tuple[Value, Line | None]] = field(default_factory=dict)
    compared_at: dict[Any, Line | None] = field(default_factory=dict)

    def made(self, node: Value) -> None:
        """Notes where a value is made."""
        known = self.lines.get(id(self.instead_of))
        self.lines[id(node)] = node, _line() if known is None else known[1]

    def compared(self, sign: str, left: Value, right: Any, outcome: bool) -> bool:
        """Notes a comparison and its line; it answers as always."""
        Onlooker.compared(self, sign, left, right, outcome)
        self.compared_at.setdefault(key_of(sign, left, right), _line())
        return outcome

    def escape(self) -> None:
        """A number was taken out of the graph: by the user, as this package knows what it does."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and (frame.f_code.co_filename in _OWN or frame.f_code.co_filename.startswith(_ENGINE)):
            frame = frame.f_back
        if frame is user_frame_of(frame):
            self.escaped += 1

    def place(self, value: Value) -> str:
        """The line where a value was made, in words; empty if it was made before."""
        return in_words(self.lines.get(id(value), (value, None))[1])


def _line() -> Line | None:
    frame = user_frame_of(sys._getframe(1))
    return None if frame is None else (frame.f_code.co_filename, frame.f_lineno, frame.f_globals)


def in_words(line: Line | None) -> str:
    """A line as "line 3 of model.py: c = a - b"."""
    return "" if line is None else place_in_file(*line)
