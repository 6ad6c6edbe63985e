"""Value: a number that remembers how it was computed, and `backward`, which turns that memory into derivatives.

Notation, for one node `out = primitive(x, y)`:

    x, y      the operands that need a gradient          (`_x`, `_y`; n-ary nodes keep lists in a `Wide`)
    dx, dy    the local derivatives d out / d operand    (`_dx`, `_dy`), plain floats, computed when the node is made
    grad      d root / d out, after `root.backward()`

Three rules hold everywhere:

1. The chain rule is one line: `operand.grad += local * node.grad`, for every edge, users before operands.
2. Local derivatives are stored, never recomputed: `backward` differentiates at the recorded point, whatever `.data` became since.
3. Nodes refer to their operands and to nothing else: no cycles, no closures, and no recursion over the graph.

As there are no cycles, the compiled engine keeps nodes where Python's collector does not look (`pool.py`). Only through something
of a user's own could there be one, a primitive or a number that remembers a node. A node that refers to such a thing, and every
node computed from that, is shown to the collector (`watch`).
"""

import operator
import os
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import compress, repeat, starmap
from numbers import Real
from operator import attrgetter, is_, ne
from threading import get_ident
from typing import TYPE_CHECKING, Any, ClassVar, Final, final

from autograd_lite.engine import pool, recording
from autograd_lite.engine import primitives as table
from autograd_lite.engine.errors import GraphError, call_text, expression, operation_error, warn_of_nan
from autograd_lite.engine.methods import Functions
from autograd_lite.engine.packs import (
    add_slopes,
    hide,
    needs_gradient,
    next_interior,
    operand_at,
    packed,
    slope_at,
    sum_of,
)
from autograd_lite.engine.primitive import Binary, Nary, Primitive, Unary
from autograd_lite.engine.reals import as_float, is_scalar_array
from autograd_lite.engine.text import shorten

if TYPE_CHECKING:
    from mypy_extensions import i64  # an int of the machine's

__all__ = ["Value", "constant", "topological_order"]


@final
class Wide:
    """The operands of an n-ary node, and of those that need a gradient: the values, their local derivatives, the interior ones.

    The local derivatives are a list, or are computed when they are asked for, by what stands in their place (`recalled`); then the
    operands are not sorted into interior ones and others. `position` is the next operand to visit in the sweep of number `sweep`.
    """

    __slots__ = ("active", "interior", "local", "operands", "position", "recalled", "sweep")

    def __init__(self, operands: Sequence[Any], active: "list[Value]", local: Any, recalled: bool = False) -> None:
        self.operands = operands  # Values and numbers of any type
        self.active = active
        self.local = local
        self.recalled = recalled
        self.interior = active if recalled else [operand for operand in active if operand.primitive is not None]
        self.position: i64 = 0
        self.sweep: i64 = 0

    def listed(self) -> list[float]:
        """The local derivatives as a list."""
        local: list[float] = self.local.local_derivatives() if self.recalled else self.local
        return local


@final
class Products:
    """The operands of a sum of products in the compiled engine: its own, bias and weights, and its inputs, as packs (`packs.py`).

    `position` and `sweep` are as in a Wide.
    """

    __slots__ = ("inputs", "own", "position", "sweep")

    def __init__(self, own: Any, inputs: Any) -> None:
        self.own = own
        self.inputs = inputs
        self.position: i64 = 0
        self.sweep: i64 = 0

    def operands(self) -> list[Any]:
        """The bias, the weights, the inputs."""
        operands: list[Any] = []
        while (operand := operand_at(self.own, self.inputs, len(operands))) is not None:
            operands.append(operand)
        return operands


def as_wide(rest: Any) -> Any:
    """What `_rest` of an n-ary node says, as a Wide; None of any other node."""
    if isinstance(rest, Products):
        operands = rest.operands()
        slopes = [slope_at(rest.own, rest.inputs, place) for place in range(len(operands))]
        active = [operand for operand, slope in zip(operands, slopes) if slope is not None]  # noqa: B905 - as below
        return Wide(operands, active, [slope for slope in slopes if slope is not None])
    return rest if isinstance(rest, Wide) else None


class _Sweeps:
    """The sweeps under way, by a key of their own, each with its thread; and the number of the last that wrote marks.

    A sweep that finds itself alone writes marks and gradients into the nodes as it goes; any other computes apart and writes last.
    Nobody waits for anybody. So a signal handler may sweep while its thread does, a thread may wait for another that sweeps, and
    what was under way elsewhere at a fork is forgotten in the child.

    Two cannot both find themselves alone: each enters its key first and counts then. And none stays behind that was interrupted:
    a key is entered inside of `try` and taken out by one call in C.
    """

    __slots__ = ("birth", "last", "recalled", "running")

    def __init__(self) -> None:
        self.running: dict[object, int] = {}
        self.last: i64 = 0
        self.recalled: i64 = 0  # the last of them that came upon a node whose local derivatives are not at hand
        self.birth: i64 = 0  # the mark of nodes that are made while a call is noted


_sweeps: Final = _Sweeps()


def _after_fork() -> None:
    thread = get_ident()
    for key in [key for key, owner in _sweeps.running.items() if owner != thread]:
        _sweeps.running.pop(key)
    for number in [number for number, owner in recording.noting.items() if owner != thread]:
        recording.noting.pop(number)
        recording.pausing.pop(number)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@final
class Value(Functions):
    """A real number, and how it was computed.

    Args:
        data: any real number (int, bool, float, NumPy scalar or array without axes, Fraction); kept as a float.
        label: a name for drawings, steps and messages.
        requires_grad: False for a constant, which `backward` passes by.
    Attributes:
        data: the number.
        grad: after `root.backward()`, the derivative of root with respect to this value. Leaves add up over calls.
        primitive: the Primitive that made it; None for a leaf.
        label: its name, or None.
        requires_grad: whether `backward` looks at it.
        operands: what it was made from; empty for a leaf.
        local_derivatives: its derivative with respect to each operand; None for constants.
    Raises:
        TypeError: if `data` is not one real number, or `label` no string.
    Example:
        >>> w, x = Value(2.0, label="w"), Value(3.0, label="x")
        >>> y = w * x
        >>> y.primitive, [operand.label for operand in y.operands], y.local_derivatives
        (<primitive multiply>, ['w', 'x'], (3.0, 2.0))
        >>> y.backward()
        >>> y.data, w.grad, x.grad
        (6.0, 3.0, 2.0)
        >>> y.zero_grad()
        >>> w.grad, y.item(), y.detach().operands
        (0.0, 6.0, ())
    """

    __slots__ = (
        "_data",
        "_dx",
        "_dy",
        "_grad",
        "_label",
        "_link",
        "_mark",
        "_rest",
        "_watched",
        "_x",
        "_y",
        "primitive",
        "requires_grad",
    )
    __array_priority__: ClassVar[float] = 1000.0  # NumPy's operators leave mixed expressions to ours

    def __init__(self, data: Any, label: Any = None, requires_grad: bool = True) -> None:
        self._data: float = data if type(data) is float else as_float(data)
        self._grad: float = 0.0
        self._label: Any = None
        self.requires_grad = requires_grad
        self._watched: bool = False  # whether it, or what it was computed from, refers to something of a user's
        self.primitive: Primitive | None = None
        self._x: Value | None = None
        self._y: Value | None = None
        self._dx: float = 0.0
        self._dy: float = 0.0
        self._rest: Any = None  # a Wide, or the pair of operands of a node of which one is a constant
        self._mark: i64 = 0  # of the sweep that entered it last
        self._link: Value | None = None  # while a sweep is under way: the node it came from, later the node it goes to
        if label is not None:
            self.label = label

    # ---- what a value knows --------------------------------------------------------------------------------------------------

    @property
    def data(self) -> float:
        if recording.observing:
            return _read(self)
        return self._data

    @data.setter
    def data(self, number: Any) -> None:
        number = as_float(number)
        if recording.observing and _was_written(self, number):
            return
        self._data = number

    @property
    def grad(self) -> float:
        if recording.moved:
            return _slope(self)
        return self._grad

    @grad.setter
    def grad(self, number: Any) -> None:
        self._grad = as_float(number)

    @property
    def label(self) -> Any:  # a string or None: "Any", so that the compiled setter leaves it to this one to say so
        return self._label

    @label.setter
    def label(self, label: Any) -> None:
        if not (label is None or isinstance(label, str)):
            advice = "For its text, write label=str(...), or an f-string"
            if isinstance(label, tuple):
                advice = "micrograd's Value(data, children, operation) is autograd_lite.compat.micrograd.Value"
            raise TypeError(f"a label is a string or None, got {shorten(repr(label))}. {advice}.")
        # As a string of Python's own: one of a user's class could remember a node that was computed from this one.
        self._label = label if label is None or type(label) is str else str.__str__(label)

    @property
    def operands(self) -> "tuple[Value, ...]":
        """What the value was computed from, in order and with repeats; plain numbers of the expression appear as constants."""
        rest = self._rest
        if rest is not None:
            operands = rest.operands() if isinstance(rest, Products) else rest.operands if isinstance(rest, Wide) else rest
            shown = tuple([operand if isinstance(operand, Value) else constant(operand) for operand in operands])
            if not all(map(is_, shown, operands)):
                wide = as_wide(rest)
                if wide is None:
                    self._rest = shown
                else:
                    wide.operands, self._rest = shown, wide
            return shown
        if self._x is None:
            return ()
        return (self._x,) if self._y is None else (self._x, self._y)

    @property
    def local_derivatives(self) -> tuple[float | None, ...]:
        """d self / d operand for each operand, as recorded in the forward pass; None where the operand needs no gradient."""
        rest = self._rest
        wide = None if rest is None or type(rest) is tuple else as_wide(rest)
        # Those that needed a gradient then, whatever was frozen since: they stand among the operands in the same order.
        active: Sequence[Value | None] = wide.active if wide else (self._x, self._y)
        local: Sequence[float] = wide.listed() if wide else (self._dx, self._dy)
        derivatives: list[float | None] = []
        known = 0
        for operand in self.operands:
            needed = known < len(active) and operand is active[known]
            derivatives.append(local[known] if needed else None)
            known += needed
        return tuple(derivatives)

    def __repr__(self) -> str:
        if not self.requires_grad:
            return f"constant({self._data!r})"
        name = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self._data!r}, grad={self._grad!r}{name})"

    def __format__(self, specification: str) -> str:
        return format(self._data, specification) if specification else repr(self)

    # ---- the derivative ------------------------------------------------------------------------------------------------------

    def backward(self, gradient: Any = 1.0) -> None:
        """Adds d self / d leaf, times `gradient`, to every leaf's `grad`; every interior value's `grad` is set afresh.

        Reverse accumulation: grad(operand) = sum over its users of grad(user) * d user / d operand, users first.

        Args:
            gradient: the derivative of whatever comes after this value, with respect to it.
        Raises:
            GraphError: if this value needs no gradient.
        Source: Griewank & Walther, *Evaluating Derivatives*, 2nd ed. (2008), section 3.2: reverse mode, incremental form.
        Example:
            >>> x = Value(3.0)
            >>> (x * x).backward()
            >>> x.grad
            6.0
        """
        seed = as_float(gradient)
        if not self.requires_grad:
            raise GraphError(
                f"`{shorten(expression(self).text) if self.label else repr(self)}` needs no gradient: it is a constant, or was "
                "computed from constants only or under no_grad(). Start from a Value that requires one."
            )
        if recording.noting and get_ident() in recording.noting.values():
            raise GraphError(
                "backward() inside of a function that is checkpointed would add its gradients once more when that is recomputed. "
                "Use grad(...) there, or call backward() outside."
            )
        if self.primitive is None:
            self._grad += seed
            return
        key = object()
        try:
            _sweeps.running[key] = get_ident()
            may_be_nan = _sweep(self, seed) if len(_sweeps.running) == 1 else _sweep_apart(self, seed)
        finally:
            _sweeps.running.pop(key, None)
        if may_be_nan:
            _look_for_nan(self)

    def zero_grad(self) -> None:
        """Sets `grad` to 0.0 on this value and on everything it was computed from."""
        for node in topological_order(self):
            node._grad = 0.0

    def detach(self) -> "Value":
        """The same number as a constant, with no memory of how it was computed."""
        return _unrecorded(constant(self._data, self.label), table.identity, (self,))

    # ---- operators: a number on either side costs no node of its own ----------------------------------------------------------

    # "Value | Any": a Value, or NotImplemented, by which Python asks the other operand and which mypyc would refuse as a "Value".

    def __add__(self, other: Any) -> "Value | Any":
        if isinstance(other, Value):
            return _binary(table.add, self, other)
        if is_number(other):
            return _binary_with_constant(table.add, self, other)
        return NotImplemented

    def __radd__(self, other: Any) -> "Value | Any":
        if isinstance(other, Value) or is_number(other):
            return _binary_with_constant(table.add, other, self)
        return NotImplemented

    def __sub__(self, other: Any) -> "Value | Any":
        if isinstance(other, Value):
            return _binary(table.subtract, self, other)
        if is_number(other):
            return _binary_with_constant(table.subtract, self, other)
        return NotImplemented

    def __rsub__(self, other: Any) -> "Value | Any":
        if isinstance(other, Value) or is_number(other):
            return _binary_with_constant(table.subtract, other, self)
        return NotImplemented

    def __mul__(self, other: Any) -> "Value | Any":
        if isinstance(other, Value):
            return _binary(table.multiply, self, other)
        if is_number(other):
            return _binary_with_constant(table.multiply, self, other)
        return NotImplemented

    def __rmul__(self, other: Any) -> "Value | Any":
        if isinstance(other, Value) or is_number(other):
            return _binary_with_constant(table.multiply, other, self)
        return NotImplemented

    def __truediv__(self, other: Any) -> "Value | Any":
        if isinstance(other, Value):
            return _binary(table.divide, self, other)
        if is_number(other):
            return _binary_with_constant(table.divide, self, other)
        return NotImplemented

    def __rtruediv__(self, other: Any) -> "Value | Any":
        if isinstance(other, Value) or is_number(other):
            return _binary_with_constant(table.divide, other, self)
        return NotImplemented

    def __pow__(self, other: Any) -> "Value | Any":
        if isinstance(other, Value):
            return _binary(table.power, self, other)
        if is_number(other):
            return _binary_with_constant(table.power, self, other)
        return NotImplemented

    def __rpow__(self, other: Any) -> "Value | Any":
        if isinstance(other, Value) or is_number(other):
            return _binary_with_constant(table.power, other, self)
        return NotImplemented

    def __mod__(self, other: Any) -> "Value | Any":
        if isinstance(other, Value):
            return _binary(table.mod, self, other)
        if is_number(other):
            return _binary_with_constant(table.mod, self, other)
        return NotImplemented

    def __rmod__(self, other: Any) -> "Value | Any":
        if isinstance(other, Value) or is_number(other):
            return _binary_with_constant(table.mod, other, self)
        return NotImplemented

    def __floordiv__(self, other: Any) -> "Value | Any":
        if isinstance(other, Value):
            return _binary(table.floor_divide, self, other)
        if is_number(other):
            return _binary_with_constant(table.floor_divide, self, other)
        return NotImplemented

    def __rfloordiv__(self, other: Any) -> "Value | Any":
        if isinstance(other, Value) or is_number(other):
            return _binary_with_constant(table.floor_divide, other, self)
        return NotImplemented

    def __divmod__(self, other: Any) -> Any:
        if isinstance(other, Value) or is_number(other):
            return self // other, self % other
        return NotImplemented

    def __rdivmod__(self, other: Any) -> Any:
        if isinstance(other, Value) or is_number(other):
            return other // self, other % self
        return NotImplemented

    def __round__(self, digits: Any = None) -> Any:
        if digits is None:
            return _unary(table.rint, self)
        return _binary_with_constant(table.rounded, self, float(operator.index(digits)))

    def __floor__(self) -> "Value":
        return _unary(table.floor, self)

    def __ceil__(self) -> "Value":
        return _unary(table.ceil, self)

    def __trunc__(self) -> "Value":
        return _unary(table.trunc, self)

    def __neg__(self) -> "Value":
        return _unary(table.negate, self)

    def __pos__(self) -> "Value":
        return self

    def __abs__(self) -> "Value":
        return _unary(table.abs, self)

    def item(self) -> float:
        """The number alone, as `data`."""
        return self.data

    # ---- the common functions as methods; the others stand in `methods.py` ---------------------------------------------------

    def exp(self) -> "Value":
        """e ** self."""
        return _unary(table.exp, self)

    def log(self) -> "Value":
        """The natural logarithm."""
        return _unary(table.log, self)

    def sqrt(self) -> "Value":
        """The square root."""
        return _unary(table.sqrt, self)

    def tanh(self) -> "Value":
        """The hyperbolic tangent."""
        return _unary(table.tanh, self)

    def sigmoid(self) -> "Value":
        """1 / (1 + exp(-self))."""
        return _unary(table.sigmoid, self)

    def relu(self) -> "Value":
        """self where positive, else 0."""
        return _unary(table.relu, self)

    def record_products(self, primitive: Primitive, bias: Any, weights: Any, inputs: Any) -> Any:
        """`primitive` of a `bias` (or None), `weights` and `inputs`, recorded: the engine's own way to the node of a `dot`.

        >>> from autograd_lite import primitives as table
        >>> Value(1.0).record_products(table.dot, Value(0.5), [Value(2.0)], [Value(3.0)]).data
        6.5
        """
        if IN_POOL and isinstance(primitive, Nary) and primitive.is_inner_product:
            inputs_packed = packed(None, inputs, True)
            own = None if inputs_packed is None else packed(bias, weights, False)
            if own is not None:
                return _sum_of_products(primitive, own, inputs_packed)
        return self.record(primitive, [*weights, *inputs] if bias is None else [bias, *weights, *inputs])

    def record(self, primitive: Primitive, operands: Sequence[Any]) -> Any:
        """`primitive` of the `operands` as a node; the protocol by which a Primitive answers in kind.

        >>> from autograd_lite import primitives as table
        >>> x = Value(3.0)
        >>> x.record(table.multiply, (x, 2.0))
        Value(data=6.0, grad=0.0)

        Raises:
            TypeError: if an operand is neither a Value nor a real number, nor records itself.
        """
        try:
            if isinstance(primitive, Unary):
                return _unary(primitive, self)
            if isinstance(primitive, Binary):
                x, y = operands
                if isinstance(x, Value) and isinstance(y, Value):
                    return _binary(primitive, x, y)
                return _binary_with_constant(
                    primitive, x if isinstance(x, Value) else as_float(x), y if isinstance(y, Value) else as_float(y)
                )
            assert isinstance(primitive, Nary)
            return _nary(primitive, list(operands))  # a list of the node's own: the caller may do with his what he likes
        except TypeError:
            for operand in operands:
                if not isinstance(operand, Value) and hasattr(operand, "record"):  # it carries more than a number
                    return operand.record(primitive, operands)
            raise

    # ---- comparisons are about the number, identity about the node -----------------------------------------------------------

    def __eq__(self, other: object) -> Any:
        if isinstance(other, Value) or is_number(other):
            return _compared("==", self, other, bool(self._data == _data_of(other)))
        return NotImplemented

    def __ne__(self, other: object) -> Any:
        if isinstance(other, Value) or is_number(other):
            return _compared("!=", self, other, bool(self._data != _data_of(other)))
        return NotImplemented

    def __lt__(self, other: Any) -> Any:
        if isinstance(other, Value) or is_number(other):
            return _compared("<", self, other, bool(self._data < _data_of(other)))
        return NotImplemented

    def __le__(self, other: Any) -> Any:
        if isinstance(other, Value) or is_number(other):
            return _compared("<=", self, other, bool(self._data <= _data_of(other)))
        return NotImplemented

    def __gt__(self, other: Any) -> Any:
        if isinstance(other, Value) or is_number(other):
            return _compared(">", self, other, bool(self._data > _data_of(other)))
        return NotImplemented

    def __ge__(self, other: Any) -> Any:
        if isinstance(other, Value) or is_number(other):
            return _compared(">=", self, other, bool(self._data >= _data_of(other)))
        return NotImplemented

    def __hash__(self) -> int:
        return object.__hash__(self)

    def __bool__(self) -> bool:
        return bool(self != 0.0)

    def __float__(self) -> float:
        raise graph_would_be_lost("float()")

    def __int__(self) -> int:
        raise graph_would_be_lost("int()")

    def __complex__(self) -> complex:
        raise graph_would_be_lost("complex()")


def graph_would_be_lost(fallback: str) -> TypeError:
    """The refusal of a call that takes plain numbers only."""
    call = call_text(fallback)
    name = call.partition("(")[0].rpartition(".")[2]
    instead = f"Use autograd_lite.{name}, or" if name in table.TABLE else "Use"
    return TypeError(f"`{call}` takes plain numbers and would drop the graph. {instead} .data for the number alone.")


def constant(data: Any, label: Any = None) -> Value:
    """A Value that needs no gradient: of a number, or of a Value, whose number it has as `detach` gives it.

    Args:
        data: any real number, or a Value.
        label: a name for drawings, steps and messages; by default that of the Value.
    Raises:
        TypeError: if `data` is not one real number.
    Example:
        >>> x = Value(3.0)
        >>> (x * constant(2.0)).backward()
        >>> x.grad
        2.0
        >>> constant(x).requires_grad
        False
    """
    if type(data) is not float and isinstance(data, Value):  # an argument of a traced function is one, and a number elsewhere
        return _unrecorded(constant(data._data, data.label if label is None else label), table.identity, (data,))
    if type(data) is not float and hasattr(data, "record") and hasattr(data, "detach"):  # a number with its derivatives
        return constant(data.detach(), label)
    return Value(data, label, False)


def topological_order(root: Value) -> list[Value]:
    """Every value that root was computed from, constants included, operands before users and root last, each once.

    Args:
        root: the Value to begin at.
    Example:
        >>> a, b = Value(2.0, label="a"), Value(3.0, label="b")
        >>> [value.data for value in topological_order(a * b + a)]
        [2.0, 3.0, 6.0, 8.0]
    """
    order: list[Value] = []
    seen: set[int] = set()
    entered: set[int] = set()
    stack = [root]
    while stack:
        node = stack[-1]
        key = id(node)
        if key not in entered:
            entered.add(key)
            stack.extend(operand for operand in reversed(node.operands) if id(operand) not in entered)
        else:
            stack.pop()
            if key not in seen:
                seen.add(key)
                order.append(node)
    return order


# ---- making nodes: the hot path ----------------------------------------------------------------------------------------------

_UNBOXED: Final[Any] = float()  # noqa: UP018 - a literal would be made anew each time; a node's own number follows as a double


def is_number(other: Any) -> bool:
    """Whether `other` is a number that may stand beside a Value; arrays are refused with a reason, strangers left to Python."""
    if isinstance(other, float) or isinstance(other, int) or isinstance(other, Real):  # noqa: SIM101 - in the order of their speed
        return True
    if hasattr(other, "shape"):
        if is_scalar_array(other):
            return True
        raise TypeError(
            f"a Value holds one number and does not combine with an array of shape {tuple(other.shape)}. "
            "Loop over the elements; for many samples at once, trace the function and call the Program."
        )
    return False


def _data_of(operand: Any) -> Any:
    """The number to compare with; NumPy's scalars as Python's, which compare to a bool."""
    if isinstance(operand, Value):
        return operand._data
    if type(operand) is float or type(operand) is int:
        return operand
    return operand.item() if hasattr(operand, "item") else operand


def _compared(sign: str, left: Value, right: Any, outcome: bool) -> Any:
    """What a comparison answers: its outcome, or what somebody who watches makes of it."""
    observer = recording.observer()
    if observer is not None:
        return observer.compared(sign, left, right, outcome)
    if recording.observing:
        recording.elsewhere((left, right))
    return outcome


def _read(node: Value) -> float:
    """The number of a Value for who asks."""
    observer = recording.observer()
    if observer is not None:
        number: float = observer.read(node)
        return number
    recording.elsewhere((node,), True)
    return recording.settled(node)[0]


def _slope(node: Value) -> float:
    """The gradient of a Value for who asks."""
    observer = recording.observer()
    slope: float = recording.settled(node)[1] if observer is None else observer.slope(node)
    return slope


def _was_written(node: Value, number: float) -> bool:
    """Tells who watches, and keeps a number that is set while a trace has moved it, until that is over."""
    observer = recording.observer()
    if observer is not None:
        observer.written(node, number)
    moved = recording.moved.get(id(node)) if observer is None else None
    if moved is None:
        return False
    moved[1] = number
    return True


def _unrecorded(node: Value, primitive: Primitive, operands: Sequence[Any]) -> Value:
    """The node as a constant, which does not remember where it came from."""
    node.requires_grad = False
    observer = recording.observer()
    if observer is not None:
        observer.unrecorded(node, primitive, operands)
    elif recording.observing:
        recording.elsewhere(operands)
    return node


def _stays_out(node: Value) -> bool:
    """Whether a new node is left out of the graph, inside `no_grad`; while a call is noted, it gets the mark of its birth."""
    if recording.noting:
        node._mark = _sweeps.birth
    mode = recording.mode()
    if mode is None or mode is True or mode is False:
        return mode is True
    mode.made(node)
    return False


def _failed(error: Exception, primitive: Primitive, operands: Sequence[Any]) -> Value:
    """Raises what explains the error; or a node with the number and slopes that an observer has for it."""
    if isinstance(error, GraphError):
        raise error  # of who watches another context
    observer = recording.observer()
    excuse = None if observer is None else observer.excuse(primitive, operands)
    if excuse is None:
        raise operation_error(error, primitive, operands)
    number, slopes = excuse
    node = Value(number)
    edges = [(x, slope) for x, slope in zip(operands, slopes, strict=True) if isinstance(x, Value) and x.requires_grad]
    if not edges or recording.is_paused():
        return _unrecorded(node, primitive, operands)
    node.primitive = primitive
    node._rest = Wide(list(operands), [x for x, _ in edges], [slope for _, slope in edges])
    watch(node)
    return node


def watch(node: Value) -> None:
    """Lets Python's collector see a node that refers to something of a user's, which may refer to the node.

    Not while a call is noted: what is made inside of that goes when it ends.
    """
    if recording.noting and IN_POOL:
        node._watched = True
    else:
        _show(node)


def _show(node: Value) -> None:
    rest = node._rest
    primitive = None if node.primitive is None or node.primitive.is_builtin else node.primitive
    wide = as_wide(rest)
    operands = wide.operands if wide is not None else rest or ()
    node._watched = pool.watch(node, (primitive, node._x, node._y, *operands))


def watch_all(nodes: Sequence[Value]) -> None:
    """The same for a graph in any order: where the collector must see one of its nodes, it sees all."""
    if pool.holds(Value):
        for node in nodes:
            watch(node)
        watched = [node for node in nodes if node._watched]
        for node in nodes if watched else ():
            node._watched = pool.watch(node, (watched[0],))


def _unary(primitive: Unary, x: Value) -> Value:
    try:
        data = primitive.forward(x._data)
        node = Value(_UNBOXED)
        node._data = data
        if not x.requires_grad or (recording.pausing and _stays_out(node)):
            return _unrecorded(node, primitive, (x,))
        node.primitive = primitive
        node._x = x
        node._dx = primitive.dx(x._data, data)
        if x._watched or not primitive.is_builtin:
            watch(node)
        return node
    except (ArithmeticError, ValueError) as error:
        return _failed(error, primitive, (x,))


def _binary(primitive: Binary, x: Value, y: Value) -> Value:
    """A node of two operands."""
    if not (x.requires_grad and y.requires_grad) or recording.pausing:
        return _binary_with_constant(primitive, x, y)
    try:
        data = primitive.forward(x._data, y._data)
        node = Value(_UNBOXED)
        node._data = data
        node.primitive = primitive
        node._x = x
        node._y = y
        node._dx = primitive.dx(x._data, y._data, data)
        node._dy = primitive.dy(x._data, y._data, data)
        if x._watched or y._watched or not primitive.is_builtin:
            watch(node)
        return node
    except (ArithmeticError, ValueError) as error:
        return _failed(error, primitive, (x, y))


def _binary_with_constant(primitive: Binary, x: Any, y: Any) -> Value:
    """A node of two operands, one of which may be a number or need no gradient: that operand's partial is never evaluated."""
    x_data: float = x._data if isinstance(x, Value) else float(x)
    y_data: float = y._data if isinstance(y, Value) else float(y)
    x_active = isinstance(x, Value) and x.requires_grad
    y_active = isinstance(y, Value) and y.requires_grad
    try:
        data = primitive.forward(x_data, y_data)
        node = Value(_UNBOXED)
        node._data = data
        if not (x_active or y_active) or (recording.pausing and _stays_out(node)):
            return _unrecorded(node, primitive, (x, y))
        node.primitive = primitive
        if x_active:
            node._x = x
            node._dx = primitive.dx(x_data, y_data, data)
            if y_active:
                node._y = y
                node._dy = primitive.dy(x_data, y_data, data)
                if x._watched or y._watched or not primitive.is_builtin:
                    watch(node)
                return node
        else:
            node._x = y
            node._dx = primitive.dy(x_data, y_data, data)
        node._rest = (x, y)
        number = y if x_active else x
        known = type(number) is float or type(number) is int or (isinstance(number, Value) and not number._watched)
        if not known or node._x._watched or not primitive.is_builtin:
            watch(node)
        return node
    except (ArithmeticError, ValueError) as error:
        return _failed(error, primitive, (x, y))


def _nary(primitive: Nary, operands: list[Any]) -> Value:
    """A node of any number of operands, Values or numbers; it keeps the list."""
    if IN_POOL and primitive.is_inner_product:
        count = (len(operands) + 1) // 2
        own, inputs = packed(None, operands[:count], False), packed(None, operands[count:], True)
        if own is not None and inputs is not None:
            return _sum_of_products(primitive, own, inputs)
    values: list[float] = [operand._data if isinstance(operand, Value) else as_float(operand) for operand in operands]
    needing = 0
    plain = primitive.is_builtin
    for operand in operands:
        if isinstance(operand, Value):
            if operand.requires_grad:
                needing += 1
            if operand._watched:
                plain = False
        elif type(operand) is not float and type(operand) is not int:
            plain = False
    try:
        data = primitive.forward(values)
        node = Value(_UNBOXED)
        node._data = data
        if not needing or (recording.pausing and _stays_out(node)):
            return _unrecorded(node, primitive, operands)
        active: list[Value] = operands
        local = primitive.partials(values, data)
        if needing < len(operands):
            active = [operand for operand in operands if isinstance(operand, Value) and operand.requires_grad]
            local = [local[i] for i, operand in enumerate(operands) if isinstance(operand, Value) and operand.requires_grad]
        node.primitive = primitive
        node._rest = Wide(operands, active, local)
        if not plain:
            watch(node)
        return node
    except (ArithmeticError, ValueError) as error:
        return _failed(error, primitive, operands)


def _sum_of_products(primitive: Nary, own: Any, inputs: Any) -> Value:
    """A node of bias + w0 * x0 + w1 * x1 + ..., of which the local derivatives are the other factors: no lists of numbers."""
    node = Value(_UNBOXED)
    node._data = sum_of(own, inputs)
    rest = Products(own, inputs)
    if not needs_gradient(own, inputs) or (recording.pausing and _stays_out(node)):
        return _unrecorded(node, primitive, rest.operands())
    hide(rest)
    node.primitive = primitive
    node._rest = rest
    return node


def _sweep(root: Value, seed: float) -> bool:
    """The backward pass of a sweep that is alone; whether an infinite gradient or slope may have made nan."""
    try:
        sweep: i64 = _sweeps.last + 1
        _sweeps.last = sweep
        link_interior(root, sweep, sweep - 1)
        if _sweeps.recalled == sweep:
            return _sweep_recalled(root, seed, sweep)
        root._grad = seed
        whole = 0.0  # once infinite or nan, it stays so; a sum that overflows costs a closer look
        node: Value | None = root
        while node is not None:
            gradient_of_node = node._grad
            whole += gradient_of_node + node._dx + node._dy
            x = node._x
            if x is not None:
                x._grad += node._dx * gradient_of_node
                y = node._y
                if y is not None:
                    y._grad += node._dy * gradient_of_node
            else:
                rest = node._rest
                if isinstance(rest, Products):
                    add_slopes(rest.own, rest.inputs, gradient_of_node)
                else:
                    wide: Wide = rest
                    locals_: list[float] = wide.local
                    for operand, local in zip(wide.active, locals_):  # noqa: B905 - mypyc's own loop for zip has no `strict`
                        operand._grad += local * gradient_of_node
            following = node._link
            node._link = None
            node = following
        return whole - whole != 0.0
    except BaseException:  # Ctrl-C, in the interpreted engine: no node may hold another that it was not computed from
        for node in _interior_order(root):
            node._link = None
        raise


def _look_for_nan(root: Value) -> None:
    """Warns if a leaf's gradient is nan, once the sweep is over."""
    passed = edges(reversed(_interior_order(root)))
    for _, operand, _, _ in passed:
        if operand.primitive is None and operand._grad != operand._grad:
            return warn_of_nan(passed)


def edges(nodes: Iterable[Value]) -> list[tuple[Value, Value, float, float]]:
    """The edges of nodes: user, operand, local derivative, and the user's gradient; recalled calls tell of theirs."""
    return [
        (node, operand, local, node._grad)
        for node in nodes
        if not is_recalled(node)
        for operand, local in zip(node.operands, node.local_derivatives)  # noqa: B905 - as above
        if local is not None
    ]


def link_interior(root: Value, sweep: "i64", below_mark: "i64") -> None:
    """Links the interior nodes that root's gradient reaches, users before operands, from root on; sets their gradients to zero.

    A depth-first walk: step down to an operand not entered yet or, where there is none, leave the node. Entering marks it with this
    sweep's own number, so that the marks of a sweep that was interrupted mean nothing; nodes are entered whose mark is at most
    `below_mark`, which is all of those for a sweep. The link of a node that was entered leads back up to the node it was entered
    from, and of a node that was left, to the one left before it.
    """
    left: Value | None = None
    node: Value = root
    node._mark = sweep
    node._grad = 0.0
    node._link = None
    while True:
        below: Value | None = node._x
        if below is None:
            below = _next_operand(node, sweep, below_mark)
        elif below._mark > below_mark or below.primitive is None:
            below = node._y
            if below is not None and (below._mark > below_mark or below.primitive is None):
                below = None
        if below is not None:
            below._mark = sweep
            below._grad = 0.0
            below._link = node
            node = below
            continue
        above = node._link
        node._link = left
        left = node
        if above is None:
            return
        node = above


def _next_operand(node: Value, sweep: "i64", below_mark: "i64") -> Value | None:
    """The next interior operand of an n-ary node that this sweep has not entered."""
    position: i64 = 0
    rest = node._rest
    if isinstance(rest, Products):
        if rest.sweep == sweep:
            position = rest.position
        position = next_interior(rest.own, rest.inputs, position, below_mark)
        rest.sweep = sweep
        rest.position = position + 1
        found: Value | None = operand_at(rest.own, rest.inputs, position)
        return found
    wide: Wide = rest
    interior = wide.interior
    if wide.sweep == sweep:
        position = wide.position
    elif wide.recalled and sweep > 0:
        _sweeps.recalled = sweep
    wide.sweep = sweep
    while position < len(interior):
        operand = interior[position]
        position += 1
        if operand._mark <= below_mark and operand.primitive is not None:
            wide.position = position
            return operand
    wide.position = position
    return None


# ---- a sweep beside another --------------------------------------------------------------------------------------------------


def _sweep_apart(root: Value, seed: float) -> bool:
    """The same sums in the same order, kept in a dictionary, while the nodes may belong to another sweep.

    A leaf's sum is one step that nothing comes between. Interior nodes get theirs in one call that runs in C from end to end, in
    which no other thread's turn comes: those of the last sweep that wrote marks are left out, because it may still be adding up
    there. It then counts as the newer one.
    """
    order = _interior_order(root)
    adjoints, may_be_nan = _summed_apart(order[::-1], seed)
    free = map(ne, map(attrgetter("_mark"), order), map(attrgetter("last"), repeat(_sweeps)))
    deque(starmap(setattr, compress(zip(order, repeat("_grad"), [adjoints[id(node)] for node in order]), free)), 0)
    return may_be_nan


def _summed_apart(order: list[Value], seed: float) -> tuple[dict[int, float], bool]:
    """The adjoints of interior nodes, users before operands, by id, and whether they may be nan; what leaves get is added last."""
    adjoints: dict[int, float] = {id(order[0]): seed}
    leaves: list[Value] = []
    added: list[float] = []
    waiting: Waiting | None = None
    whole = 0.0
    for node in order:
        gradient_of_node = adjoints[id(node)]
        whole += gradient_of_node + node._dx + node._dy
        if is_recalled(node):
            waiting = waiting or Waiting(order)
            operands, contributions = waiting.passed_on(node, gradient_of_node)
            for contribution in contributions:
                whole += contribution
        else:
            operands, local = _edges(node)
            contributions = [derivative * gradient_of_node for derivative in local]
        for operand, contribution in zip(operands, contributions):  # noqa: B905 - as above
            if operand.primitive is None:
                leaves.append(operand)
                added.append(contribution)
            else:
                adjoints[id(operand)] = adjoints.get(id(operand), 0.0) + contribution
    for leaf, contribution in zip(leaves, added):  # noqa: B905 - as above
        leaf._grad += contribution
    return adjoints, whole - whole != 0.0


def _interior_order(root: Value) -> list[Value]:
    """The interior nodes that root's gradient reaches, operands before users, each once; it writes nothing into them."""
    order: list[Value] = []
    entered = {id(root)}
    path: list[tuple[Value, Any]] = [(root, iter(_active(root)))]
    while path:
        node, operands = path[-1]
        for operand in operands:
            if operand.primitive is not None and id(operand) not in entered:
                entered.add(id(operand))
                path.append((operand, iter(_active(operand))))
                break
        else:
            order.append(node)
            path.pop()
    return order


def is_recalled(node: Value) -> bool:
    """Whether the local derivatives of a node are computed when they are asked for."""
    wide = node._rest
    return isinstance(wide, Wide) and bool(wide.recalled)


def _active(node: Value) -> Sequence[Value]:
    """The operands that need a gradient."""
    if node._x is None:
        wide: Wide = as_wide(node._rest)
        return wide.active
    return (node._x,) if node._y is None else (node._x, node._y)


def _edges(node: Value) -> tuple[Sequence[Value], Sequence[float]]:
    """The operands that need a gradient, and the local derivatives."""
    if node._x is None:
        wide: Wide = as_wide(node._rest)
        return wide.active, wide.listed()
    return _active(node), (node._dx,) if node._y is None else (node._dx, node._dy)


# ---- where local derivatives are yet to be computed --------------------------------------------------------------------------

# While a call is noted, every new node gets the mark of its birth, a number that no node had before. So what its results were
# computed from falls apart into what the call made and what was there before, however the call got at it: as an argument, by a
# closure, or as an attribute.


def begin_noting() -> int:
    """The mark from which on (downwards) nodes are born in a call that begins now. The next mark up is left for its walks.

    The numbers of sweeps go up from 1, these go down from -2. One step, in which no other thread gets its turn.
    """
    _sweeps.birth = _sweeps.birth - 2
    return _sweeps.birth


def recalled_node(primitive: Nary, operands: list[Value], data: float) -> Value:
    """A node whose local derivatives its primitive computes when they are asked for: `primitive.local_derivatives()`."""
    node = Value(data)
    node.primitive = primitive
    node._rest = Wide(operands, operands, primitive, True)
    if get_ident() in recording.noting.values():  # inside of another one
        node._mark = _sweeps.birth
        watch(node)
    else:
        _show(node)
    return node


def inside(results: list[Value], birth: int) -> list[Value]:
    """The nodes that a call made, of those that its results were computed from: users before operands.

    Args:
        results: nodes that the call made.
        birth: the mark from which on (downwards) nodes were born in the call. They are marked with the next number above.
    """
    root = Value(0.0)
    root.primitive = table.total
    root._rest = Wide(results, results, [])
    link_interior(root, birth + 1, birth)
    return unlinked(root)[1:]


class Outside:
    """What nodes inside pass on to others, in the order in which a sweep comes to these.

    Attributes:
        operands: the Values outside.
        sums: their adjoints.
    """

    __slots__ = ("operands", "places", "sums")

    def __init__(self) -> None:
        self.places: dict[int, int] = {}
        self.operands: list[Value] = []
        self.sums: list[float] = []

    def add(self, operand: Value, contribution: float) -> None:
        """Adds to the adjoint of a Value outside."""
        key = id(operand)
        place = self.places.get(key)
        if place is None:
            self.places[key] = len(self.operands)
            self.operands.append(operand)
            self.sums.append(contribution)
        else:
            self.sums[place] = self.sums[place] + contribution


def swept(order: list[Value], results: list[Value], seeds: list[float], mark: "i64", recalls: bool = True) -> Outside:
    """A sweep that touches nothing outside: through the inside of a call, or of all but leaves.

    Args:
        order: the nodes inside, users before operands.
        results: those of them from whose adjoints it starts.
        mark: by which nodes inside are known.
        recalls: whether calls within the call are recalled; else 1.0 stands for their local derivatives.
    """
    outside = Outside()
    waiting: Waiting | None = None
    for node in order:
        node._grad = 0.0
    for result, seed in zip(results, seeds):  # noqa: B905 - mypyc's own loop for zip has no `strict`
        result._grad += seed
    for node in order:
        gradient = node._grad
        x = node._x
        if x is not None:
            if x._mark == mark:
                x._grad += node._dx * gradient
            else:
                outside.add(x, node._dx * gradient)
            y = node._y
            if y is not None:
                if y._mark == mark:
                    y._grad += node._dy * gradient
                else:
                    outside.add(y, node._dy * gradient)
            continue
        wide: Wide = as_wide(node._rest)
        operands: Sequence[Value] = wide.active
        contributions: Sequence[float]
        if not wide.recalled:
            contributions = [local * gradient for local in wide.listed()]
        elif recalls:
            waiting = waiting or Waiting(order)
            operands, contributions = waiting.passed_on(node, gradient)
        else:
            contributions = [gradient] * len(operands)
        for operand, contribution in zip(operands, contributions):  # noqa: B905 - as above
            if operand._mark == mark:
                operand._grad += contribution
            else:
                outside.add(operand, contribution)
    return outside


def _sweep_recalled(root: Value, seed: float, sweep: "i64") -> bool:
    """The sweep of a graph that is linked and has nodes to be recalled, which may fail: leaves get their sums last."""
    outside = swept(unlinked(root), [root], [seed], sweep)
    whole = 0.0
    for leaf, added in zip(outside.operands, outside.sums):  # noqa: B905 - as above
        leaf._grad += added
        whole += added
    return whole - whole != 0.0


def unlinked(root: Value) -> list[Value]:
    """The nodes that are linked from root on, no longer linked."""
    order = []
    node: Value | None = root
    while node is not None:
        order.append(node)
        following = node._link
        node._link = None
        node = following
    return order


class Waiting:
    """Adjoints of the results of recalled calls, until the sweep has all of a call's: their operands come after all of them.

    Args:
        order: the nodes of the sweep, users before operands.
    """

    __slots__ = ("last", "seeds")

    def __init__(self, order: Sequence[Value]) -> None:
        self.last: dict[int, Value] = {}
        self.seeds: dict[int, dict[int, Any]] = {}
        for node in order:
            if is_recalled(node):
                self.last[id(node._rest.local.call)] = node

    def passed_on(self, node: Value, adjoint: Any, on_nodes: bool = False) -> tuple[Sequence[Value], Sequence[Any]]:
        """The operands of a call and what it passes on to them, at the last of its results; before, nothing.

        Args:
            on_nodes: whether adjoints may be Values, and what is passed on can be differentiated.
        """
        wide: Wide = node._rest
        call = wide.local.call
        seeds = self.seeds.setdefault(id(call), {})
        seeds[wide.local.place] = adjoint
        if self.last[id(call)] is not node:
            return (), ()
        pull_back = call.pulled_back_on_nodes if on_nodes else call.pulled_back
        return wide.active, pull_back(seeds)


IN_POOL: Final = pool.install(Value)
