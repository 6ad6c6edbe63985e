"""What a program is asked to compute."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from autograd_lite.program.ir.arrays import Array
from autograd_lite.program.ir.statements import Lowered


class Task(NamedTuple):
    """What is asked for: "values"; "slopes" of one result by the arguments; "loss", the mean, with its gradient by parameters."""

    kind: str
    result: int = 0

    def wanted(self, program: Lowered) -> Sequence[Array]:
        """The arrays to differentiate by; none for the values alone."""
        return {"values": [], "slopes": program.arguments, "loss": program.parameters}[self.kind]


VALUES: Final = Task("values")
SLOPES: Final = Task("slopes")
LOSS: Final = Task("loss")
