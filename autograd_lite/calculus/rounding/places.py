"""Where values are made, and constants of what: looked at only while somebody asks."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from autograd_lite.calculus.onlooking import Onlooker, key_of
from autograd_lite.calculus.reverse import swept
from autograd_lite.engine import value as engine
from autograd_lite.engine.errors import place_in_file, user_frame_of
from autograd_lite.engine.reals import as_float
from autograd_lite.engine.value import Value, constant

_ENGINE = os.path.dirname(engine.__file__) + os.sep
_OWN = __file__, sys.modules[Onlooker.__module__].__file__

Line = tuple[str, int, dict[str, Any]]
History = tuple[Any, Sequence[Value], Sequence[float | None]]  # of a value: primitive, operands, local derivatives


@dataclass(slots=True)
class Places(Onlooker):
    """An onlooker that also notes the line of the user's code in which every value was made, and every comparison.

    Attributes:
        instead_of: while adjoints are computed that can be differentiated, the value that they come from: their line is its line.
        constants: by `id`: what does not remember what it was computed from, as inside `no_grad`; its primitive and operands.
        lines: by `id`: the value, which is kept so that the id stays its own, and its line.
        compared_at: by the keys of `comparisons`.
    """

    instead_of: Value | None = None
    constants: dict[int, tuple[Value, Any, Sequence[Any]]] = field(default_factory=dict)
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

    def unrecorded(self, node: Value, primitive: Any, operands: Sequence[Any]) -> None:
        """Notes a constant that was computed from values, and its line."""
        known = [operand if isinstance(operand, Value) else constant(as_float(operand)) for operand in operands]
        self.constants[id(node)] = node, primitive, known
        self.made(node)

    def gradients(self, output: Value, inputs: Sequence[Value], differentiable: bool) -> list[Any]:
        """Derivatives that are taken on the way; those that can be differentiated are looked on, too."""
        return swept(output, inputs, True) if differentiable else Onlooker.gradients(self, output, inputs, False)

    def history(self, value: Value) -> History:
        """How a value was computed."""
        if value.primitive is None and id(value) in self.constants:
            _, primitive, operands = self.constants[id(value)]
            return primitive, operands, [None] * len(operands)
        return value.primitive, value.operands, value.local_derivatives

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
