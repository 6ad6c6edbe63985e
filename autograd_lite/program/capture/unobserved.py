"""A run without an observer: where Python looked at the answers of comparisons, eager evaluation must give what was recorded.

While a function is traced, a comparison answers with a `Condition`, which behaves as a bool does, but is none: `is True` and
`isinstance(answer, bool)` tell them apart.
"""

from collections.abc import Callable, Sequence
from typing import Any

from autograd_lite.engine.recording import observed
from autograd_lite.engine.value import Value
from autograd_lite.program.capture.guards import same_number
from autograd_lite.program.capture.points import example_of, example_point
from autograd_lite.program.capture.reading import TraceError
from autograd_lite.program.capture.restoring import unchanged
from autograd_lite.program.capture.tracing import Traced, flat


def check_unobserved(function: Callable[..., Any], example: Sequence[Any], run: Traced) -> None:
    """Holds a trace against eager evaluation at its example, if it has comparisons.

    Raises:
        TraceError: if that gives other numbers.
    """
    if not run.has_compared:
        return
    with unchanged(run.parameters), observed(None):
        result = function(*example_of(example, map(Value, example_point(run).arguments)))
    found = [getattr(part, "data", part) for part in flat(result if isinstance(result, list | tuple) else [result])]
    recorded = [output.data for output in run.outputs]
    if len(found) != len(recorded) or not all(map(same_number, found, recorded)):
        raise TraceError(
            f"`{run.name}` gives {_shown(found)} at its example, and {_shown(recorded)} while it is traced: it depends on what a "
            "comparison of Values gives by more than its truth, such as `is True` or isinstance(..., bool), or on something that "
            "changes from run to run. Write `if x > 0`, or use `where`."
        )


def _shown(numbers: Sequence[Any]) -> str:
    return repr(numbers[0]) if len(numbers) == 1 else f"{len(numbers)} results, {list(numbers[:3])!r}"
