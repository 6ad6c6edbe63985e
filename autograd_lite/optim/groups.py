"""Groups of parameters: what an optimizer is given, checked, and what it remembers as JSON can hold it."""

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

from autograd_lite.engine.extras import is_here
from autograd_lite.engine.many import are_same, numbers_and_slopes, set_numbers
from autograd_lite.engine.reals import as_float
from autograd_lite.engine.value import Value
from autograd_lite.names_of_others import OF_OPTIMIZERS
from autograd_lite.optim.clipping import described
from autograd_lite.optim.divergence import StepError
from autograd_lite.optim.schedules import Schedule
from autograd_lite.optim.update_rules import Rule, State

_MANY: Final = 2_000  # parameters that learn: with so many, arrays are faster than a call of the rule for each


class Moved(NamedTuple):
    """What a step makes of a group: of the parameters that learn, the places, the new numbers, and the states or columns."""

    places: Sequence[int]
    learning: list[Value]
    numbers: Iterable[float]
    states: list[State]
    columns: list[Any]


class Group:
    """Parameters that share a learning rate and a rule, and what the rule remembers of each. Given by `Optimizer.groups`.

    An optimizer's step asks for the `rate`, has all groups say what would be `moved`, and then has them `take` it.

    Attributes:
        parameters: the list of Values.
        learning_rate: a number, or a Schedule.
        rule: the update.
    Example:
        >>> from autograd_lite import Value
        >>> from autograd_lite.optim import SGD
        >>> w, b = Value(1.0), Value(2.0)
        >>> group = SGD([w, b], learning_rate=0.5, momentum=0.5).groups[0]
        >>> w.grad = 2.0
        >>> group.take(group.moved(group.rate(step=0), step=1))
        >>> w.data, b.data, group.states, group.by_name()
        (0.0, 2.0, [(2.0,), (0.0,)], [[2.0, 0.0]])
        >>> group.parameters.pop().data
        2.0
        >>> group.settle()
        >>> group.states
        [(2.0,)]
        >>> group.remember([(0.25,)])
        >>> group.states
        [(0.25,)]
    """

    def __init__(self, parameters: list[Value], learning_rate: float | Schedule, rule: Rule) -> None:
        self.parameters, self.learning_rate, self.rule = parameters, learning_rate, rule
        self.remembered: list[Value] = []  # the parameters that the states are of
        self._states: list[State] = []
        self._columns: list[Any] = []  # arrays in the place of the list, one for each name, as long as nobody outside has that
        self._is_shared = False

    @property
    def states(self) -> list[State]:
        """For each parameter the tuple of what the rule remembers of it; the list may be changed."""
        self._is_shared = True
        return self._listed()

    @states.setter
    def states(self, states: list[State]) -> None:
        self.remember(states)
        self._is_shared = True

    def remember(self, states: list[State]) -> None:
        """Takes a list of `states` that nobody else has."""
        self._states, self._columns, self._is_shared = states, [], False

    def _listed(self) -> list[State]:
        if self._columns:
            self._states, self._columns = list(zip(*(column.tolist() for column in self._columns), strict=True)), []
        return self._states

    def by_name(self) -> list[list[float]]:
        """What the rule remembers: for each of its names a list over the parameters."""
        self.settle()
        if self._columns:
            return [column.tolist() for column in self._columns]
        return [[state[i] for state in self._states] for i in range(len(self.rule.state_names))]

    # ---- a step --------------------------------------------------------------------------------------------------------------

    def moved(self, rate: float, step: int) -> Moved:
        """What a step of a `rate` and a number makes of the parameters that learn; nothing is changed.

        Raises:
            StepError: if a number would be nan or infinite.
        """
        self.settle()
        learning = self.parameters
        places: Sequence[int] = range(len(learning))
        read = numbers_and_slopes(learning)
        if read is None:
            places = [place for place, parameter in enumerate(self.parameters) if parameter.requires_grad]
            learning = [self.parameters[place] for place in places]
            read = numbers_and_slopes(learning)
        if len(places) >= _MANY and is_here("numpy"):
            from autograd_lite.optim.columns import serves_columns

            if serves_columns(self.rule):
                return self._moved_together(places, learning, read, rate, step)
        numbers: list[float] = []
        states, new_states = self._listed(), []
        for place, number, slope in zip(places, *read, strict=True):
            new, state = self.rule.update(number, slope, states[place], rate, step)
            if not math.isfinite(new) or not all(map(math.isfinite, state)):
                raise StepError(step, self, self.parameters[place], slope, (new, *state))
            numbers.append(new)
            new_states.append(state)
        return Moved(places, learning, numbers, new_states, [])

    def _moved_together(self, places: Sequence[int], learning: list[Value], read: Any, rate: float, step: int) -> Moved:
        from autograd_lite.optim.columns import column, updated

        count = len(places)
        columns = self._columns or [column(numbers, len(numbers)) for numbers in self.by_name()]
        at: Any = places if count < len(self.parameters) else slice(None)
        x, slopes = (column(each, count) for each in read)
        found, wrong = updated(self.rule, x, slopes, [each[at] for each in columns], rate, step)
        if wrong is not None:
            raise StepError(step, self, learning[wrong], float(slopes[wrong]), [each[wrong] for each in found])
        if count < len(self.parameters):
            columns = [each.copy() for each in columns]
            for each, new in zip(columns, found[1:], strict=True):
                each[at] = new
        else:
            columns = found[1:]
        return Moved(places, learning, memoryview(found[0]), [], columns)

    def take(self, moved: Moved) -> None:
        """Changes the parameters, and what the rule remembers of them, to what was `moved`."""
        set_numbers(moved.learning, moved.numbers)
        if moved.columns and not self._is_shared:
            self._columns = moved.columns
        elif moved.columns:
            self._states[:] = zip(*(column.tolist() for column in moved.columns), strict=True)
        for place, state in zip(moved.places, moved.states, strict=False):
            self._states[place] = state

    def rate(self, step: int) -> float:
        """The learning rate after `step` steps.

        Raises:
            ValueError: if it is negative, nan or infinite.
        """
        return rate_at(step, self.learning_rate)

    def settle(self) -> None:
        """Gives each parameter its own state again where the list of parameters or the rule was changed; a new one has none yet.

        Where the states were cut to the new length as well, they are taken as they are.
        """
        names = self.rule.state_names
        fits = len(self._columns) == len(names) if self._columns else all(len(state) == len(names) for state in self._states[:1])
        as_long = len(self.remembered) == len(self.parameters)
        if fits and as_long and are_same(self.remembered, self.parameters):
            return
        states = self._listed()
        if not fits or as_long or len(states) != len(self.parameters):
            pairs = zip(self.remembered, states, strict=False)
            known = {id(value): state for value, state in pairs if len(state) == len(names)}
            self._states = [known.get(id(value), (0.0,) * len(names)) for value in self.parameters]
        self.remembered = list(self.parameters)


# ---- arguments ---------------------------------------------------------------------------------------------------------------


def as_groups(parameters: Any) -> list[Mapping[str, Any]]:
    """The groups as dictionaries: as given, or one around a plain list of parameters."""
    if isinstance(parameters, Value) or not isinstance(parameters, Iterable) or isinstance(parameters, Mapping):
        hint = "model.parameters()" if hasattr(parameters, "parameters") else "[value], or [{...}, {...}] for groups"
        raise TypeError(f"an optimizer takes a list of parameters, got {type(parameters).__name__}. Write {hint}.")
    listed = list(parameters)  # a generator can be read only once
    grouped = [isinstance(item, Mapping) for item in listed]
    if any(grouped) and not all(grouped):
        raise TypeError('parameters and groups are mixed: put the single ones into a group too, {"parameters": [...]}')
    return listed if any(grouped) else [{"parameters": listed}]


def make_group(given: Mapping[str, Any], learning_rate: float | Schedule, rule: Rule) -> Group:
    """The group that a dictionary describes, its rule with the group's own constants and an empty memory."""
    if "parameters" not in given:
        pointer = ' What others call "params" is "parameters" here.' if "params" in given else ""
        raise ValueError(f'a group needs the key "parameters", got {", ".join(map(repr, given))}.{pointer}')
    constants = {key: value for key, value in given.items() if key not in ("parameters", "learning_rate")}
    known: list[str] = [field.name for field in fields(rule)] if is_dataclass(rule) else []
    for key in [key for key in constants if key not in known]:
        if key in OF_OPTIMIZERS:
            raise ValueError(f"a group has no key {key!r}: here it is {OF_OPTIMIZERS[key]}")
        near = get_close_matches(key, ["parameters", "learning_rate", *known], n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"The constants of the rule are {', '.join(known) or 'none'}."
        raise ValueError(f"a group has no key {key!r}. {hint}")
    rule = replace(rule, **constants) if constants else rule  # type: ignore[type-var]
    parameters = list(given["parameters"])
    group = Group(parameters, given.get("learning_rate", learning_rate), rule)
    group.settle()
    group.rate(0)
    return group


def rate_at(step: int, learning_rate: float | Schedule) -> float:
    """The number or schedule as the rate after `step` steps, checked."""
    given = learning_rate(step) if callable(learning_rate) else learning_rate
    if isinstance(given, Value):
        raise TypeError(f"a learning rate is a plain number or a schedule, got {given!r}. Write its .data.")
    rate = as_float(given)
    if not 0.0 <= rate < math.inf:
        named = getattr(learning_rate, "__name__", None) or repr(learning_rate)  # a function's, or as a schedule prints itself
        where = f" at step {step} of {named}" if callable(learning_rate) else ""
        raise ValueError(f"the learning rate must be a finite number of at least 0, got {rate!r}{where}")
    return rate


def check_parameters(parameters: list[Any]) -> None:
    """Refuses what cannot be trained: no parameters, strangers, computed values, constants, repeats."""
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


def state_by_name(group: Group) -> dict[str, list[float]]:
    """What the rule remembers, one list over the parameters for each of its names."""
    return dict(zip(group.rule.state_names, group.by_name(), strict=True))


def read_state(state: Any, groups: list[Group]) -> tuple[int, list[list[State]]]:
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
    group.settle()
    count = len(group.parameters)
    for name in names:
        numbers = found[name]
        if not isinstance(numbers, list) or len(numbers) != count:
            size = len(numbers) if isinstance(numbers, list) else repr(numbers)
            raise ValueError(f"`{where}.{name}` must be a list of {count} numbers, one for each parameter, found {size}")
        for i, number in enumerate(numbers):
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise ValueError(f"`{where}.{name}[{i}]` must be a number, found {number!r}")
            if not -sys.float_info.max <= number <= sys.float_info.max:
                raise ValueError(f"`{where}.{name}[{i}]` must be a finite number, found {number!r:.60}")
    return [tuple(float(found[name][i]) for name in names) for i in range(count)]
