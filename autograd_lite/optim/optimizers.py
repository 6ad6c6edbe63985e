"""Optimizers: one stepper that applies an update rule to every parameter.

The rules are formulas and stand in `update_rules.py`, the schedules of the learning rate in `schedules.py`, clipping in
`clipping.py`; all can be imported from here. What a rule has to remember lies in the optimizer, never on the parameter.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Self

from autograd_lite.engine.many import set_slopes
from autograd_lite.names_of_others import OF_OPTIMIZERS, check_arguments
from autograd_lite.optim.clipping import clip_gradient_norm, clip_gradient_value
from autograd_lite.optim.divergence import StepError
from autograd_lite.optim.groups import (
    Group,
    as_groups,
    check_parameters,
    make_group,
    rate_at,
    read_state,
    state_by_name,
)
from autograd_lite.optim.schedules import Constant, Cosine, Exponential, Schedule, StepDecay
from autograd_lite.optim.update_rules import AdamRule, Rule, SGDRule

__all__ = [
    "SGD",
    "Adam",
    "AdamRule",
    "AdamW",
    "Constant",
    "Cosine",
    "Exponential",
    "Group",
    "Optimizer",
    "Rule",
    "SGDRule",
    "Schedule",
    "StepDecay",
    "StepError",
    "clip_gradient_norm",
    "clip_gradient_value",
]


class Optimizer:
    """A rule at work on parameters; `SGD`, `Adam` and `AdamW` are this with a rule of their own, and so may yours be.

    Args:
        parameters: Values, as `model.parameters()` gives; or groups of them, dictionaries with "parameters" and, where they differ
            from the other arguments, "learning_rate" and any constant of the rule such as "weight_decay".
        learning_rate: a number, or a Schedule: a function from the number of steps taken to the rate.
        rule: the update.
    Attributes:
        groups: the list of Groups, whose learning_rate may be changed during training.
        steps: how many steps were taken.
    Raises:
        TypeError: if a parameter is no Value.
        ValueError: if there is none, one stands there twice or cannot be trained, or a constant is out of range.
    Example:
        >>> from autograd_lite import Value
        >>> w, b = Value(1.0), Value(1.0)
        >>> optimizer = Optimizer([{"parameters": [w]}, {"parameters": [b], "learning_rate": 0.25}], 0.5, SGDRule())
        >>> (3.0 * w + b).backward()
        >>> optimizer.step()
        >>> w.data, b.data
        (-0.5, 0.75)
        >>> optimizer.zero_grad()
        >>> optimizer.learning_rate = 0.125
        >>> [group.learning_rate for group in optimizer.groups], w.grad
        ([0.125, 0.125], 0.0)
    """

    def __new__(cls, *given: Any, **named: Any) -> Self:
        """Names that other libraries use are answered here, before Python says only that it does not know them."""
        check_arguments(cls, named, OF_OPTIMIZERS)
        return super().__new__(cls)

    def __init__(self, parameters: Iterable[Any], learning_rate: float | Schedule, rule: Rule) -> None:
        self.groups = [make_group(given, learning_rate, rule) for given in as_groups(parameters)]
        self.steps = 0
        check_parameters([parameter for group in self.groups for parameter in group.parameters])

    @property
    def learning_rate(self) -> float | Schedule:
        """The learning rate or schedule of the first group; setting it sets that of all groups."""
        return self.groups[0].learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float | Schedule) -> None:
        rate_at(self.steps, rate)
        for group in self.groups:
            group.learning_rate = rate

    def step(self) -> None:
        """Updates every parameter once from its gradient; those frozen by `requires_grad = False` stay.

        All of them, or none where an error is raised.

        Raises:
            ValueError: if a schedule gives no valid rate.
            StepError: if a parameter, or what the rule remembers of it, would become nan or infinite: for good.
        """
        rates = [group.rate(self.steps) for group in self.groups]
        moved = [group.moved(rate, self.steps + 1) for group, rate in zip(self.groups, rates, strict=True)]
        self.steps += 1
        for group, new in zip(self.groups, moved, strict=True):
            group.take(new)

    def zero_grad(self) -> None:
        """Sets the gradient of every parameter to 0.0."""
        for group in self.groups:
            set_slopes(group.parameters)

    def state_dict(self) -> dict[str, Any]:
        """What the optimizer remembers, as numbers, lists and dictionaries that JSON can hold; the parameters are not in it.

        >>> from autograd_lite import Value
        >>> optimizer = SGD([Value(1.0)], 0.1, momentum=0.9)
        >>> optimizer.state_dict()
        {'steps': 0, 'groups': [{'velocity': [0.0]}]}
        >>> optimizer.load_state_dict({"steps": 7, "groups": [{"velocity": [0.5]}]})
        >>> optimizer.steps
        7
        """
        return {"steps": self.steps, "groups": [state_by_name(group) for group in self.groups]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Takes over the `state` that `state_dict` gave, so that training goes on with the same bits.

        All of it, or nothing if it does not fit. The optimizer must have been made with the same groups and constants, which are
        not in the state.

        Raises:
            ValueError: if the state does not fit; the message says what was expected and found.
        Example:
            >>> from autograd_lite import Value
            >>> Adam([Value(1.0)]).load_state_dict(SGD([Value(1.0)], 0.1).state_dict())
            Traceback (most recent call last):
            ...
            ValueError: ...
        """
        steps, states = read_state(state, self.groups)
        self.steps = steps
        for group, new in zip(self.groups, states, strict=True):
            group.remember(new)

    def __repr__(self) -> str:
        texts = [f"{len(group.parameters):,} parameters, {group.learning_rate!r}, {group.rule!r}" for group in self.groups]
        return f"{type(self).__name__}({'; '.join(texts)})"


class SGD(Optimizer):
    """Gradient descent, x - rate * g, optionally with momentum; see `SGDRule`.

    Args:
        parameters: Values, or groups of them, as for `Optimizer`.
        learning_rate: a number, or a Schedule.
        momentum: how much of the last steps' direction is kept, from 0 (none) to below 1; 0.9 is usual.
        nesterov: whether the momentum looks one step ahead.
        weight_decay: adds weight_decay * x to the gradient.
    Raises:
        TypeError: if a parameter is no Value.
        ValueError: if there is no parameter, one stands there twice, or a constant is out of its range.
    Example:
        >>> from autograd_lite import Value
        >>> x = Value(3.0)
        >>> optimizer = SGD([x], learning_rate=0.25)
        >>> (x * x).backward()
        >>> optimizer.step()
        >>> x.data
        1.5
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        learning_rate: float | Schedule,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate, SGDRule(momentum, nesterov, weight_decay))


class Adam(Optimizer):
    """Steps of about the learning rate whatever the size of the gradients; see `AdamRule`.

    Args:
        parameters: Values, or groups of them, as for `Optimizer`.
        learning_rate: a number, or a Schedule.
        beta1: how much of the mean of gradients is kept at a step, from 0 to below 1.
        beta2: how much of the mean of their squares is.
        epsilon: what keeps the denominator from 0.
        weight_decay: adds weight_decay * x to the gradient.
    Raises:
        TypeError: if a parameter is no Value.
        ValueError: if there is no parameter, one stands there twice, or a constant is out of its range.
    Example:
        >>> from autograd_lite import Value
        >>> x = Value(3.0)
        >>> optimizer = Adam([x], learning_rate=0.25)
        >>> (x * x).backward()
        >>> optimizer.step()
        >>> round(x.data, 6)
        2.75
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        learning_rate: float | Schedule = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate, AdamRule(beta1, beta2, epsilon, weight_decay))


class AdamW(Optimizer):
    """Adam whose weight decay does not go through the means; see `AdamRule`.

    Args:
        parameters: Values, or groups of them, as for `Optimizer`.
        learning_rate: a number, or a Schedule.
        beta1, beta2, epsilon: as for `Adam`.
        weight_decay: takes learning_rate * weight_decay * x off x at every step.
    Raises:
        TypeError: if a parameter is no Value.
        ValueError: if there is no parameter, one stands there twice, or a constant is out of its range.
    Example:
        >>> from autograd_lite import Value
        >>> x = Value(4.0)
        >>> optimizer = AdamW([x], learning_rate=0.5, weight_decay=0.5)
        >>> optimizer.step()  # the gradient is 0
        >>> x.data
        3.0
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        learning_rate: float | Schedule = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, learning_rate, AdamRule(beta1, beta2, epsilon, weight_decay, decoupled=True))
