"""Update rules: how one number, or an array of them, moves against its gradient; formulas with their constants.

In every rule x is a parameter, g its gradient, t the number of the step from 1, and rate the learning rate. A rule computes new
numbers from old ones and keeps none: what it has to remember lies in the optimizer, never on the parameter. Rules use
operators only, so `update` serves NumPy arrays as it stands.
"""

import math
import operator
from dataclasses import dataclass
from numbers import Real
from typing import Any, Protocol

State = tuple[Any, ...]


class Rule(Protocol):
    """What an optimizer needs of a rule: the names of what it remembers about a parameter, and the update.

    Derive from it, or write a class with these two; with constants that are fields of a dataclass, groups may have their own.

    >>> class SignRule(Rule):
    ...     @property
    ...     def state_names(self):
    ...         return ()
    ...     def update(self, x, gradient, state, rate, step):
    ...         return x - rate * ((gradient > 0.0) - (gradient < 0.0)), state
    >>> from autograd_lite import Value
    >>> from autograd_lite.optim import Optimizer
    >>> x = Value(3.0)
    >>> optimizer = Optimizer([x], 0.25, SignRule())
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> x.data, SignRule().state_names, SignRule().update(1.0, -5.0, (), rate=0.5, step=1)
    (2.75, (), (1.5, ()))
    """

    @property
    def state_names(self) -> tuple[str, ...]:
        """The names of what is remembered about each parameter, one number each."""

    def update(self, x: Any, gradient: Any, state: State, rate: float, step: int) -> tuple[Any, State]:
        """The new x and the new state.

        Args:
            x: the parameter; or an array of many.
            gradient: of it; as many.
            state: what is remembered of it, in the order of the names; all zeros before step 1.
            rate: the learning rate of this step.
            step: its number, from 1.
        """


@dataclass(frozen=True, slots=True)
class SGDRule:
    """x - rate * g; with momentum, x - rate * v where v = momentum * v + g.

    Nesterov's form goes along g + momentum * v. weight_decay adds weight_decay * x to g first.

    Args:
        momentum: how much of v is kept at a step, from 0 (none) to below 1.
        nesterov: whether to go along g + momentum * v instead of v.
        weight_decay: how strongly x is drawn to 0, at least 0.
    Raises:
        ValueError: if a constant is out of its range, or `nesterov` has no momentum.
    Source: Sutskever, Martens, Dahl & Hinton, "On the importance of initialization and momentum in deep learning", ICML 2013,
        in the form of torch.optim.SGD: the rate multiplies v when it is used, not when it is added up.
    Example:
        >>> rule = SGDRule(momentum=0.5)
        >>> rule.state_names, rule.update(1.0, 2.0, (4.0,), rate=0.25, step=1)  # v = 0.5 * 4 + 2
        (('velocity',), (0.0, (4.0,)))
    """

    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        check_constant("momentum", self.momentum, 1.0)
        check_constant("weight_decay", self.weight_decay)
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov=True needs a momentum above 0, got momentum=0.0; 0.9 is usual")

    @property
    def state_names(self) -> tuple[str, ...]:
        """The velocity v, if there is momentum."""
        return ("velocity",) if self.momentum else ()

    def update(self, x: Any, gradient: Any, state: State, rate: float, step: int) -> tuple[Any, State]:
        """The new x and the new state after one `step` at a `rate`, from x, its `gradient`, and the `state` before."""
        if self.weight_decay:
            gradient = gradient + self.weight_decay * x
        if not self.momentum:
            return x - rate * gradient, state
        velocity = self.momentum * state[0] + gradient
        direction = gradient + self.momentum * velocity if self.nesterov else velocity
        return x - rate * direction, (velocity,)


@dataclass(frozen=True, slots=True)
class AdamRule:
    """x - rate * m' / (sqrt(v') + epsilon): m and v are running means of g and g * g, m' and v' those without their start at 0.

    m = beta1 m + (1 - beta1) g, m' = m / (1 - beta1^t); v = beta2 v + (1 - beta2) g^2, v' = v / (1 - beta2^t).
    weight_decay adds weight_decay * x to g; decoupled, it takes rate * weight_decay * x off x instead (AdamW).

    Args:
        beta1: how much of m is kept at a step, from 0 to below 1.
        beta2: how much of v is kept, from 0 to below 1.
        epsilon: what keeps the denominator from 0, above 0.
        weight_decay: how strongly x is drawn to 0, at least 0.
        decoupled: whether the decay goes past the means.
    Raises:
        ValueError: if a constant is out of its range.
    Source: Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1. Loshchilov & Hutter, "Decoupled
        weight decay regularization", ICLR 2019, algorithm 2, as torch.optim.AdamW has it: the whole rate multiplies the decay.
    Example:
        >>> rule = AdamRule()
        >>> rule.state_names, rule.update(1.0, 8.0, (0.0, 0.0), rate=0.5, step=1)[0]  # by about the rate, whatever g
        (('mean', 'square'), 0.500000000625)
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0
    decoupled: bool = False

    def __post_init__(self) -> None:
        check_constant("beta1", self.beta1, 1.0)
        check_constant("beta2", self.beta2, 1.0)
        check_constant("epsilon", self.epsilon)
        if not self.epsilon:
            raise ValueError("epsilon must be above 0, got 0.0: where every gradient was 0, x would move by 0 / 0; 1e-8 is usual")
        check_constant("weight_decay", self.weight_decay)

    @property
    def state_names(self) -> tuple[str, ...]:
        """The running means m of g, and v of g * g."""
        return ("mean", "square")

    def update(self, x: Any, gradient: Any, state: State, rate: float, step: int) -> tuple[Any, State]:
        """The new x and the new state after one `step` at a `rate`, from x, its `gradient`, and the `state` before."""
        if self.decoupled:
            x = x - rate * self.weight_decay * x
        elif self.weight_decay:
            gradient = gradient + self.weight_decay * x
        mean = self.beta1 * state[0] + (1.0 - self.beta1) * gradient
        square = self.beta2 * state[1] + (1.0 - self.beta2) * gradient * gradient
        unbiased_mean = mean / (1.0 - self.beta1**step)
        unbiased_square = square / (1.0 - self.beta2**step)
        return x - rate * unbiased_mean / (_root(unbiased_square) + self.epsilon), (mean, square)


def _root(x: Any) -> Any:
    """The square root, rounded once: NumPy's power of 0.5 is one, Python's is not always."""
    return math.sqrt(x) if isinstance(x, float) else x**0.5


def check_constant(name: str, number: Any, below: float = math.inf) -> None:
    """Raises a ValueError unless the number is finite, at least 0, and below `below`."""
    try:
        found = float(number) if isinstance(number, Real) else math.nan
    except OverflowError:  # 10**400
        found = math.inf
    if not 0.0 <= found < below:
        reach = "" if below == math.inf else f" and below {below:g}"
        raise ValueError(f"{name} must be a finite number of at least 0{reach}, got {number!r:.60}")


def check_count(name: str, count: Any, least: int) -> None:
    """Raises a ValueError unless the count is a whole number of any type and at least `least`."""
    if not hasattr(count, "__index__") or operator.index(count) < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {count!r}")
