"""What eager evaluation says of a row: values and derivatives."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd_lite.calculus.reverse import gradients
from autograd_lite.engine.value import Value, constant
from autograd_lite.testing.fuzzing.case import Ready
from autograd_lite.testing.numeric.arguments import flat


@dataclass
class Answer:
    """Eager numbers for one row.

    Attributes:
        values: of the results.
        slopes: for each result, its derivatives by the arguments.
        weights: for each result, its derivatives by the parameters.
        error: the class of the error that was raised instead; None if none was.
        single: whether the function gives one number, and no list.
        outputs, inputs, parameters: the Values that these numbers are of.
    Example:
        >>> from autograd_lite.testing.fuzzing.case import Case, NamedExample
        >>> case = Case("by hand", arguments=(NamedExample("x", 3.0),), body=("return x * x",))
        >>> found = answer(case.ready(), [3.0])
        >>> found.values, found.slopes, found.curvature(), found.error
        ([9.0], [[6.0]], [[2.0]], None)
    """

    values: list[float] = field(default_factory=list)
    slopes: list[list[float]] = field(default_factory=list)
    weights: list[list[float]] = field(default_factory=list)
    single: bool = True
    error: type[Exception] | None = None
    outputs: list[Value] = field(default_factory=list)
    inputs: list[Value] = field(default_factory=list)
    parameters: list[Value] = field(default_factory=list)

    def curvature(self) -> list[list[float]]:
        """The Hessian of the first result by the arguments."""
        first = gradients(self.outputs[0], self.inputs, differentiable=True)
        return [gradients(slope, self.inputs) for slope in first]


def answer(ready: Ready, row: Sequence[Any], parameters: Sequence[Value] = ()) -> Answer:
    """Eager numbers for one row, with derivatives by the arguments and by `parameters`.

    Args:
        ready: the function, as `Case.ready` gives it.
        row: one example for each argument that is no model.
        parameters: Values by which to differentiate, too.
    Returns:
        An Answer; where the function fails, with the class of its error.
    Example:
        >>> from autograd_lite.testing.fuzzing.generator import generated
        >>> case = generated(3)
        >>> ready = case.ready()
        >>> answer(ready, case.example, ready.parameters).error is None
        True
    """
    found = Answer(parameters=list(parameters))
    try:
        result, found.inputs = ready.call(row)
        found.single = not isinstance(result, list | tuple)
        found.outputs = [part if isinstance(part, Value) else constant(part) for part in flat(result)]
        found.values = [output.data for output in found.outputs]
        for output in found.outputs:
            slopes = gradients(output, [*found.inputs, *found.parameters])
            found.slopes.append(slopes[: len(found.inputs)])
            found.weights.append(slopes[len(found.inputs) :])
    except Exception as error:  # not only of arithmetic: a text may make sense in some rows only
        found.error = type(error)
    return found
