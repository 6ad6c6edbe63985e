"""Wrong rules, made on purpose: a primitive that is right except for one mistake in its local derivatives.

Each mistake is a function of the right partials and of the rule itself, so that none depends on what the primitive is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from autograd_lite.calculus.rules import partials_of, partials_on_nodes
from autograd_lite.engine.primitive import Binary, Nary, Primitive, Unary
from autograd_lite.engine.text import Text
from autograd_lite.testing.generate.ranges import operand_counts
from autograd_lite.testing.primitives.points import same

Rule = Callable[[Sequence[Any], Any], list[Any]]  # from operands and value to partials
Mistake = Callable[[Rule, Sequence[Any], Any], list[Any]]

_FACTOR = 1.0 + 1e-9
_OFFSET = 1e-9
_OTHER_CONVENTION = 0.25
_MOST_OPERANDS = 4  # of an n-ary primitive: the first three and the last


@dataclass(frozen=True)
class Mutation:
    """A mistake in a rule.

    Attributes:
        name: what is done, in words.
        mistake: from the right rule, the operands and the value to wrong partials.
    """

    name: str
    mistake: Mistake


def rule_of(primitive: Primitive) -> Rule:
    """The partials of a primitive of any arity as one function.

    >>> from autograd_lite import Value, multiply
    >>> rule_of(multiply)([2.0, 3.0], 6.0), rule_of(multiply)([Value(2.0), Value(3.0)], Value(6.0))[0].data
    ([3.0, 2.0], 3.0)
    """

    def rule(operands: Sequence[Any], out: Any) -> list[Any]:
        # On Values and Symbols: second derivatives, and the rule as text.
        partials = partials_of if all(isinstance(operand, float) for operand in operands) else partials_on_nodes
        return partials(primitive, list(operands), out, [True] * len(operands))

    return rule


def mutations_of(primitive: Primitive) -> Iterator[Mutation]:
    """Every mistake that is tried on a primitive.

    >>> from autograd_lite import sin
    >>> [mutation.name for mutation in mutations_of(sin)]
    ['dx times 1 + 1e-9', 'dx with the wrong sign', 'dx dropped', 'dx plus 1e-9']
    """
    most = max(operand_counts(primitive))
    chosen = list(range(most)) if most <= _MOST_OPERANDS else [*range(_MOST_OPERANDS - 1), most - 1]
    for index in chosen:
        name = ("dx", "dy")[index] if most <= 2 and not isinstance(primitive, Nary) else f"partial {index + 1}"
        yield Mutation(f"{name} times 1 + 1e-9", _at(index, lambda partial: partial * _FACTOR))
        yield Mutation(f"{name} with the wrong sign", _at(index, lambda partial: -partial))
        yield Mutation(f"{name} dropped", _at(index, lambda partial: partial * 0.0 if partial == partial else partial))
        yield Mutation(f"{name} plus 1e-9", _at(index, lambda partial: partial + _OFFSET))
    for first, second in pairwise(chosen):
        yield Mutation(f"partials {first + 1} and {second + 1} swapped", _swapped_partials(first, second))
        yield Mutation(f"operands {first + 1} and {second + 1} swapped in the rule", _swapped_operands(first, second))
    if primitive.special_points:
        yield Mutation("another convention at special points", _wrong_at([at.operands for at in primitive.special_points]))


def _at(index: int, change: Callable[[Any], Any]) -> Mistake:
    def mistake(rule: Rule, operands: Sequence[Any], out: Any) -> list[Any]:
        return [change(partial) if place == index else partial for place, partial in enumerate(rule(operands, out))]

    return mistake


def _exchanged(numbers: Sequence[Any], first: int, second: int) -> list[Any]:
    exchanged = list(numbers)
    if second < len(exchanged):
        exchanged[first], exchanged[second] = exchanged[second], exchanged[first]
    return exchanged


def _swapped_partials(first: int, second: int) -> Mistake:
    return lambda rule, operands, out: _exchanged(rule(operands, out), first, second)


def _swapped_operands(first: int, second: int) -> Mistake:
    return lambda rule, operands, out: rule(_exchanged(operands, first, second), out)


def _wrong_at(points: list[tuple[float, ...]]) -> Mistake:
    def mistake(rule: Rule, operands: Sequence[Any], out: Any) -> list[Any]:
        partials = rule(operands, out)
        if not any(len(point) == len(operands) and all(map(same, point, operands)) for point in points):
            return partials
        return [_OTHER_CONVENTION if abs(partial) == float("inf") else partial + _OTHER_CONVENTION for partial in partials]

    return mistake


# ---- a primitive with a mistake ----------------------------------------------------------------------------------------------


def with_mistake(primitive: Any, mistake: Mistake) -> Primitive:
    """A primitive that computes and reads as the given one, with a mistake in its rule.

    >>> from autograd_lite import Value, sin
    >>> wrong = with_mistake(sin, lambda rule, operands, out: [2.0 * partial for partial in rule(operands, out)])
    >>> wrong(Value(0.0)).local_derivatives
    (2.0,)
    """
    kind: Any = _WrongNary if isinstance(primitive, Nary) else _WrongBinary if isinstance(primitive, Binary) else _WrongUnary
    wrong: Primitive = kind(primitive, mistake)
    return wrong


class _Wrong:
    """What the wrong primitives of all arities share: everything is the right one's, except the partials.

    A wrong primitive is nobody's built-in one, or the right rule would be taken for it wherever the library keeps a copy.
    """

    def __init__(self, right: Any, mistake: Mistake) -> None:
        super().__init__()
        self.right = right
        names = "symbol latex precedence domain special_points smooth roundings cancels arity public counts"
        for name in names.split():
            if hasattr(right, name):
                setattr(self, name, getattr(right, name))
        self.name, self.is_builtin = right.name, False
        rule = rule_of(right)
        self.wrong_partials: Callable[[Sequence[Any], Any], list[Any]] = lambda operands, out: mistake(rule, operands, out)

    def write(self, operands: Sequence[Text]) -> Text:
        written: Text = self.right.write(operands)
        return written


class _WrongUnary(_Wrong, Unary):
    def forward(self, x: Any) -> Any:
        return self.right.of([x])

    def dx(self, x: Any, out: Any) -> Any:
        return self.wrong_partials([x], out)[0]


class _WrongBinary(_Wrong, Binary):
    def forward(self, x: Any, y: Any) -> Any:
        return self.right.of([x, y])

    def dx(self, x: Any, y: Any, out: Any) -> Any:
        return self.wrong_partials([x, y], out)[0]

    def dy(self, x: Any, y: Any, out: Any) -> Any:
        return self.wrong_partials([x, y], out)[1]


class _WrongNary(_Wrong, Nary):
    def forward(self, values: Sequence[Any]) -> Any:
        return self.right.of(list(values))

    def partials(self, values: Sequence[Any], out: Any) -> list[Any]:
        return self.wrong_partials(values, out)
