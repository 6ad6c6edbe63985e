"""One call of a user's function by a transform: stand-ins for its arguments, and answers in their shape and kind."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial, wraps
from typing import Any

from autograd_lite.calculus.perturbed import Perturbed, bottom, new_tag, through
from autograd_lite.calculus.reverse import gradients, gradients_of_many
from autograd_lite.calculus.trees import branches, is_array, leaves, mapped, shaped_as
from autograd_lite.engine.primitives import identity
from autograd_lite.engine.recording import enable_grad, enclosed, enclosing, is_paused, observer, under_way
from autograd_lite.engine.value import Value, constant, topological_order

Function = Callable[..., Any]
StandIn = Callable[["FunctionCall", Any], Any]


class FunctionCall:
    """One call of a user's function on stand-ins for its arguments.

    For reverse mode every argument that is a Value gets an alias, an identity node: only what the function does with its argument
    counts, not what it does with the same Value captured from outside. That is what keeps nested derivatives apart (perturbation
    confusion: Siskind & Pearlmutter, "Nesting forward-mode AD in a functional framework", HOSC 21, 2008). For forward mode the
    stand-ins are numbers of this call.

    Attributes:
        tag: of the numbers that are its stand-ins in forward mode.
        inputs: the stand-ins by which the function is differentiated; for reverse mode Values.
        result: what the function gave; `aux` what it gave beside that.
        differentiable: whether answers are Values that can be differentiated again.
    """

    def __init__(
        self,
        function: Function,
        arguments: Sequence[Any],
        *,
        keywords: Mapping[str, Any] | None = None,
        argnums: int | Sequence[int] | None = None,
        has_aux: bool = False,
        paused: bool = False,
        stand_in: StandIn | None = None,
        beside: Sequence[Any] = (),
    ) -> None:
        self.tag = new_tag()
        self.chosen = _chosen(argnums, len(arguments))
        self._is_single = isinstance(argnums, int) or (argnums is None and len(arguments) == 1)
        self.inputs: list[Any] = []
        # The function may have captured the argument of an outer derivative, from which a float would detach it; a trace follows
        # nodes only.
        self.traced = tracer()
        self._paused = paused
        self.gives_values = (enclosed() and not paused) or self.traced is not None
        self._shapes: list[Any] = []
        given = list(arguments)
        for index in self.chosen:
            self._ask_kind(given[index])
        self._ask_kind(beside)
        self.is_forward = stand_in is not None and self.traced is None  # a trace follows the sweep of reverse mode
        named = stand_in if stand_in is not None and self.is_forward else FunctionCall.alias
        for index in self.chosen:
            given[index] = mapped(partial(named, self), given[index])
            self._shapes.append(given[index])
        self.differentiable = self.gives_values and not paused
        self.result, self.aux = self._given_by(function, given, keywords or {}, has_aux)
        self.may_reach(self.result)

    def _given_by(self, function: Function, arguments: list[Any], keywords: Mapping[str, Any], has_aux: bool) -> Any:
        of_values = any(isinstance(bottom(leaf), Value) for leaf in self.inputs)
        with enclosing(self.inputs) if of_values else nullcontext(), self._quiet():
            result = function(*arguments, **keywords)
        if has_aux and not (isinstance(result, tuple) and len(result) == 2):
            raise TypeError(f"with has_aux the function returns a pair (value, aux), got {type(result).__name__}")
        return result if has_aux else (result, None)

    def _ask_kind(self, tree: Any) -> None:
        self.gives_values = self.gives_values or any(isinstance(bottom(leaf), Value) for leaf in leaves(tree))

    def _quiet(self) -> AbstractContextManager[Any]:
        """NumPy looks at the processor's flags after operations on objects, and would warn of a nan that a rule has compared."""
        if not any(is_array(tree) for shape in self._shapes for tree in branches(shape)):
            return nullcontext()
        import numpy

        return numpy.errstate(all="ignore")

    def may_reach(self, tree: Any) -> None:
        """Gives Values if these numbers depend on an argument of a call under way in any thread.

        A function may hand its argument to a thread that knows nothing of its call.
        """
        if not self.gives_values and not self._paused and _reaches_an_argument(tree):
            self.gives_values = self.differentiable = True

    def alias(self, argument: Any) -> Any:
        """The stand-in of reverse mode for a number of an argument."""
        if isinstance(argument, Perturbed):
            return argument.rebuilt([self.alias(argument.number), *argument.parts[1:]])
        if isinstance(argument, Value):
            alias = identity(argument) if argument.requires_grad else self._leaf_at(argument)
        else:
            alias = Value(argument)
        self.inputs.append(alias)
        return alias

    def _leaf_at(self, argument: Value) -> Value:
        """A leaf with the number of a constant; a trace is told where that comes from."""
        leaf = Value(argument.data)
        if self.traced is not None:
            self.traced.unrecorded(leaf, identity, (argument,))
        return leaf

    def output(self) -> Any:
        """The result as one number."""
        if isinstance(self.result, list | tuple | dict):
            raise TypeError(
                f"the function returned a {type(self.result).__name__} of {len(self.result)}; a gradient needs one number. "
                "Use jacobian for a function of several results."
            )
        if is_array(self.result):
            raise TypeError(
                f"the function returned an array of shape {self.result.shape}; a gradient needs one number. "
                "Use jacobian for a function of several results."
            )
        return as_value(self.result)

    def outputs(self) -> list[Any]:
        """The results as a list of numbers."""
        return [as_value(result) for result in leaves(self.result)]

    def shaped(self, numbers: Sequence[Any]) -> Any:
        """One number per input, in the shape of the arguments; for one argument its own shape, for several a tuple."""
        remaining = iter(numbers)
        parts = [shaped_as(shape, remaining) for shape in self._shapes]
        return parts[0] if self._is_single else tuple(parts)

    def matrix(self, rows: list[list[Any]]) -> Any:
        """The rows as lists; as an array where an argument is one."""
        if not any(is_array(tree) for shape in self._shapes for tree in branches(shape)):
            return rows
        import numpy

        floats = all(type(number) is float for row in rows for number in row)
        return numpy.array(rows, dtype=float if floats else object).reshape(len(rows), len(self.inputs))

    def slopes(self, output: Any, differentiable: bool = False) -> list[Any]:
        """The partial derivatives of an output by all inputs, as this call answers, or to be differentiated again."""
        if isinstance(output, Perturbed):
            columns = [self.slopes(part, differentiable) for part in output.parts]
            return [output.rebuilt(parts) for parts in zip(*columns, strict=True)]
        found = gradients(as_value(output), self.inputs, differentiable=self.differentiable or differentiable)
        return [as_value(slope) for slope in found] if self.gives_values else found

    def many_slopes(self, outputs: Sequence[Value]) -> list[list[Any]]:
        """`slopes` of each output, in one forward sweep."""
        rows = gradients_of_many(outputs, self.inputs, differentiable=self.differentiable)
        return [[as_value(slope) for slope in row] for row in rows] if self.gives_values else rows

    def in_kind(self, tree: Any) -> Any:
        """Numbers as this call answers: Values, constants inside `no_grad`, or floats; what is no number stays."""
        return mapped(lambda number: self._answer(bottom(number) if self._paused else number), tree, opens_numeric=False)

    def _answer(self, number: Any) -> Any:
        if isinstance(number, Perturbed):
            return through(self._answer, number)
        if isinstance(number, Value):
            return number if self.differentiable else number.detach() if self.gives_values else number.data
        return constant(number) if self.gives_values and type(number) is float else number

    def answered(self, answer: Any) -> Any:
        """The slopes as they are given back: inside `no_grad` without what outer derivatives would see."""
        return self.in_kind(answer) if self._paused else answer


def transform(function: Function, answer: Callable[[FunctionCall], Any], **options: Any) -> Function:
    """The function of the same arguments, by name and docstring, that gives the answer of a call of it.

    Args:
        answer: from the call to what is given back.
        options: of `FunctionCall`.
    """

    def transformed(*arguments: Any, **keywords: Any) -> Any:
        paused = is_paused()
        with enable_grad():
            return answer(FunctionCall(function, arguments, keywords=keywords, paused=paused, **options))

    return named_after(function, transformed)


def named_after(function: Function, transformed: Function) -> Function:
    """The transformed function with the name and the docstring of the function itself."""
    transformed.__name__ = transformed.__qualname__ = getattr(function, "name", type(function).__name__)  # if it has no own
    return wraps(function, updated=())(transformed)


def tracer() -> Any:
    """The observer of this context, if it follows derivatives as a trace does; others only look on."""
    watching = observer()
    return watching if getattr(watching, "traces", True) else None


def as_value(result: Any) -> Any:
    """The number as a Value, or as it is if it carries derivatives."""
    return result if isinstance(result, Value | Perturbed) else constant(result)


def _chosen(argnums: int | Sequence[int] | None, count: int) -> list[int]:
    """The places of the arguments to differentiate by."""
    if not count:
        raise TypeError("a derivative needs at least one argument to differentiate by")
    if argnums is None:
        return list(range(count))
    asked: list[Any] = list(argnums) if isinstance(argnums, list | tuple) else [argnums]
    for place in asked:
        if not isinstance(place, int) or isinstance(place, bool) or not -count <= place < count:
            raise ValueError(f"argnums is a place, or several, among the {count} positional arguments, got {argnums!r}")
    places = [place % count for place in asked]
    if len(set(places)) < len(places) or not places:
        raise ValueError(f"argnums names each argument once, and at least one, got {argnums!r}")
    return places


def _reaches_an_argument(result: Any) -> bool:
    """Whether a result depends on an argument of a call under way in any thread."""
    inputs = [bottom(value) for inputs in under_way() for value in inputs]
    arguments = {id(value) for value in inputs if isinstance(value, Value)}
    if not arguments:
        return False
    values: list[Value] = []
    for leaf in leaves(result):
        through(lambda part: values.append(part) if isinstance(part, Value) else None, leaf)
    return any(id(node) in arguments for value in values for node in topological_order(value))
