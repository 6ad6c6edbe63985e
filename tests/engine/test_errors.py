"""What goes wrong, and what is said then: refused calls, domain errors, kinks and vertical tangents, nan and inf."""

import cmath
import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import DomainError, GraphError, OperationError, PoleError, RangeError, Value, constant
from autograd_lite.calculus.rules import partials_on_nodes
from autograd_lite.engine.errors import expression
from autograd_lite.engine.primitives import TABLE

# ---- calls that would drop the graph -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda v: float(v), r"^`float\(v\)` takes plain numbers and would drop the graph\. Use \.data for the number alone\.$"),
        (lambda v: int(v), r"^`int\(v\)` takes plain numbers and would drop the graph\. Use \.data for the number alone\.$"),
        (lambda v: eval("int(v)", {"v": v}), r"^`int\(\)` takes plain numbers"),
        (lambda v: eval("complex(v)", {"v": v}), r"^`complex\(\)` takes plain numbers"),
        (lambda v: int(v), r"^`int\(v\)` takes plain numbers"),
        (lambda v: complex(v), r"^`complex\(v\)` takes plain numbers"),
        (
            lambda v: math.sin(v),
            r"^`math\.sin\(v\)` takes plain .* graph\. Use autograd_lite\.sin, or \.data for the number alone\.$",
        ),
        (lambda v: math.hypot(3.0, v), r"^`math\.hypot\(3\.0, v\)` takes .* Use autograd_lite\.hypot, or \.data"),
        (lambda v: cmath.exp(v), r"^`cmath\.exp\(v\)` takes .* Use autograd_lite\.exp, or \.data"),
        (lambda v: math.log(v + 1), r"^`math\.log\(v \+ 1\)` takes .* Use autograd_lite\.log, or \.data"),
    ],
)
def test_calls_that_would_drop_the_graph_are_refused(attempt: Callable[[Value], Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        attempt(Value(2.0))


# ---- domain errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attempt", "kind", "builtin", "message"),
    [
        (lambda a, b: ag.log(a * b), DomainError, ValueError, "`log(a * b)` is not defined at a * b = -2.0 (where a = -1.0, b = 2.0): "
         "the operand must lie in (0, inf)"),
        (lambda a, b: a / (b - 2), PoleError, ZeroDivisionError, "`a / (b - 2)` divides by zero at a = -1.0, b - 2 = 0.0 (where b = 2.0)"),
        (lambda a, b: 1 / (b - 2), PoleError, ZeroDivisionError, "`1 / (b - 2)` divides by zero"),
        (lambda a, b: ag.exp(b * 500), RangeError, OverflowError, "`exp(b * 500)` overflows at b * 500 = 1000.0 (where b = 2.0): "
         "the result is beyond the largest float, 1.8e308"),
        (lambda a, b: a**0.5, DomainError, ValueError, "`a ** 0.5` is not defined at a = -1.0: the base must be positive, or the exponent "
         "a whole number that needs no gradient"),
        (lambda a, b: a**b, DomainError, ValueError, "`a ** b` is not defined at a = -1.0, b = 2.0: the base must be positive"),
        (lambda a, b: 0.0**-b, PoleError, ZeroDivisionError, "`0 ** (-b)` divides by zero at -b = -2.0 (where b = 2.0)"),
        (lambda a, b: ag.asin(b), DomainError, ValueError, "`asin(b)` is not defined at b = 2.0: the operand must lie in [-1, 1]"),
        (lambda a, b: ag.sqrt(ag.sin(a) - b), DomainError, ValueError, "`sqrt(sin(a) - b)` is not defined at sin(a) - b = -2.84"),
        (lambda a, b: ag.fmod(a, 0.0), DomainError, ValueError, "`fmod(a, 0)` is not defined at a = -1.0"),
        (lambda a, b: ag.total([a * 1e308, a * 1e308]), RangeError, OverflowError, "`total(a * 1e+308, a * 1e+308)` overflows"),
        (lambda a, b: ag.log(-3.5), DomainError, ValueError, "`log(-3.5)` is not defined at -3.5: the operand must lie in (0, inf)"),
        (lambda a, b: ag.log(Value(-3.5)), DomainError, ValueError, "`log(-3.5)` is not defined at -3.5"),
        (lambda a, b: ag.log(constant(-3.5, "k")), DomainError, ValueError, "`log(k)` is not defined at k = -3.5"),
    ],
)  # fmt: skip
def test_domain_errors_say_what_where_and_why(attempt: Any, kind: type, builtin: type, message: str) -> None:
    a, b = Value(-1.0, label="a"), Value(2.0, label="b")
    with pytest.raises(kind) as caught:
        attempt(a, b)
    error = caught.value
    assert str(error).startswith(message)
    assert isinstance(error, builtin)
    assert isinstance(error, ArithmeticError)
    assert isinstance(error, OperationError)
    assert TABLE[error.primitive.name] is error.primitive
    assert len(error.operands) in (1, 2)
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_the_line_named_is_the_user_s_own() -> None:
    x = Value(-1.0, label="x")

    def user_function() -> Value:
        return x * 2 + ag.log(x)  # the user's line

    name = Path(__file__).name
    for attempt in (user_function, lambda: ag.grad(lambda y: user_function() * y)(1.0), lambda: ag.softmax([user_function(), 1.0])):
        with pytest.raises(DomainError) as caught:
            attempt()
        assert str(caught.value).endswith(f"of {name}: return x * 2 + ag.log(x)  # the user's line]")


def test_the_line_named_is_never_inside_the_package() -> None:
    """Through functions that are composed inside the package, and through rules, the line is that of the caller."""
    name = Path(__file__).name
    for attempt in (
        lambda: ag.entropy([Value(-1.0)]),
        lambda: ag.mean([Value(1e308), Value(1e308)]),
        lambda: ag.elu(Value(-1.0), alpha=1.0) / 0,
        lambda: ag.where(True, lambda: ag.log(Value(0.0)), 0.0),
        lambda: ag.grad(ag.log)(0.0),
        lambda: ag.derivative(lambda x: x**0.5, order=2)(-1.0),
        lambda: ag.log(0.0),
    ):
        with pytest.raises(OperationError) as caught:
            attempt()
        assert f" of {name}: lambda: ag." in str(caught.value)


def test_domain_errors_do_not_grow_with_the_graph() -> None:
    x = Value(1.0, label="x")
    deep = x
    for _ in range(2000):
        deep = deep - 0.001
    with pytest.raises(DomainError) as caught:
        ag.log(deep - 1.0)
    assert len(str(caught.value)) < 400
    wide = [Value(1e308, label=f"a_long_name_{i}") for i in range(3000)]
    with pytest.raises(RangeError) as overflow:
        ag.total(wide)
    assert len(str(overflow.value)) < 500


def test_errors_raise_nothing_of_their_own_and_leave_the_graph_usable() -> None:
    x = Value(-1.0, label="x")
    y = x * x
    with pytest.raises(DomainError):
        ag.log(x * y)
    (y * y).backward()
    assert x.grad == -4.0


def test_graph_error_is_a_value_error() -> None:
    assert issubclass(GraphError, ValueError)


@pytest.mark.parametrize("kind", [DomainError, PoleError, RangeError, GraphError])
def test_errors_can_be_pickled(kind: type[Exception]) -> None:
    assert str(pickle.loads(pickle.dumps(kind("text")))) == "text"


def test_expression_uses_labels_precedence_and_a_limit() -> None:
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    assert expression((x + y) * -x).text == "(x + y) * -x"
    assert expression((x - y) - (x - y)).text == "x - y - (x - y)"
    assert expression(x ** (y**2) + (x**y) ** 2).text == "x ** y ** 2 + (x ** y) ** 2"
    assert expression(ag.tanh(ag.dot([x, 2.0], [y, x], 0.5))).text == "tanh(0.5 + x * y + 2 * x)"
    named = x * y
    named.label = "area"
    assert expression(named + 1).text == "area + 1"


# ---- kinks and vertical tangents: the documented conventions -----------------------------------------------------------------


SPECIAL_POINTS = [
    pytest.param(primitive, special, id=f"{name}{special.operands}")
    for name, primitive in TABLE.items()
    for special in primitive.special_points
]


@pytest.mark.parametrize(("primitive", "special"), SPECIAL_POINTS)
def test_special_points_are_as_the_table_documents(primitive: Any, special: Any) -> None:
    """Every special point of every primitive, through the engine: eager, and again by the rules on nodes."""
    for index, expected in enumerate(special.partials):
        operands: list[Any] = list(special.operands)
        operands[index] = Value(operands[index])
        node = operands[index].record(primitive, operands)
        assert node.local_derivatives[index] == expected
        wanted = [i == index for i in range(len(operands))]
        again = partials_on_nodes(primitive, node.operands, node, wanted)[index]
        assert (again.data if isinstance(again, Value) else again) == expected
        assert ag.gradients(node, [operands[index]]) == [expected]


@pytest.mark.parametrize(
    ("function", "point", "slope"),
    [
        (ag.relu, 0.0, 0.0), (abs, 0.0, 0.0), (abs, -0.0, 0.0), (ag.sign, 0.0, 0.0), (ag.sqrt, 0.0, math.inf), (ag.cbrt, 0.0, math.inf),
        (lambda x: ag.maximum(x, 1.0), 1.0, 0.5), (lambda x: ag.minimum(1.0, x), 1.0, 0.5), (lambda x: ag.maximum(x, x), 1.0, 1.0),
        (lambda x: ag.clamp(x, 0.0, 1.0), 0.0, 1.0), (lambda x: ag.clamp(x, 0.0, 1.0), 1.0, 1.0),
        (lambda x: ag.clamp(x, 0.0, 1.0), 1.5, 0.0), (lambda x: ag.clamp(x, 0.0, 1.0), -0.5, 0.0),
        *((lambda x: x**0.0, point, 0.0) for point in (-2.0, 0.0, 3.0)), *((lambda x: x**1.0, point, 1.0) for point in (-2.0, 0.0, 3.0)),
        *((lambda x: x**0, point, 0.0) for point in (-2.0, 0.0, 3.0)), (lambda x: x**0.5, 0.0, math.inf), (lambda x: x**2, 0.0, 0.0),
        (ag.hard_tanh, 1.0, 1.0), (ag.leaky_relu, 0.0, 0.01), (lambda x: ag.norm([x, 0.0]), 0.0, 0.0),
        (ag.asin, 1.0, math.inf), (ag.acos, -1.0, -math.inf), (ag.acosh, 1.0, math.inf), (lambda x: ag.hypot(x, 0.0), 0.0, 0.0),
    ],
)  # fmt: skip
def test_kinks(function: Any, point: float, slope: float) -> None:
    x = Value(point)
    out = function(x)
    out.backward()
    assert x.grad == slope
    assert ag.grad(function)(point) == slope
    assert ag.gradients(out, [x], differentiable=True)[0].data == slope


# ---- nan and inf are carried, not invented -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.public])
def test_nan_comes_out_where_nan_went_in(name: str) -> None:
    """A nan operand makes a nan result without an exception, except where the other operand decides alone, as `hypot(inf, nan)` does."""
    primitive: Any = TABLE[name]
    counts = {"unary": 1, "binary": 2}
    count = primitive.arity or counts.get(type(primitive).__mro__[1].__name__.lower(), 3)
    for index in range(count):
        operands: list[Any] = [0.5] * count
        operands[index] = Value(math.nan)
        node = operands[index].record(primitive, operands)
        if name in ("clamp", "copysign") and index > 0:
            continue  # a nan bound bounds nothing, and nan has a sign
        assert math.isnan(node.data)
        node.backward()


def test_inf_is_carried() -> None:
    x = Value(math.inf)
    assert (x + 1).data == math.inf
    assert math.isnan((x - x).data)
    assert ag.sigmoid(x).data == 1.0
    assert ag.grad(ag.sigmoid)(math.inf) == 0.0
    assert ag.grad(ag.tanh)(-math.inf) == 0.0
    assert ag.grad(ag.softplus)(math.inf) == 1.0
    assert ag.grad(ag.relu)(math.inf) == 1.0
    assert ag.logsumexp([x, 0.0]).data == math.inf
    seeded = Value(2.0)
    (seeded * 3).backward(math.inf)
    assert seeded.grad == math.inf


# ---- where -------------------------------------------------------------------------------------------------------------------


def test_where_picks_a_node() -> None:
    x, y = Value(-1.0), Value(2.0)
    assert ag.where(x > 0, x, y) is y
    assert ag.where(x < 0, x, y) is x
    with_nan = ag.where(x < 0, x * 2, Value(math.inf) * 0.0 * x)
    with_nan.backward()
    assert x.grad == 2.0


def test_where_evaluates_only_the_branch_taken() -> None:
    x = Value(-1.0, label="x")
    assert ag.where(x > 0, lambda: ag.log(x), 0.0) == 0.0
    assert ag.where(x < 0, lambda: -x, lambda: ag.log(x)) == 1.0
    with pytest.raises(DomainError, match=r"`log\(x\)` is not defined at x = -1\.0"):
        ag.where(x < 0, lambda: ag.log(x), 0.0)
    slope = ag.grad(lambda x: ag.where(x > 0, lambda: ag.sqrt(x), 0.0))
    assert (slope(-4.0), slope(4.0)) == (0.0, 0.25)
