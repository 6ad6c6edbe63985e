"""How a program shows itself: in a line, as its statements, and as a table of them in notebooks."""

from autograd_lite.pages import table_html
from autograd_lite.program.ir.procedure import procedure
from autograd_lite.program.ir.tasks import VALUES
from autograd_lite.program.replay import Replay
from autograd_lite.program.write.numpy_module import listing


class Shown:
    """The texts of a program."""

    _replay: Replay

    def __repr__(self) -> str:
        statements = len(self._replay.lowered.statements)
        return f"Program({self._replay.run.name}: {statements} statements, {len(self._replay.parameters)} parameters)"

    def __str__(self) -> str:
        """The statements, and the shapes of their arrays."""
        return "\n".join([repr(self), *(f"  {shape:<14} {line}" for shape, line in self._listing())])

    def _repr_html_(self) -> str:
        return table_html(["shape", "statement"], self._listing(), repr(self))

    def _listing(self) -> list[tuple[str, str]]:
        return listing(procedure(self._replay.lowered, VALUES, inlined=0))
