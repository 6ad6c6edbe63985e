"""Optimizers: one stepper that applies an update rule to every parameter.

The rules are formulas and stand in `update_rules.py`, the schedules of the learning rate in `schedules.py`, clipping in
`clipping.py`; all can be imported from here. What a rule has to remember lies in the optimizer, never on the parameter.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from difflib import get_close_matches
from typing import Any

from autograd_lite.clipping import clip_gradient_norm, clip_gradient_value, described
from autograd_lite.schedules import Constant, Cosine, Exponential, Schedule, StepDecay
from autograd_lite.update_rules import AdamRule, Rule, SGDRule, State
from autograd_lite.value import Value, as_float

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
    "clip_gradient_norm",
    "clip_gradient_value",
]


# ---- the stepper -------------------------------------------------------------------------------------------------------------


@dataclass(eq=False, slots=True)
class Group:
    """Parameters that share a learning rate (a number or a Schedule) and a rule; `states` has what the rule remembers of each."""

    parameters: list[Value]
    learning_rate: float | Schedule
    rule: Rule
    states: list[State]

    def rate(self, step: int) -> float:
        """The learning rate after `step` steps.

        Raises:
            ValueError: if it is negative, nan or infinite.
        """
        return _rate_at(step, self.learning_rate)


class Optimizer:
    """A rule at work on parameters; `SGD`, `Adam` and `AdamW` are this with a rule of their own, and so may yours be.

    Args:
        parameters: Values, as `model.parameters()` gives; or groups of them, dictionaries with "parameters" and, where they differ
            from the other arguments, "learning_rate" and any constant of the rule such as "weight_decay".
        learning_rate: a number, or a Schedule: a function from the number of steps taken to the rate.
        rule: the update.
    Attributes:
        groups: the list of Groups, whose learning_rate may be changed on the way.
        steps: how many steps were taken.
    Raises:
        TypeError: if a parameter is no Value.
        ValueError: if there is none, one stands there twice or cannot be trained, or a constant is out of range.
    Example:
        >>> w, b = Value(1.0), Value(1.0)
        >>> optimizer = Optimizer([{"parameters": [w]}, {"parameters": [b], "learning_rate": 0.25}], 0.5, SGDRule())
        >>> (3.0 * w + b).backward()
        >>> optimizer.step()
        >>> w.data, b.data
        (-0.5, 0.75)
    """

    def __init__(self, parameters: Iterable[Any], learning_rate: float | Schedule, rule: Rule) -> None:
        self.groups = [_group(given, learning_rate, rule) for given in _as_groups(parameters)]
        self.steps = 0
        _check_parameters([parameter for group in self.groups for parameter in group.parameters])

    @property
    def learning_rate(self) -> float | Schedule:
        """The learning rate or schedule of the first group; setting it sets that of all groups."""
        return self.groups[0].learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float | Schedule) -> None:
        _rate_at(self.steps, rate)
        for group in self.groups:
            group.learning_rate = rate

    def step(self) -> None:
        """Updates every parameter once from its gradient; those frozen by `requires_grad = False` stay.

        Raises:
            ValueError: if a schedule gives no valid rate; no parameter is changed then.
        """
        rates = [group.rate(self.steps) for group in self.groups]
        self.steps += 1
        for group, rate in zip(self.groups, rates, strict=True):
            update, states, steps = group.rule.update, group.states, self.steps
            for i, parameter in enumerate(group.parameters):
                if parameter.requires_grad:
                    parameter.data, states[i] = update(parameter.data, parameter.grad, states[i], rate, steps)

    def zero_grad(self) -> None:
        """Sets the gradient of every parameter to 0.0."""
        for group in self.groups:
            for parameter in group.parameters:
                parameter.grad = 0.0

    def state_dict(self) -> dict[str, Any]:
        """What the optimizer remembers, as numbers, lists and dictionaries that JSON can hold; the parameters are not in it.

        >>> SGD([Value(1.0)], 0.1, momentum=0.9).state_dict()
        {'steps': 0, 'groups': [{'velocity': [0.0]}]}
        """
        return {"steps": self.steps, "groups": [_state_by_name(group) for group in self.groups]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Takes over what `state_dict` gave, so that training goes on with the same bits; all of it, or nothing if it does not fit.

        The optimizer must have been made with the same groups and constants; those are not in the state.

        Raises:
            ValueError: if the state does not fit; the message says what was expected and found.
        """
        steps, states = _read_state(state, self.groups)
        self.steps = steps
        for group, new in zip(self.groups, states, strict=True):
            group.states = new

    def __repr__(self) -> str:
        texts = [f"{len(group.parameters):,} parameters, {group.learning_rate!r}, {group.rule!r}" for group in self.groups]
        return f"{type(self).__name__}({'; '.join(texts)})"


class SGD(Optimizer):
    """Gradient descent, x - rate * g, optionally with momentum; see `SGDRule`.

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

    >>> x = Value(4.0)
    >>> optimizer = AdamW([x], learning_rate=0.5, weight_decay=0.5)
    >>> optimizer.step()
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


# ---- arguments ---------------------------------------------------------------------------------------------------------------


def _as_groups(parameters: Any) -> list[Mapping[str, Any]]:
    """The groups as dictionaries: as given, or one around a plain list of parameters."""
    if isinstance(parameters, Value) or not isinstance(parameters, Iterable) or isinstance(parameters, Mapping):
        hint = "model.parameters()" if hasattr(parameters, "parameters") else "[value], or [{...}, {...}] for groups"
        raise TypeError(f"an optimizer takes a list of parameters, got {type(parameters).__name__}. Write {hint}.")
    listed = list(parameters)  # a generator can be read only once
    grouped = [isinstance(item, Mapping) for item in listed]
    if any(grouped) and not all(grouped):
        raise TypeError('parameters and groups are mixed: put the single ones into a group too, {"parameters": [...]}')
    return listed if any(grouped) else [{"parameters": listed}]


def _group(given: Mapping[str, Any], learning_rate: float | Schedule, rule: Rule) -> Group:
    if "parameters" not in given:
        raise ValueError(f'a group needs the key "parameters", got {", ".join(map(repr, given))}')
    constants = {key: value for key, value in given.items() if key not in ("parameters", "learning_rate")}
    known: list[str] = [field.name for field in fields(rule)] if is_dataclass(rule) else []
    for key in constants:
        if key not in known:
            near = get_close_matches(key, ["parameters", "learning_rate", *known], n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"The constants of the rule are {', '.join(known) or 'none'}."
            raise ValueError(f"a group has no key {key!r}. {hint}")
    rule = replace(rule, **constants) if constants else rule  # type: ignore[type-var]
    parameters = list(given["parameters"])
    group = Group(parameters, given.get("learning_rate", learning_rate), rule, [(0.0,) * len(rule.state_names)] * len(parameters))
    group.rate(0)
    return group


def _rate_at(step: int, learning_rate: float | Schedule) -> float:
    rate = as_float(learning_rate(step) if callable(learning_rate) else learning_rate)
    if not 0.0 <= rate < math.inf:
        where = f" at step {step}" if callable(learning_rate) else ""
        raise ValueError(f"the learning rate must be a finite number of at least 0, got {rate!r}{where}")
    return rate


def _check_parameters(parameters: list[Any]) -> None:
    if not parameters:
        raise ValueError("an optimizer needs at least one parameter, got none; was a generator of them used up before?")
    seen: set[int] = set()
    for parameter in parameters:
        if not isinstance(parameter, Value):
            raise TypeError(f"an optimizer takes Values, got {type(parameter).__name__} {parameter!r:.60}")
        if parameter.primitive is not None:
            raise ValueError(f"{described(parameter)} was computed from other values: train those instead")
        if not parameter.requires_grad:
            raise ValueError(f"{described(parameter)} is a constant: leave it out, or set its requires_grad to True")
        if id(parameter) in seen:
            raise ValueError(f"{described(parameter)} is there twice and would be updated twice in each step: leave one out")
        seen.add(id(parameter))


# ---- the state as JSON can hold it -------------------------------------------------------------------------------------------


def _state_by_name(group: Group) -> dict[str, list[float]]:
    return {name: [state[i] for state in group.states] for i, name in enumerate(group.rule.state_names)}


def _read_state(state: Any, groups: list[Group]) -> tuple[int, list[list[State]]]:
    """The number of steps, and the states of each group's parameters, checked."""
    if not isinstance(state, Mapping) or set(state) != {"steps", "groups"}:
        found = ", ".join(map(repr, state)) if isinstance(state, Mapping) else type(state).__name__
        raise ValueError(f"an optimizer's state has the keys 'steps' and 'groups', found {found or 'none'}")
    steps, found = state["steps"], state["groups"]
    if not isinstance(steps, int) or isinstance(steps, bool) or steps < 0:
        raise ValueError(f"`steps` must be a whole number of at least 0, found {steps!r}")
    if not isinstance(found, list) or len(found) != len(groups):
        count = len(found) if isinstance(found, list) else repr(found)
        raise ValueError(f"`groups` must be a list of {len(groups)}, one for each group of the optimizer, found {count}")
    return steps, [_read_group(f"groups[{i}]", *pair) for i, pair in enumerate(zip(found, groups, strict=True))]


def _read_group(where: str, found: Any, group: Group) -> list[State]:
    names = group.rule.state_names
    if not isinstance(found, Mapping) or set(found) != set(names):
        listed = ", ".join(map(repr, found)) if isinstance(found, Mapping) else repr(found)
        expected = ", ".join(map(repr, names)) or "nothing"
        raise ValueError(f"`{where}` must hold {expected} for {group.rule!r}, found {listed or 'nothing'}")
    count = len(group.parameters)
    for name in names:
        numbers = found[name]
        if not isinstance(numbers, list) or len(numbers) != count:
            size = len(numbers) if isinstance(numbers, list) else repr(numbers)
            raise ValueError(f"`{where}.{name}` must be a list of {count} numbers, one for each parameter, found {size}")
        for i, number in enumerate(numbers):
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise ValueError(f"`{where}.{name}[{i}]` must be a number, found {number!r}")
    return [tuple(float(found[name][i]) for name in names) for i in range(count)]
