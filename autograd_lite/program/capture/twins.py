"""Two runs of one function side by side: their graphs must be the same but for the numbers of arguments and parameters.

And where Python looked at the answers of comparisons, a run without an observer must give what was recorded: while a function is
traced, a comparison answers with a `Condition`, which behaves as a bool does, but is none; `is True` and `isinstance(answer, bool)`
tell them apart.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_lite.engine.recording import observed
from autograd_lite.engine.value import Value
from autograd_lite.program.capture.guards import Choice, Condition, Guard, same_number
from autograd_lite.program.capture.points import example_of, example_point
from autograd_lite.program.capture.reading import TraceError
from autograd_lite.program.capture.restoring import unchanged
from autograd_lite.program.capture.tracing import Traced, flat


@dataclass(frozen=True)
class Difference:
    """Where two runs part.

    Attributes:
        nodes: of the second run, what differs and what computes with it; none where a result itself does.
        numbers: the two numbers; None where the graphs are of different structure.
    """

    nodes: Sequence[Value]
    numbers: tuple[float, float] | None = None


class _OfStructure(Exception):
    def __init__(self, *nodes: Value | None) -> None:
        self.nodes = [node for node in nodes if node is not None]


class Twins:
    """Two runs.

    Attributes:
        shared: constants that both runs met as the same object, which therefore stands outside of the function.
        share_nodes: whether they met an operation as the same object.
    """

    def __init__(self, first: Traced, second: Traced) -> None:
        self.first, self.second = first, second
        self.leaves = dict(zip(map(id, first.inputs), map(id, second.inputs), strict=True))
        self.others = set(self.leaves.values())
        parameters = list(map(id, first.parameters))
        self.twins = dict(zip(parameters, parameters, strict=True))
        self.seen: set[tuple[int, int]] = set()
        self.shared: list[Value] = []
        self.share_nodes = False

    def difference(self) -> Difference | None:
        """The first difference, arguments and parameters apart; None where there is none."""
        try:
            return self._difference()
        except _OfStructure as error:
            return Difference(error.nodes)

    def _difference(self) -> Difference | None:
        seen, twins = self.seen, self.twins
        stack: list[tuple[Value, Value, Value | None]] = [(a, b, None) for a, b in self._roots()]
        stack.reverse()
        while stack:
            a, b, user = stack.pop()
            pair = id(a), id(b)
            if pair in seen:
                continue
            seen.add(pair)
            twins[pair[0]] = pair[1]
            primitive, operands = self.first.made(a)
            other_primitive, others = self.second.made(b)
            if None in (primitive, other_primitive) and self.leaves.get(id(a), None if id(b) in self.others else id(b)) != id(b):
                raise _OfStructure(user)
            if primitive is None and other_primitive is None:
                if a is b and not a.requires_grad:
                    self.shared.append(a)
                if id(a) not in self.leaves and a is not b and not same_number(a.data, b.data):
                    return Difference([user] if user else [], (a.data, b.data))
                continue
            self.share_nodes |= a is b
            if not (primitive is other_primitive or _same_primitive(primitive, other_primitive)) or len(operands) != len(others):
                raise _OfStructure(b, user)
            if list(map(twins.get, map(id, operands))) != list(map(id, others)):
                pairs = zip(reversed(operands), reversed(others), strict=True)
                stack += [(x, y, b) for x, y in pairs if twins.get(id(x)) != id(y) and not self._are_plain_twins(x, y)]
        return None

    def _are_plain_twins(self, a: Value, b: Value) -> bool:
        """Whether two operands are constants that each run made for itself, of the same number: most leaves are."""
        if a.primitive is not None or b.primitive is not None or a is b or not same_number(a._data, b._data):
            return False
        if id(a) in self.leaves or id(b) in self.others or id(a) in self.first.hidden or id(b) in self.second.hidden:
            return False
        self.twins[id(a)] = id(b)
        return True

    def _roots(self) -> Iterator[tuple[Value, Value]]:
        """What the two runs give, and what they asked for on the way."""
        if len(self.first.outputs) != len(self.second.outputs) or len(self.first.guards) != len(self.second.guards):
            raise _OfStructure
        for guard, other in zip(self.first.guards, self.second.guards, strict=True):
            if len(guard.path) != len(other.path):
                raise _OfStructure
            yield from _sides(guard, other)
            for (condition, first), (other_condition, other_first) in zip(guard.path, other.path, strict=True):
                if first != other_first:
                    raise _OfStructure
                yield from _sides(condition, other_condition)
        yield from zip(self.first.outputs, self.second.outputs, strict=True)


def _sides(first: Guard | Condition, second: Guard | Condition) -> list[tuple[Value, Value]]:
    if first.sign != second.sign:
        raise _OfStructure
    return [(first.left, second.left), (first.right, second.right)]


def _same_primitive(first: Any, second: Any) -> bool:
    if isinstance(first, Choice) and isinstance(second, Choice):
        return (first.sign, first.deferred) == (second.sign, second.deferred)
    if first is second:
        return True
    return type(first) is type(second) and bool(getattr(first, "__dict__", 0) == getattr(second, "__dict__", 1))


# ---- a run without an observer -----------------------------------------------------------------------------------------------


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
