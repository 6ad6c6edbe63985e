"""The gradient of a traced function as a trace of its own: its Hessian is the Jacobian of that."""

from collections.abc import Sequence

from autograd_lite.engine.recording import enable_grad, observed
from autograd_lite.program.capture.restoring import at_numbers
from autograd_lite.program.capture.tracing import Traced


def slopes_of(run: Traced, numbers: Sequence[float]) -> Traced:
    """The gradient of a traced function by its arguments as a trace: the same run, and the reverse sweep behind it.

    Args:
        run: the trace of a function with one result.
        numbers: the parameters that it was traced with.
    """
    slopes = Traced(
        run.name,
        run.arguments,
        run.parameters,
        guards=list(run.guards),
        hidden=dict(run.hidden),
        differentiated=list(run.differentiated),
        requirements=list(run.requirements),
        refuses=run.refuses,
        choices=run.choices,
    )
    with at_numbers(run.parameters, numbers), enable_grad(), observed(slopes):
        slopes.outputs = slopes.gradients(run.outputs[0], run.inputs, True)
    slopes.shape, slopes.closed = (len(run.inputs),), True
    return slopes
