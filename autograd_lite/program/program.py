"""Program: a traced function, replayed for every row of arrays."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy
from numpy.typing import NDArray

from autograd_lite.engine.value import Value
from autograd_lite.program.capture.reading import in_handler
from autograd_lite.program.capture.restoring import settled
from autograd_lite.program.capture.tracing import traced
from autograd_lite.program.descents import Descends
from autograd_lite.program.ir.tasks import LOSS, SLOPES, VALUES
from autograd_lite.program.nan_rows import warn_of_nan_rows
from autograd_lite.program.repeated import Repeated, repeated
from autograd_lite.program.replay import Replay, TraceArguments
from autograd_lite.program.samples import checked_out, real_numbers
from autograd_lite.program.shown import Shown
from autograd_lite.program.write.backends import Backend, backend_of

Array = NDArray[Any]  # float64, or float32; of one number alone it may be NumPy's scalar
_DTYPES = ("float64", "float32")
_ON_BRANCH = ("raise", "retrace")


def trace(
    function: Callable[..., Any],
    *example: Any,
    parameters: Sequence[Value] | None = None,
    dtype: Any = "float64",
    on_branch: str = "raise",
    backend: str | Backend | None = None,
    verify: bool = True,
) -> "Program":
    """The function as a Program: run once on `example`, re-rolled into array statements, replayed for any number of samples.

    Args:
        function: from numbers, lists of numbers and Modules to one number or a list of them. For training: from a model and one
            sample to the loss, as `lambda model, x, y: squared_error(model(x), y)`.
        example: one argument each, as for one sample; a Module stands for itself, and its parameters become the program's.
        parameters: further Values to keep in the array of parameters. Other Values from outside are constants, and a replay
            refuses to go on with one that has changed.
        dtype: "float64" or "float32": what the program computes in.
        on_branch: what a replay does where a row takes another branch of an `if` than the example did: "raise" BranchChanged, or
            "retrace" the function on that row and go on.
        backend: what runs the statements: "numpy", which is the default; "c", by the system's C compiler; "auto", C where that is
            there and faster; "jax"; "torch"; or an object with the method `compiled`.
        verify: run the function again with other numbers that lead to the same branches, to see that it computes with nothing
            that its graph does not tell, and hold everything that is emitted against eager numbers before it is first used.
            False runs it once, and believes it.
    Returns:
        A Program: call it with arrays, ask it for gradients, print it, save its source.
    Raises:
        TraceError: if an argument or a result is nothing that a program can have, or the function computes with numbers that it
            read past the graph, such as the text of a Value, or with random ones.
        ValueError: if `dtype`, `on_branch` or `backend` is none of those.
    Example:
        >>> program = trace(lambda x, y: x * y + x, 2.0, 3.0)
        >>> program([[2.0, 3.0], [4.0, 5.0]])
        array([ 8., 24.])
        >>> program.gradient([[2.0, 3.0], [4.0, 5.0]])
        array([[4., 2.],
               [6., 4.]])
    """
    name = checked_dtype(dtype)
    if on_branch not in _ON_BRANCH:
        raise ValueError(f'on_branch is "raise" or "retrace", got {on_branch!r}')
    asked = TraceArguments(function, example, parameters, name, on_branch, backend_of(backend), verify)
    with settled() if in_handler(traced.__code__) else nullcontext():
        return Program(Replay(asked))


def checked_dtype(dtype: Any) -> str:
    """The name of what a program may compute in.

    Raises:
        ValueError: if it is neither float64 nor float32.
    """
    name: str = numpy.dtype(dtype).name
    if name not in _DTYPES:
        raise ValueError(f"a program computes in {' or '.join(_DTYPES)}, got {dtype!r}")
    return name


class Program(Shown, Descends):
    """A traced function. Given by `trace`.

    Its methods take `arrays`, one for each argument that is no model, with a row for every sample: (rows,) for a number, (rows, n)
    for a list of n. A function of several numbers also takes one array (rows, inputs). A single point, without rows, is answered
    alone.

    A number outside a domain is what it is to eager: the replay raises the same error, and says in which row. A nan that comes in
    through data is carried.

    Example:
        >>> import numpy
        >>> from autograd_lite.losses import squared_error
        >>> from autograd_lite.nn import MLP
        >>> model = MLP(2, [3, 1], "tanh", seed=0)
        >>> program = trace(lambda model, x, y: squared_error(model(x), y), model, [0.0, 0.0], 0.0)
        >>> xs, ys = numpy.array([[0.0, 1.0], [1.0, 0.0]]), numpy.array([1.0, -1.0])
        >>> before, gradient = program.loss_and_gradient(xs, ys)
        >>> program.parameters -= 0.1 * gradient
        >>> after, gradient = program.loss_and_gradient(xs, ys)
        >>> bool(after < before)
        True
        >>> program.write_back()
        >>> [value.data for value in program.parameter_values] == program.parameters.tolist()
        True
        >>> model.zero_grad()
        >>> program.read()  # the other way: after the Values were changed
        >>> square = trace(lambda x, y: x * x * y, 2.0, 3.0)
        >>> float(square(2.0, 3.0)), square([2.0, 3.0], [1.0, 1.0]), square.backend
        (12.0, array([4., 9.]), 'numpy')
        >>> square.value_and_grad([2.0, 3.0], [1.0, 1.0])
        (array([4., 9.]), array([[4., 4.],
               [6., 9.]]))
        >>> square.gradient(2.0, 3.0), square.jacobian(2.0, 3.0)
        (array([12.,  4.]), array([[12.,  4.]]))
        >>> square.hessian(2.0, 3.0)
        array([[6., 4.],
               [4., 0.]])
    """

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._hessian: Program | None = None
        self._same_loss: Repeated | None = None
        self._same_slopes: Repeated | None = None

    # ---- replays -------------------------------------------------------------------------------------------------------------

    def __call__(self, *arrays: Any) -> Array:
        """The results for every row: (rows,) for one number, (rows, results) for a list."""
        arguments, one = self._replay.samples.arguments(arrays)
        values = self._replay.values(arguments)
        found: Array = values[0] if one else values
        return found

    def value_and_grad(self, *arrays: Any) -> tuple[Array, Array]:
        """The values and the gradients by the arguments, row by row: (rows,) and (rows, inputs).

        Raises:
            GraphError: if the program gives a list; `jacobian` is for those.
        """
        if self._same_slopes is not None and (known := self._same_slopes.slopes(arrays)) is not None:
            return known
        self._check_one_result("a gradient", "Use jacobian.")
        arguments, one = self._replay.samples.arguments(arrays)
        found = self._replay.at_one_point(arguments) if one else None
        if found is not None:
            return found
        values, gradient = self._replay.slopes(arguments)
        self._same_slopes = repeated(self._replay, SLOPES, arrays)
        return (values[0], gradient[0]) if one else (values, gradient)

    def gradient(self, *arrays: Any) -> Array:
        """The gradient by the arguments, row by row: (rows, inputs).

        Raises:
            GraphError: if the program gives a list; `jacobian` is for those.
        """
        return self.value_and_grad(*arrays)[1]

    def jacobian(self, *arrays: Any) -> Array:
        """The partial derivatives of every result by every input, row by row: (rows, results, inputs)."""
        arguments, one = self._replay.samples.arguments(arrays)
        results = range(len(self._replay.lowered.outputs))
        stacked = numpy.stack([self._replay.slopes(arguments, result)[1] for result in results], axis=1)
        self._replay.proof.release(VALUES)
        return stacked[0] if one else stacked

    def hessian(self, *arrays: Any) -> Array:
        """The second derivatives by the arguments, row by row: (rows, inputs, inputs); the Jacobian of the traced gradient.

        Raises:
            GraphError: if the program gives a list.
        """
        self._check_one_result("a Hessian", "Trace the result that is meant.")
        if self._hessian is None:
            self._hessian = Program(Replay(self._replay.asked._replace(slopes=True), self._replay))
        self._hessian.parameters[:] = self.parameters[self._replay.places_in(self._hessian._replay)]
        return self._hessian.jacobian(*arrays)

    def loss_and_gradient(self, *arrays: Any, out: Any = None) -> tuple[float, Array]:
        """The mean of the result over the rows, and its gradient by the parameters.

        Args:
            arrays: one for each argument that is no model.
            out: an array to write the gradient to; a new one by default.
        Returns:
            The mean, and an array as long as `parameters`.
        Raises:
            GraphError: if the program has no parameters, or gives a list.
            TypeError, ValueError: if `out` is no array that the gradient fits into.
        """
        if out is not None and self._same_loss is not None and (known := self._same_loss.loss(arrays, out)) is not None:
            return known, out
        self._check_is_loss()
        arguments, _ = self._replay.samples.arguments(arrays)
        gradient = numpy.empty_like(self.parameters) if out is None else checked_out(out, self.parameters)
        mean = self._replay.once(LOSS, arguments, gradient)
        if numpy.isnan(gradient).any():
            warn_of_nan_rows(self._replay, arguments)
        if out is not None:
            self._same_loss = repeated(self._replay, LOSS, arrays, out)
        return mean, gradient

    @property
    def verified(self) -> str:
        """How the trace was held against a second run of the function, in words; empty with `verify=False`.

        >>> trace(lambda x: x * x, 2.0).verified
        'run again with other numbers: x'
        """
        return self._replay.verified.text

    @property
    def backend(self) -> str:
        """What runs the statements: "numpy" or "c", of which "auto" took one; of a backend of your own the name of its type."""
        return self._replay.dialect(self._shown)

    # ---- parameters ----------------------------------------------------------------------------------------------------------

    @property
    def parameters(self) -> Array:
        """The array of all parameters: change it in place, and the next replay computes with it."""
        return self._replay.parameters

    @parameters.setter
    def parameters(self, numbers: Any) -> None:
        if numbers is self._replay.parameters:  # changed in place, as by -=
            return
        given = real_numbers(numbers, "the parameters of a program are")
        if given.shape not in ((), self.parameters.shape):
            raise ValueError(
                f"the program has {len(self.parameters):,} parameters, got an array of shape {given.shape}; "
                "one number sets all of them"
            )
        self._replay.parameters[...] = given

    @property
    def parameter_values(self) -> list[Value]:
        """The Values that `parameters` holds the numbers of, in its order."""
        return list(self._replay.owners)

    def write_back(self) -> None:
        """Sets the model's Values to the program's parameters."""
        self._replay.write_back()

    def read(self) -> None:
        """Sets the program's parameters to the model's Values."""
        self.parameters = [value.data for value in self._replay.owners]
