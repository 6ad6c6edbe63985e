"""`rounding`: its bound and estimate against mpmath, the lines that lost the digits, and where it says that it is not certain."""

import gc
import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from mpmath import mp, mpf

import autograd_lite as ag
from autograd_lite import Value, constant, cos, exp, expm1, floor, grad, log, relu, rounding, sin, sqrt, where
from autograd_lite.calculus import checkpoint, derivative
from autograd_lite.calculus.rounding.operation import TINY, UNIT, bend, exactly, own_rounding
from autograd_lite.engine import recording
from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.primitive import Unary
from autograd_lite.engine.primitives import TABLE
from autograd_lite.program import trace
from autograd_lite.testing.graphs import replay
from benchmarks.rounding import FACTOR, error_of, functions, measured

DIGITS = 53 * math.log10(2.0)

# ---- formulas that lose digits, and the same without -------------------------------------------------------------------------


def root(a: Any, b: Any, c: Any) -> Any:
    return (-b + sqrt(b * b - 4.0 * a * c)) / (2.0 * a)


def root_kept(a: Any, b: Any, c: Any) -> Any:
    return 2.0 * c / (-b - sqrt(b * b - 4.0 * a * c))


def variance_of_squares(v: Any) -> Any:
    return sum(x * x for x in v) / len(v) - (sum(v) / len(v)) ** 2


def variance_kept(v: Any) -> Any:
    mean = sum(v) / len(v)
    return sum((x - mean) ** 2 for x in v) / len(v)


def one_minus_cosine(x: Any) -> Any:
    return (1.0 - cos(x)) / x**2


def half_angle(x: Any) -> Any:
    return 2.0 * (sin(x / 2.0) / x) ** 2


def rise(x: Any) -> Any:
    return (exp(x) - 1.0) / x


def rise_kept(x: Any) -> Any:
    return expm1(x) / x


def log_of_sum(x: Any, y: Any) -> Any:
    return log(exp(x) + exp(y)) - x


def log_of_sum_kept(x: Any, y: Any) -> Any:
    return ag.log1p(exp(y - x))


def small_to_large(v: Any) -> Any:
    out = 1e8 + v[0] * 0.0
    for x in v:
        out = out + x
    return out - 1e8


def summed_once(v: Any) -> Any:
    return ag.total([constant(1e8), *v, constant(-1e8)])


FORMULAS: list[tuple[Callable[..., Any], Callable[..., Any], tuple[Any, ...], str, str]] = [
    (root, root_kept, (1.0, 1e8, 1.0), "-b + sqrt(", "return (-b + sqrt(b * b - 4.0 * a * c)) / (2.0 * a)"),
    (variance_of_squares, variance_kept, ([1e7 + 1.0, 1e7 + 2.5, 1e7 + 4.1],), " - ", "return sum(x * x for x in v)"),
    (one_minus_cosine, half_angle, (1e-5,), "1 - cos(x)", "return (1.0 - cos(x)) / x**2"),
    (rise, rise_kept, (1e-9,), "exp(x) - 1", "return (exp(x) - 1.0) / x"),
    (log_of_sum, log_of_sum_kept, (500.1, 470.3), " - x", "return log(exp(x) + exp(y)) - x"),
    (small_to_large, summed_once, ([0.1, 0.2, 0.3, 0.4] * 5,), " - 1e+08", "return out - 1e8"),
]
named = pytest.mark.parametrize(
    ("loses", "keeps", "arguments", "text", "line"), FORMULAS, ids=[row[0].__name__ for row in FORMULAS]
)


def _exact(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    with mp.workdps(60):
        return function(*[[mpf(x) for x in a] if isinstance(a, list) else mpf(a) for a in arguments])


@named
def test_the_line_that_loses_the_digits_is_named(loses: Any, keeps: Any, arguments: Any, text: str, line: str) -> None:
    found = rounding(loses, *arguments)
    worst = found.lost[0]
    assert found.is_certain
    assert (worst.cause, text in worst.text, line in worst.place) == ("cancellation", True, True), repr(found)
    assert re.match(r"line \d+ of test_rounding.py: ", worst.place)
    assert worst.lost >= 6.0
    assert f"`{worst.text}`" in repr(found)


@named
def test_the_rewritten_formula_keeps_them(loses: Any, keeps: Any, arguments: Any, text: str, line: str) -> None:
    found = rounding(keeps, *arguments)
    assert found.lost == [] and found.digits > 13.5, repr(found)
    assert found.digits > rounding(loses, *arguments).digits + 5.0


@named
def test_the_true_error_lies_below_the_bound_and_near_the_estimate(
    loses: Any, keeps: Any, arguments: Any, text: str, line: str
) -> None:
    found = rounding(loses, *arguments)
    error = float(abs(_exact(loses, arguments) - mpf(found.value)))
    assert error <= min(found.bound, FACTOR * found.estimate)
    assert math.floor(found.digits) <= -math.log10(error / abs(found.value)) if error < abs(found.value) else found.digits < 1.0


@named
def test_the_slope_of_a_formula_names_the_line_too(loses: Any, keeps: Any, arguments: Any, text: str, line: str) -> None:
    def slope(*given: Any) -> Any:
        found = grad(loses, argnums=0)(*given)
        return found[0] if isinstance(found, list) else found

    found = rounding(slope, *arguments)
    assert error_of(found) <= found.bound
    assert any(line in node.place for node in found.nodes) or not found.made
    assert not any("reverse.py" in node.place for node in found.nodes)


def test_random_programs_stay_below_the_bound_and_near_the_estimate() -> None:
    found = [held for held in measured(100, 20_000) if not math.isnan(held.error)]
    wrong = [held for held in found if held.error]
    assert len(found) > 150 and len(wrong) > 120
    assert [(held.what, held.seed, held.error, held.found.bound) for held in found if not held.holds] == []
    assert sum(held.factor <= FACTOR for held in wrong) >= 0.95 * len(wrong)


@pytest.mark.parametrize("seed", [1117, 3667, 4915, 6694, 8397])
def test_programs_whose_bound_did_not_hold_once(seed: int) -> None:
    for _, function in functions(seed):
        found = rounding(function)
        assert error_of(found) <= found.bound


# ---- one operation -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("negate", [0.1]),
        ("multiply", [0.1, 0.125]),
        ("multiply", [0.1, -1.0]),
        ("divide", [0.3, 4.0]),
        ("divide", [9.0, 3.0]),
        ("subtract", [0.3, 0.2]),  # Sterbenz
        ("add", [0.5, 0.25]),
        ("relu", [0.1]),
        ("maximum", [0.1, 0.2]),
        ("floor", [2.7]),
        ("total", [1e16, 1.0, 1.0, -1e16]),
        ("dot", [1.0, 2.0, 3.0, 4.0]),
        ("identity", [0.1]),
        ("clamp", [0.1, 0.0, 1.0]),
    ],
)
def test_an_operation_that_does_not_round_adds_nothing(name: str, numbers: list[float]) -> None:
    out = TABLE[name].of(numbers)
    assert own_rounding(TABLE[name], numbers, out, [1.0] * len(numbers)) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("add", [0.1, 0.2]),
        ("multiply", [0.1, 0.3]),
        ("divide", [1.0, 3.0]),
        ("total", [0.1, 0.2, 0.3]),
        ("dot", [0.1] * 40),
        ("multiply", [1e-200, 1e-200]),
        ("multiply", [3e-162, 1e-161]),
    ],
)
def test_the_rounding_of_arithmetic_is_known_with_its_sign(name: str, numbers: list[float]) -> None:
    out = TABLE[name].of(numbers)
    exact = exactly(TABLE[name], numbers)
    assert exact is not None
    most, made, spread = own_rounding(TABLE[name], numbers, out, [1.0] * len(numbers))
    with mp.workdps(400):
        error = mpf(out) - mpf(exact.numerator) / exact.denominator
        assert abs(mpf(made) - error) <= max(abs(error) * mpf("1e-15"), TINY)
        assert abs(error) <= most
    assert made and not spread
    assert name == "dot" or most <= max(UNIT * abs(out), TINY)


def test_what_underflows_to_zero_is_not_exact() -> None:
    assert own_rounding(TABLE["exp"], [-800.0], 0.0, [0.0]).most == 4.0 * TINY
    assert own_rounding(TABLE["log"], [1.0], 0.0, [1.0]).most == 0.0
    x = Value(1e-200)
    assert rounding(x * x * 1e300).bound > 0.0
    assert not rounding(x * x).digits
    for function, number in ((lambda x: x**2, 1e-200), (lambda x: x**2.5, 1e-200), (ag.erfinv, 5e-324)):  # whose slopes are not 0
        found = rounding(function, number)
        assert (found.value, found.digits) == (0.0, 0.0) and found.bound >= TINY
    for function in (log, ag.acos, ag.gammaln):
        assert rounding(function, 1.0).summary == "0.0 is exact"


class Twice(Unary):
    """A user's own operation, which says that it is exact."""

    symbol = "twice({x})"
    roundings = 0.0

    def forward(self, x: float) -> float:
        return 2.0 * x

    def dx(self, x: float, out: float) -> float:
        return 2.0


class Third(Unary):
    """A user's own operation, which says nothing of how exact it is."""

    symbol = "third({x})"

    def forward(self, x: float) -> float:
        return x / 3.0

    def dx(self, x: float, out: float) -> float:
        return 1.0 / 3.0


def test_a_primitive_of_ones_own_says_how_exact_it_is() -> None:
    x = Value(1.0)
    assert rounding(Twice()(x)).bound == 0.0
    assert rounding(Third()(x)).bound == pytest.approx(4.0 * UNIT / 3.0)
    assert rounding(lambda x: Third()(x), 1.0).made[0].text == "third(x)"


def test_a_bend_is_seen_at_kinks_steps_and_ends() -> None:
    assert bend(TABLE["relu"], [1e-17], 1e-17, [1.0], [1e-16]).most > 0.0
    assert bend(TABLE["maximum"], [1.0, 1.0 + 1e-15], 1.0 + 1e-15, [0.0, 1.0], [1e-14, 1e-14]).most > 0.0
    assert bend(TABLE["floor"], [3.0], 3.0, [0.0], [1e-15]).most == 1.0
    assert bend(TABLE["sqrt"], [1e-17], 1e-17**0.5, [1.0], [1e-16]).ends
    assert bend(TABLE["divide"], [1.0, 1e-17], 1e17, [0.0, -1e34], [0.0, 1e-16]) == (math.inf, True)
    assert bend(TABLE["sin"], [0.3], math.sin(0.3), [math.cos(0.3)], [1e-16]) == (0.0, False)
    assert bend(TABLE["multiply"], [1.0, 1.0], 1.0, [1.0, 1.0], [0.1, 0.1]).most == pytest.approx(0.01)


# ---- a whole graph -----------------------------------------------------------------------------------------------------------


def test_errors_on_several_ways_cancel_as_they_do_in_arithmetic() -> None:
    x = Value(1.0) / 3.0
    assert rounding(x - x).bound == 0.0  # however x was rounded
    assert rounding(x * 3.0 - x * 2.0 - x).bound < 4e-16


def test_inputs_are_exact_unless_they_are_said_to_be_uncertain() -> None:
    x, y = Value(0.1, "x"), Value(3.0, "y")
    assert rounding(x * 8.0).bound == 0.0
    assert rounding(x * 8.0, inputs=UNIT).bound == pytest.approx(0.8 * UNIT)
    found = rounding(x * 8.0 + y, inputs={"x": 1e-3})
    assert found.bound == pytest.approx(8e-3)
    assert found.made[0].value is x and "uncertain as given" in repr(found)
    assert rounding(lambda a: 1000.0 * a, 2.0, inputs={"a": 0.5}).bound == pytest.approx(500.0)


@pytest.mark.parametrize("inputs", [-1.0, math.nan, math.inf, {"x": -1.0}])
def test_an_uncertainty_is_a_finite_number_from_zero_on(inputs: Any) -> None:
    with pytest.raises(ValueError, match=r"an uncertainty is a finite number from 0 on, got "):
        rounding(Value(1.0, "x") * 0.1, inputs=inputs)


def test_an_uncertainty_of_nobody_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match=r"`inputs` names 'z', which is no leaf of the graph; there are `x`, `y`"):
        rounding(Value(1.0, "x") * Value(2.0, "y"), inputs={"z": 1.0})


@pytest.mark.parametrize(
    ("function", "x", "why"),
    [
        (lambda x: relu(x * 10.0 - 1.0), 0.1, "has a kink, a step or a curve within the rounding"),
        (lambda x: floor(x * 10.0), 0.1, "has a kink, a step or a curve"),
        (lambda x: sqrt(x * 10.0 - 1.0), 0.1, "has no value for some operands within their rounding"),
        (lambda x: 1.0 / (x * 10.0 - 1.0 + 1e-17), 0.1, "has no value for some operands within their rounding"),
        (lambda x: abs(x * 10.0 - 1.0) * 1e20, 0.1, "has a kink, a step or a curve"),
        (lambda x: x * math.inf, 0.1, "is inf"),
        (lambda x: x * x.data, 0.1, "a number left the graph"),
        (lambda x: x * derivative(lambda y: y * y)(0.1 + x.data), 0.1, "2 numbers left the graph"),
        (lambda x: x * 3.0 if x * 10.0 >= 1.0 else x, 0.1, "`x * 10 >= 1` was true, and might not be without rounding [line"),
        (lambda x: where(x * 10.0 < 1.0, 1.0, x), 0.1, "`x * 10 < 1` was false, and might not be"),
    ],
)
def test_where_the_bound_cannot_be_trusted_it_says_so(function: Any, x: float, why: str) -> None:
    found = rounding(function, x)
    assert not found.is_certain and found.digits == 0.0
    assert any(why in note for note in found.notes), found.notes
    assert "not certain" in found.summary and why in repr(found)


@pytest.mark.parametrize(
    ("function", "x"),
    [
        (lambda x: relu(x * 3.0), 0.1),
        (lambda x: x * 3.0 if x > 0.0 else x, 0.1),
        (lambda x: x * 3.0 if x >= 0.1 else x, 0.1),  # exact numbers: nothing turns
        (lambda x: ag.maximum(x * 3.0, 0.2) + floor(x), 0.1),
        (lambda x: sqrt(x), 0.0),  # an infinite slope by what is exact
        (lambda x: ag.softmax([x * 0.1, x * 3.0])[0], 0.1),  # whose shift is a constant, as the library knows
        (lambda x: grad(lambda y: ag.logsumexp([y * 0.1, y]))(x), 0.1),
        (lambda x: ag.leaky_relu(x * 3.0), 0.1),
        (lambda x: ag.jvp(sin, x, 1.0)[1], 0.1),  # whose rules ask for nan
        (lambda x: checkpoint(lambda y: y * 0.1)(x), 0.1),  # whose inside is seen where somebody looks on
    ],
)
def test_kinks_comparisons_and_constants_that_rounding_cannot_reach_are_no_doubt(function: Any, x: float) -> None:
    assert rounding(function, x).is_certain


def test_a_call_that_is_recomputed_hides_what_it_rounded() -> None:
    found = rounding(checkpoint(lambda y: y * 0.1)(Value(0.1)))
    assert not found.is_certain and "is a call that is recomputed: what was rounded inside is not seen" in repr(found)


def test_what_contracts_keeps_its_digits() -> None:
    def descent(w: Any) -> Any:
        for _ in range(200):
            w = w - 0.3 * (w - 3.7)
        return w

    def newton(a: Any) -> Any:
        x = a
        for _ in range(30):
            x = 0.5 * (x + a / x)
        return x

    for function in (descent, newton, lambda a: grad(newton)(a)):
        found = rounding(function, 2.1)
        assert found.is_certain and found.digits > 14.5, repr(found)
        assert found.lost == []


def test_constants_are_followed_to_what_they_were_computed_from() -> None:
    assert rounding(lambda x: (constant(1.0) / 3.0) * x, 2.0).bound == pytest.approx(2.0 * 2.0**-55, rel=1e-6)
    assert rounding(lambda x: derivative(lambda y: y / 3.0)(x), 2.0).bound == pytest.approx(2.0**-55, rel=1e-6)
    assert rounding(lambda x: (x * 0.1).detach() * x, 3.0).bound > rounding(lambda x: x * 0.1, 3.0).bound > 0.0

    def beside(x: Any) -> Any:
        with ag.no_grad():
            y = x * 0.1 - 0.3
        return x + y

    found = rounding(beside, 3.0)
    assert found.is_certain and "x * 0.1" in {node.text for node in found.made}
    assert any("y = x * 0.1 - 0.3" in node.place for node in found.made)


def test_a_constant_exponent_that_is_off_has_no_slope_where_the_base_is_negative() -> None:
    found = rounding(lambda x: (x - 3.0) ** (constant(0.1) * 30.0 - 1.0), 1.0)
    assert found.value == 4.0 and not found.is_certain


def test_a_slope_that_a_comparison_inside_of_a_rule_would_turn_is_not_certain() -> None:
    found = rounding(lambda x: derivative(lambda y: relu(y * 10.0 - 1.0))(x), 0.1)
    assert not found.is_certain and "might not be without rounding" in repr(found)


def test_a_comparison_outside_of_the_graph_counts_as_well() -> None:
    def function(x: Any) -> Any:
        beside = x / 3.0 * 3.0
        return x + 0.1 if beside == 0.7 else x

    assert "might not be without rounding" in repr(rounding(function, 0.7))


def test_changed_data_are_refused() -> None:
    x = Value(2.0, "x")
    y = x * 0.1
    x.data = 3.0
    with pytest.raises(GraphError, match=r"`.data` was changed after `x \* 0.1` was computed: .* then ask for its rounding"):
        rounding(y)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: rounding(1.0), r"rounding needs a Value, got float 1.0: how a plain number was rounded cannot be seen"),
        (lambda: rounding(lambda x: 1.0, 2.0), r"rounding needs a Value, got float"),
        (lambda: rounding(lambda x: [x], 2.0), r"rounding needs a Value, got list"),
        (lambda: rounding(Value(1.0), 2.0), r"rounding of a Value takes no arguments, got 1"),
        (lambda: rounding(lambda x: x, "1"), r"str"),
    ],
)
def test_what_is_no_value_is_refused(call: Any, text: str) -> None:
    with pytest.raises(TypeError, match=text):
        call()


def test_inside_a_trace_it_is_refused() -> None:
    with pytest.raises(GraphError, match=r"rounding looks at the numbers of one run, and a function that is traced"):
        trace(lambda x: x * rounding(x * 0.1).bound, 1.0)


def test_inside_of_a_derivative_and_of_no_grad_it_works() -> None:
    assert derivative(lambda x: x * rounding(x * 0.1).digits)(3.0) == pytest.approx(DIGITS, abs=0.5)
    with ag.no_grad():
        assert rounding(lambda x: x * 0.1, 3.0).bound > 0.0


def test_arguments_of_any_structure_get_the_names_of_the_parameters() -> None:
    found = rounding(lambda v, *rest, scale=1.0: v[0] * v[1] + rest[0] * rest[1], [0.1, 0.2], 0.3, 0.4)
    texts = {node.text for node in found.nodes}
    assert {"v[0]", "v[1]", "rest[0]", "rest[1]", "v[0] * v[1]"} <= texts
    mine = Value(0.3, "mine")
    assert rounding(lambda x: x * 0.1, mine).made[0].text == "mine * 0.1"
    assert rounding(lambda d: d["a"] * 0.1, {"a": 3.0}).made[0].text == "d[0] * 0.1"
    assert rounding(lambda: mine * 0.1).made[0].place


def test_higher_orders_and_nested_values() -> None:
    found = rounding(lambda x: derivative(one_minus_cosine, order=2)(x), 0.1)
    assert error_of(found) <= found.bound
    assert found.nodes[-1].digits == found.digits


# ---- nothing is left behind, and nothing is slower -----------------------------------------------------------------------------


def test_lines_are_looked_at_only_while_somebody_asks() -> None:
    seen = []

    def function(x: Any) -> Any:
        seen.append((len(recording.pausing), recording.is_paused(), recording.observer() is not None))
        with ag.no_grad():
            seen.append((len(recording.pausing), recording.is_paused(), True))
        return x * 0.1

    rounding(function, 1.0)
    assert seen == [(1, False, True), (2, True, True)]
    gc.collect()
    assert not recording.pausing and not recording.observing and not recording.moved

    def fails(x: Any) -> Any:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        rounding(fails, 1.0)
    gc.collect()
    assert not recording.pausing and not recording.observing and not recording.moved


def test_values_are_as_without() -> None:
    def function(v: Any) -> Any:
        return ag.logsumexp([x * 0.3 for x in v]) + ag.dot(v, v, bias=v[0])

    v = [Value(0.1), Value(0.7)]
    plain = function(v)
    found = rounding(function, [0.1, 0.7])
    assert found.value == plain.data
    assert [node.value.data for node in found.nodes] == [node.data for node in ag.topological_order(plain)]
    assert all(x.grad == 0.0 for x in v)
    assert found.value == replay(plain, v, {})(0.1, 0.7)


# ---- what it says ------------------------------------------------------------------------------------------------------------


def test_the_text_and_the_table() -> None:
    found = rounding(one_minus_cosine, 1e-5)
    lines = repr(found).splitlines()
    assert lines[0].endswith("5 of 16 digits are certain")
    assert re.fullmatch(r"  `1 - cos\(x\)`  cancellation, 10 of 16 digits lost  line \d+ of test_rounding.py: return .*", lines[1])
    assert re.fullmatch(r"  `cos\(x\)` {6}rounded: 100 % of the bound +line \d+ of test_rounding.py: return .*", lines[2])
    assert "<td><code>1 - cos(x)</code></td>" in found._repr_html_()
    assert repr(rounding(lambda x: x * 2.0, 3.0)) == "6.0 is exact"


def test_labels_with_markup_and_line_breaks_stay_text() -> None:
    x = Value(0.1, "<i>x</i>\n\x1b[1m`")
    found = rounding(x * 3.0)
    assert "<i>" not in found._repr_html_()
    assert "\x1b" not in repr(found) and len(repr(found).splitlines()) == 2


def test_many_operations_of_one_line_are_one_row() -> None:
    def function(x: Any) -> Any:
        for _ in range(50):
            x = x * 1.1
        return x

    assert len(rounding(function, 0.1).rows()) == 1


def test_a_deep_graph_and_a_wide_one() -> None:
    x = Value(0.1)
    for _ in range(5_000):
        x = x + 0.1
    found = rounding(x)
    assert 0.0 < found.estimate <= found.bound < 1e-8
    assert len(found.nodes) == 10_001
    assert rounding(ag.total([Value(0.1) for _ in range(3000)])).bound < 1.01 * UNIT * 256


def test_a_constant_alone_does_not_know_how_it_was_computed() -> None:
    found = rounding(constant(2.0) / 3.0)
    assert not found.is_certain and "is a constant: what it was computed from is not known to it" in repr(found)
    assert rounding(lambda: constant(2.0) / 3.0).bound > 0.0


def test_a_leaf_alone_is_exact() -> None:
    assert rounding(Value(0.1)).digits == pytest.approx(DIGITS)
    assert repr(rounding(Value(0.1))) == "0.1 is exact"
    assert not rounding(Value(math.nan)).is_certain
