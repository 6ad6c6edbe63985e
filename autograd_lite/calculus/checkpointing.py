"""Checkpoints: calls that keep their arguments and results, and recompute their inside in the backward pass."""

import copy
from array import array
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from operator import is_
from threading import get_ident
from typing import Any, TypeVar, cast

from autograd_lite.calculus.call import named_after
from autograd_lite.calculus.perturbed import through
from autograd_lite.calculus.reverse import add_up
from autograd_lite.calculus.trees import is_array, leaves
from autograd_lite.engine import recording
from autograd_lite.engine.errors import GraphError, warn_of_nan
from autograd_lite.engine.primitive import Nary
from autograd_lite.engine.text import shorten
from autograd_lite.engine.value import Value, begin_noting, edges, inside, recalled_node, swept

F = TypeVar("F", bound=Callable[..., Any])


def checkpoint(function: F) -> F:
    """The same function, of which a call records one node for each result and recomputes what is between in the backward pass.

    The memory of a long computation then is that of one call, and of the arguments of all: for n steps in calls of sqrt(n) steps
    each, about sqrt(n). The time is that of a second forward pass, and of holding it against the first.

    Args:
        function: from anything to a Value, or to lists, tuples, dictionaries and arrays of Values and of anything else. It must
            give the same when it is called again: what is random is drawn outside, and handed in. Values that it reaches in other
            ways than by its arguments, as the parameters of a model, get their gradients all the same.
    Returns:
        A function of the same arguments. Inside `no_grad`, in forward mode, in `trace`, and where `draw` or `record` run a
        function, it is the function itself.
    Raises:
        GraphError: by `backward` and other derivatives, if the function no longer gives what it gave, to the last bit, or has
            other derivatives, or if the `.data` of what it used was changed; leaves then have the `.grad` that they had.
    Source: Griewank & Walther, *Evaluating Derivatives*, 2nd ed. (2008), chapter 12; Chen et al., "Training deep nets with
        sublinear memory cost" (2016).
    Example:
        >>> from autograd_lite import Value, sin
        >>> @checkpoint
        ... def block(x, steps):
        ...     for _ in range(steps):
        ...         x = sin(x) * 1.1
        ...     return x
        >>> x = Value(0.5)
        >>> y = x
        >>> for _ in range(10):
        ...     y = block(y, 10)  # one node instead of 20
        >>> y.backward()
        >>> y.primitive, y.operands[0].primitive, f"{x.grad:.6e}"
        (<primitive block>, <primitive block>, '1.664130e-09')
    """

    name = getattr(function, "__name__", getattr(function, "name", type(function).__name__))

    def checkpointed(*arguments: Any, **keywords: Any) -> Any:
        if recording.is_paused() or recording.observer() is not None:
            return function(*arguments, **keywords)
        return _Call(function, name, _rebuilt(_same, (arguments, keywords))).first(arguments, keywords)

    return cast(F, named_after(function, checkpointed))


class _Call:
    """A call whose inside is forgotten.

    Attributes:
        operands: what the inside was computed from, arguments first.
        count: how many of the results are nodes that the call made.
    """

    __slots__ = ("_arguments", "_data", "_derivatives", "_enclosed", "_function", "_numbers", "_order", "count", "name", "operands")

    def __init__(self, function: Callable[..., Any], name: str, arguments: Any) -> None:
        self._function, self.name, self._arguments = function, name, arguments
        self._enclosed = recording.enclosed()

    def first(self, arguments: Any, keywords: Any) -> Any:
        """The call itself: its result, with nodes that recall it in the place of those that it made."""
        birth = begin_noting()
        result = _noted(self._function, arguments, keywords)
        made = _made(result, birth)
        if not made:
            return result
        order = inside(made, birth)
        outside = swept(order, made, _trial(len(made)), birth + 1, recalls=False)
        del order
        self.count = len(made)
        self._numbers = _bytes(made)
        self._derivatives = hash(array("d", outside.sums).tobytes())
        given = {id(leaf): place for place, leaf in enumerate(leaves(list(self._arguments)))}
        found = outside.operands
        self._order = sorted(range(len(found)), key=lambda i: (given.get(id(found[i]), len(given)), -i))
        self.operands = [found[i] for i in self._order]
        self._data = _bytes(self.operands)
        nodes = {id(node): recalled_node(_Result(self, place), self.operands, node._data) for place, node in enumerate(made)}
        for node in made:
            nodes[id(node)].label = node.label
        return _rebuilt(lambda leaf: through(lambda part: nodes.get(id(part), part), leaf), result)

    def pulled_back(self, seeds: dict[int, float]) -> list[float]:
        """The adjoints of the operands, from those of results, by their place; where only other results lead, no slope counts."""
        made, order, birth, found = self._again()
        given = [made[place] for place in seeds]
        order = order if len(given) == len(made) else _below(given, order)
        outside = swept(order, given, list(seeds.values()), birth + 1)
        if any(number != number for number in outside.sums):
            warn_of_nan(edges(order))
        sums = dict(zip(map(id, outside.operands), outside.sums, strict=True))
        return [sums.get(id(found[i]), 0.0) for i in self._order]

    def pulled_back_on_nodes(self, seeds: dict[int, Any]) -> list[Any]:
        """The same from Values to Values, which can be differentiated again; their inside is forgotten, too."""

        def pullback(*numbers: Any) -> list[Any]:
            made, order, _, found = self._again()
            given = [made[place] for place in seeds]
            adjoints: dict[int, Any] = dict(zip(map(id, given), numbers, strict=True))
            add_up(order if len(given) == len(made) else _below(given, order), adjoints, differentiable=True)
            return [adjoints.get(id(found[i]), 0.0) for i in self._order]

        pullback.__name__ = f"pullback of {self.name}"
        given: list[Any] = checkpoint(pullback)(*seeds.values())
        return given

    def _again(self) -> tuple[list[Value], list[Value], int, list[Value]]:
        """The inside, recomputed: its results, its nodes, their birth, and what is outside."""
        self._refuse_changed_data()
        arguments, keywords = _rebuilt(_same, self._arguments)
        with ExitStack() as stack:
            stack.enter_context(recording.enable_grad())
            if recording.observer() is not None:
                stack.enter_context(recording.observed(None))
            if self._enclosed:
                stack.enter_context(recording.enclosing(list(self.operands)))
            birth = begin_noting()
            made = _made(_noted(self._function, arguments, keywords), birth)
        if _bytes(made) != self._numbers:
            self._refuse(f"gave {_numbers(array('d', self._numbers))} and now gives {_numbers(node._data for node in made)}")
        order = inside(made, birth)
        outside = swept(order, made, _trial(len(made)), birth + 1, recalls=False)
        if hash(array("d", outside.sums).tobytes()) != self._derivatives or len(outside.operands) != len(self.operands):
            self._refuse("gives the same results as before, but has other derivatives")
        self._refuse_changed_data()
        return made, order, birth, outside.operands

    def _refuse(self, what: str) -> None:
        raise GraphError(
            f"`{self.name}` {what}. A checkpoint is recomputed in the backward pass and must be the same then: draw random numbers "
            "outside and hand them in as arguments, and change nothing that it reads before the backward pass is over."
        )

    def _refuse_changed_data(self) -> None:
        now = _bytes(self.operands)
        if now == self._data:
            return
        for operand, number, before in zip(self.operands, array("d", now), array("d", self._data), strict=True):
            if repr(number) != repr(before):
                name = f"`{shorten(operand.label)}`" if operand.label else "an operand"
                raise GraphError(
                    f"`.data` of {name} was changed from {before!r} to {number!r} after `{self.name}` was computed from it, and a "
                    "checkpoint is recomputed in the backward pass. Compute it again before differentiating it."
                )


class _Result(Nary):
    """A result of a call, as a function of what its inside was computed from.

    Attributes:
        place: which result, of those that are nodes that the call made.
    """

    def __init__(self, call: _Call, place: int) -> None:
        super().__init__()
        self.call, self.place = call, place
        self.name = call.name if call.count == 1 else f"{call.name}[{place}]"
        vars(self)["symbol"] = f"{self.name.replace('{', '{{').replace('}', '}}')}({{operands}})"

    def __reduce__(self) -> Any:
        raise TypeError(
            f"a checkpoint remembers its function and is not pickled: `{self.name}`. Keep its number, `.data`, or its parameters."
        )

    def forward(self, values: list[float]) -> float:
        """The number that was recorded, at the point where it was."""
        if array("d", values).tobytes() != self.call._data:
            raise ValueError(f"`{self.name}` is a checkpoint, and known at the point only where it was computed")
        return array("d", self.call._numbers)[self.place]

    def partials(self, values: Sequence[Any], out: Any) -> list[Any]:
        """The local derivatives on nodes, where these are the operands."""
        if len(values) != len(self.call.operands) or any(x is not y for x, y in zip(values, self.call.operands, strict=True)):
            raise GraphError(
                f"`{self.name}` is a checkpoint, which is differentiated again by its own operands only, not by copies of them or "
                "by names. Compute it without `checkpoint`."
            )
        return self.call.pulled_back_on_nodes({self.place: 1.0})

    def local_derivatives(self) -> list[float]:
        """Those of its node, recomputed."""
        return self.call.pulled_back({self.place: 1.0})


def _noted(function: Callable[..., Any], arguments: Any, keywords: Any) -> Any:
    """What the function gives; the nodes that it makes get the mark of their birth."""
    key = object()
    try:
        # First of all where other threads look whether a block is open, and last of all gone from there.
        recording.pausing[id(key)] = recording.noting[id(key)] = get_ident()
        result = function(*arguments, **keywords)
    finally:
        recording.noting.pop(id(key), None)
        recording.pausing.pop(id(key), None)
    if hasattr(result, "send") or hasattr(result, "__await__") or hasattr(result, "asend"):
        result.close() if hasattr(result, "close") else None
        raise TypeError(f"checkpoint takes a function that gives its results at once, got one that gives a {type(result).__name__}")
    return result


def _made(result: Any, birth: int) -> list[Value]:
    """The nodes that a call made, of those in its result, each once."""
    found: dict[int, Value] = {}

    def note(part: Any) -> Any:
        if isinstance(part, Value) and part.primitive is not None and part._mark <= birth:
            found[id(part)] = part
        return part

    _rebuilt(lambda leaf: through(note, leaf), result)
    return list(found.values())


def _below(results: list[Value], order: list[Value]) -> list[Value]:
    """Those nodes of an order, users before operands, of which some of its results were computed."""
    reached = set(map(id, results))
    below = []
    for node in order:
        if id(node) in reached:
            below.append(node)
            reached.update(map(id, node.operands))
    return below


def _trial(count: int) -> list[float]:
    """Adjoints of results for which two runs of a function are compared: no simple multiples of each other."""
    return [1.0 + 0.6180339887498949 * place for place in range(count)]


def _bytes(values: Sequence[Value]) -> bytes:
    return array("d", [value._data for value in values]).tobytes()


def _numbers(numbers: Any) -> str:
    return shorten(", ".join(map(repr, numbers)) or "nothing to differentiate")


def _same(leaf: Any) -> Any:
    return leaf


def _rebuilt(function: Callable[[Any], Any], tree: Any) -> Any:
    """A tree of the same types, with the function applied to what is in lists, tuples, dictionaries and arrays of objects."""
    twin: Any
    if isinstance(tree, dict):
        twin = copy.copy(tree)
        twin.update((key, _rebuilt(function, branch)) for key, branch in tree.items())
        return twin
    if isinstance(tree, list):
        twin = copy.copy(tree)
        twin[:] = [_rebuilt(function, branch) for branch in tree]
        return twin
    if isinstance(tree, tuple):
        branches = [_rebuilt(function, branch) for branch in tree]
        if all(map(is_, branches, tree)):  # one that cannot change, of any type, as time.struct_time
            return tree
        twin = tuple.__new__(type(tree), branches)
        vars(twin).update(vars(tree)) if hasattr(tree, "__dict__") else None
        return twin
    if is_array(tree) and tree.dtype.kind == "O":
        twin = tree.copy()
        twin.ravel()[:] = [_rebuilt(function, number) for number in tree.ravel().tolist()]
        return twin
    return function(tree)
