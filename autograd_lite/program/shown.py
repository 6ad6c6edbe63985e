"""How a program shows itself: in a line, as its statements, as a table in notebooks, as sources and as equations."""

import os
from pathlib import Path
from typing import Any

from autograd_lite.files import write_whole
from autograd_lite.pages import table_html
from autograd_lite.program.dialects import numpy_source, source_in
from autograd_lite.program.ir.procedure import procedure
from autograd_lite.program.ir.tasks import LOSS, SLOPES, VALUES, Task
from autograd_lite.program.parity import Parity, parity
from autograd_lite.program.replay import Replay
from autograd_lite.program.write.equations import Equations, equations
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

    @property
    def source(self) -> str:
        """The complete source, a module that needs NumPy alone: forward; then backward by the parameters, or else the arguments.

        >>> from autograd_lite.program import trace
        >>> *_, slope, end = trace(lambda x: x * x, 3.0).source.splitlines()
        >>> print(slope.strip())
        gradient[:, 0] = 2 * x  # d value / d x
        """
        return numpy_source(self._replay, self._shown)

    def equations(self) -> Equations:
        """The statements as mathematics: the matrix form beside the index form, BP1 to BP4 named where they occur.

        The derivatives are those of `source`: of the mean by the parameters, else of the value f by the arguments; none of a list.

        Returns:
            A sequence of rows; its text is a table, and notebooks show its `latex`.
        Source: Nielsen, *Neural Networks and Deep Learning*, chapter 2, (BP1) to (BP4).
        Example:
            >>> from autograd_lite.program import trace
            >>> print(trace(lambda x: x[0] * x[1], [2.0, 3.0]).equations())
            matrix form    index form
            f = X_1 * X_2
            df/dX_1 = X_2
            df/dX_2 = X_1
        """
        return equations(self._replay.procedure(self._shown))

    def source_in(self, dialect: str = "numpy") -> str:
        """The complete source in another language.

        Args:
            dialect: "numpy"; "c", whose head says how it is called; "jax"; "torch"; or "javascript", an ES module for one sample.
        Returns:
            A module. JavaScript's exports `value`, `gradient`, `valueAndGradient`, `steps` and, where there are some, `parameters`.
        Raises:
            ValueError: if there is no such dialect.
        Example:
            >>> from autograd_lite.program import trace
            >>> print(trace(lambda x: x * x, 3.0).source_in("javascript").split("export ")[1].strip())
            const value = (x) => {
              number(x, "x");
              const t1 = x * x;
              return t1;
            };
        """
        return source_in(self._replay, dialect, self._shown)

    def parity(self, library: str, *arrays: Any) -> Parity:
        """What the program gives in NumPy held against another library, as a table: value, derivatives of `source`, and times.

        Args:
            library: "jax" or "torch".
            arrays: as for `loss_and_gradient`, or as for `value_and_grad` where there are no parameters.
        Returns:
            A Parity, which prints as the table.
        Raises:
            ModuleNotFoundError: if the library is not installed.
            ValueError: if there is no such library.
        Example:
            >>> from autograd_lite.program import trace
            >>> trace(lambda x: x * x, 3.0).parity("numpy", [1.0, 2.0])
            Traceback (most recent call last):
            ...
            ValueError: ...
        """
        return parity(self._replay, library, self._shown, arrays)

    def save(self, path: str | os.PathLike[str], *, dialect: str = "numpy") -> Path:
        """Writes the source to a file at `path`, in a `dialect` of `source_in`.

        Returns:
            The path written.
        Raises:
            ValueError: if there is no such dialect.
        Example:
            >>> from autograd_lite.program import trace
            >>> path = trace(lambda x: x * x, 3.0).save("square.mjs", dialect="javascript")
            >>> path.name, path.read_text() == trace(lambda x: x * x, 3.0).source_in("javascript")
            ('square.mjs', True)
        """
        return write_whole(path, self.source_in(dialect))

    @property
    def _shown(self) -> Task:
        """What the texts show: the values and their derivatives, by the parameters if there are any; of a list the values."""
        return VALUES if self._replay.run.shape else LOSS if self._replay.lowered.parameters else SLOPES
