"""What ends a training that diverges: numbers that would be nan or infinite, and could never be finite again."""

import math
from collections.abc import Iterable
from typing import Any

from autograd_lite.engine.errors import OperationError
from autograd_lite.engine.value import Value
from autograd_lite.optim.clipping import described


class StepError(ArithmeticError):
    """A step would make a parameter, or what the rule remembers of it, nan or infinite: for good. Nothing was changed.

    Args:
        step: its number, from 1.
        group: that the parameter is in.
        parameter: the Value.
        gradient: of it.
        found: its new number, and what the rule would remember of it, in this order; not all finite.
    Attributes:
        step: its number, from 1.
        parameter: the Value.
    Example:
        >>> from autograd_lite import Value
        >>> from autograd_lite.optim import SGD
        >>> w = Value(1.0, label="w")
        >>> (1e308 * w).backward()
        >>> SGD([w], learning_rate=10.0).step()
        Traceback (most recent call last):
        ...
        autograd_lite.optim.divergence.StepError: step 1: `w` would become -inf ...
        >>> w.data
        1.0
    """

    def __init__(self, step: int, group: Any, parameter: Value, gradient: float, found: Iterable[Any]) -> None:
        named = described(parameter)
        names = [named, *(f"the {name} of {named}" for name in group.rule.state_names)]
        what, number = next((name, float(number)) for name, number in zip(names, found, strict=False) if not math.isfinite(number))
        advice = "Clip the gradient first (clip_gradient_norm, or `clip=` of `fit`), or use a smaller learning rate."
        if not math.isfinite(gradient):
            advice = "The loss has no finite slope there: look for the operation with `why` or `draw`."
        super().__init__(
            f"step {step}: {what} would become {number!r} by {group.rule!r} and never be finite again, "
            f"as the gradient of {named} is {gradient!r}. Nothing was changed. {advice}"
        )
        self.step, self.parameter = step, parameter


class DivergedError(OperationError):
    """The cost, the gradient or a parameter became nan or infinite; the model is as it was before that batch.

    Attributes:
        reason: which of them, at which epoch and batch.
    Example:
        >>> from autograd_lite.datasets import xor
        >>> from autograd_lite.losses import squared_error
        >>> from autograd_lite.nn import MLP
        >>> from autograd_lite.optim import SGD
        >>> from autograd_lite.training import fit
        >>> model = MLP(2, [1], "relu", seed=0)
        >>> fit(model, xor(), squared_error, SGD(model.parameters(), 1e300), batch_size=4, epochs=9)
        Traceback (most recent call last):
        ...
        autograd_lite.optim.divergence.DivergedError: ...
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
