"""Losses: values and gradients against mpmath, to the last digits, in kind; every refusal with its message."""

import math
import re
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import mpmath
import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.calculus import derivative, hessian
from autograd_lite.engine.errors import DomainError
from autograd_lite.engine.primitives import logsumexp, sigmoid
from autograd_lite.engine.value import Value, constant, topological_order
from autograd_lite.functions import log_softmax, softmax
from autograd_lite.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    cross_entropy_of_probabilities,
    hinge,
    squared_error,
)
from autograd_lite.program import trace

logits = st.floats(-700.0, 700.0)
shares = st.floats(0.0, 1.0)


def close(found: float, exact: Any, digits: float = 1e-14) -> Any:
    """Whether `found` has all its digits; numbers below the smallest normal float have fewer to show."""
    return abs(found - exact) <= digits * abs(exact) + 5e-324 / 1e-15


def gradient(loss: Callable[[Any], Any], *at: float) -> list[float]:
    values = [Value(x) for x in at]
    loss(values if len(values) > 1 else values[0]).backward()
    return [value.grad for value in values]


# ---- squared error -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "value", "slopes"), [("half", 2.5, [2.0, -1.0]), ("sum", 5.0, [4.0, -2.0]), ("mean", 2.5, [2.0, -1.0])]
)
def test_squared_error_forms(form: str, value: float, slopes: list[float]) -> None:
    assert squared_error([3.0, 1.0], [1.0, 2.0], form=form) == value
    assert gradient(lambda y: squared_error(y, [1.0, 2.0], form=form), 3.0, 1.0) == slopes


def test_squared_error_of_one_number_makes_no_sum() -> None:
    y = Value(3.0)
    assert [type(node.primitive).__name__ for node in topological_order(squared_error(y, 1.0, "sum")) if node.primitive] == [
        "Subtract",
        "Multiply",
    ]
    assert squared_error([3.0], [1.0], "mean") == squared_error(3.0, 1.0, "mean") == 4.0


def test_mazur_error() -> None:
    """Matt Mazur's 2-2-2 network: E at the published outputs."""
    assert round(squared_error([0.75136507, 0.772928465], [0.01, 0.99]), 9) == 0.298371109


def test_squared_error_of_arrays_row_by_row() -> None:
    assert squared_error(numpy.array([3.0, 1.0]), numpy.array([1.0, 0.0])) == 2.5


# ---- binary cross-entropy ----------------------------------------------------------------------------------------------------


@given(x=logits, t=shares)
def test_logits_keep_all_digits(x: float, t: float) -> None:
    with mpmath.workprec(2000):
        p = 1 / (1 + mpmath.exp(-mpmath.mpf(x)))
        exact = -(mpmath.mpf(t) * mpmath.log(p) + (1 - mpmath.mpf(t)) * mpmath.log(1 - p))
    assert close(binary_cross_entropy_with_logits(x, t), exact)


@given(x=logits, t=st.sampled_from([0.0, 1.0]))
def test_gradient_of_logits_keeps_all_digits(x: float, t: float) -> None:
    with mpmath.workprec(2000):
        exact = 1 / (1 + mpmath.exp(-mpmath.mpf(x))) - t
    assert close(gradient(lambda v: binary_cross_entropy_with_logits(v, t), x)[0], exact)


@given(p=st.floats(1e-300, 1.0, exclude_max=True), t=shares)
def test_probability_keeps_all_digits(p: float, t: float) -> None:
    with mpmath.workprec(2000):
        exact = -(mpmath.mpf(t) * mpmath.log(p) + (1 - mpmath.mpf(t)) * mpmath.log(1 - mpmath.mpf(p)))
        slope = (mpmath.mpf(p) - t) / (mpmath.mpf(p) * (1 - mpmath.mpf(p)))
        conditioned = t / mpmath.mpf(p) + (1 - mpmath.mpf(t)) / (1 - mpmath.mpf(p))  # the two terms that may cancel
    assert close(binary_cross_entropy(p, t), exact)
    assert abs(gradient(lambda v: binary_cross_entropy(v, t), p)[0] - slope) <= 1e-14 * conditioned


@given(x=st.floats(-5.0, 5.0), t=shares)
def test_both_forms_agree(x: float, t: float) -> None:
    assert math.isclose(binary_cross_entropy(sigmoid(x), t), binary_cross_entropy_with_logits(x, t), rel_tol=1e-12)


@pytest.mark.parametrize(("x", "t", "loss"), [(math.inf, 1, 0.0), (-math.inf, 0, 0.0), (math.inf, 0, math.inf), (-1e308, 1, 1e308)])
def test_logits_at_the_ends(x: float, t: int, loss: float) -> None:
    assert binary_cross_entropy_with_logits(x, t) == loss


def test_certain_and_right_is_no_loss() -> None:
    assert binary_cross_entropy(1.0, 1) == binary_cross_entropy(0.0, 0) == 0.0
    assert gradient(lambda p: binary_cross_entropy(p, 1), 1.0) == [-1.0]
    assert gradient(lambda p: binary_cross_entropy(p, 0), 0.0) == [1.0]
    assert gradient(lambda p: binary_cross_entropy(p, constant(1.0)), 1.0) == [-1.0]
    assert gradient(lambda p: binary_cross_entropy(p, constant(0.0)), 0.0) == [1.0]


@pytest.mark.parametrize(("p", "t"), [(0.0, 1), (1.0, 0), (0.0, 0.5), (1.0, 0.5), (1.0, 1e-300)])
def test_certain_and_wrong_is_refused(p: float, t: float) -> None:
    for kind in (float, Value):
        with pytest.raises(DomainError) as caught:
            binary_cross_entropy(kind(p), t)
        assert "certain and wrong" in caught.value.__notes__[0]
        assert "_with_logits" in caught.value.__notes__[0]


def test_lists_give_the_mean() -> None:
    assert binary_cross_entropy([0.5, 0.25], [1, 0]) == pytest.approx((math.log(2) - math.log(0.75)) / 2, rel=1e-15)
    assert binary_cross_entropy_with_logits([0.0, 0.0], [1, 0]) == math.log(2)
    assert hinge([0.25, 3.0], [1, -1]) == (0.75 + 4.0) / 2


def test_absent_terms_leave_no_nodes() -> None:
    x = Value(0.5)
    assert len(topological_order(binary_cross_entropy_with_logits(x, 0))) == 2  # x and softplus(x)
    assert len(topological_order(binary_cross_entropy_with_logits(x, 1))) == 3
    assert len(topological_order(binary_cross_entropy(x, 1.0))) == 3


def test_targets_may_be_values() -> None:
    for t in (0.0, 0.25, 1.0):
        target = Value(t)
        loss = binary_cross_entropy_with_logits(Value(0.75), target)
        assert loss.data == pytest.approx(binary_cross_entropy_with_logits(0.75, t), rel=1e-15)
        loss.backward()
        assert target.grad == pytest.approx(-0.75, rel=1e-15)  # d/dt = -x


# ---- cross-entropy -----------------------------------------------------------------------------------------------------------


@given(xs=st.lists(logits, min_size=2, max_size=5), data=st.data())
def test_cross_entropy_keeps_all_digits(xs: list[float], data: st.DataObject) -> None:
    right = data.draw(st.integers(0, len(xs) - 1))
    with mpmath.workprec(4500):
        powers = [mpmath.exp(mpmath.mpf(x)) for x in xs]
        exact = mpmath.log(mpmath.fsum(powers)) - mpmath.mpf(xs[right])
        slopes = [power / mpmath.fsum(powers) - (i == right) for i, power in enumerate(powers)]
    one_hot = [float(i == right) for i in range(len(xs))]
    for target in (right, one_hot, numpy.int64(right), numpy.array(one_hot)):
        # each difference of logits is rounded once, and the exponential magnifies that by its size
        assert close(cross_entropy(xs, target), exact, 5e-13)
        found = gradient(partial(cross_entropy, target=target), *xs)
        assert all(close(slope, expected, 5e-13) for slope, expected in zip(found, slopes, strict=True))


@given(xs=st.lists(st.floats(-30.0, 30.0), min_size=3, max_size=3), weights=st.lists(st.integers(0, 9), min_size=3, max_size=3))
def test_soft_targets(xs: list[float], weights: list[int]) -> None:
    if not sum(weights):
        return
    target = [weight / sum(weights) for weight in weights]
    expected = sum(share * cross_entropy(xs, i) for i, share in enumerate(target))
    assert cross_entropy(xs, target) == pytest.approx(expected, rel=1e-12)
    slopes = [p - t for p, t in zip(softmax(xs), target, strict=True)]
    assert gradient(lambda values: cross_entropy(values, target), *xs) == pytest.approx(slopes, abs=1e-13)


def test_targets_add_up_to_one_as_float32_does() -> None:
    cross_entropy([0.0, 1.0], [0.5, 0.5000005])
    with pytest.raises(ValueError, match=r"add up to 1\.000005: they must add up to 1"):
        cross_entropy([0.0, 1.0], [0.5, 0.500005])


def test_masked_class() -> None:
    assert cross_entropy([0.0, -math.inf, 0.0], 0) == pytest.approx(math.log(2), rel=1e-15)


def test_of_probabilities() -> None:
    assert cross_entropy_of_probabilities([0.25, 0.75], 1) == -math.log(0.75)
    assert cross_entropy_of_probabilities([0.0, 1.0], [0.0, 1.0]) == 0.0
    assert gradient(lambda p: cross_entropy_of_probabilities(p, [0.5, 0.5]), 0.25, 0.75) == [-2.0, pytest.approx(-2 / 3)]
    with pytest.raises(DomainError) as caught:
        cross_entropy_of_probabilities([1.0, 0.0], 1)
    assert "cross_entropy(logits, target)" in caught.value.__notes__[0]


# ---- hinge -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("s", "t", "loss", "slope"), [(0.25, 1, 0.75, -1.0), (0.25, -1, 1.25, 1.0), (1.0, 1, 0.0, 0.0), (2.0, 1, 0.0, 0.0)]
)
def test_hinge(s: float, t: int, loss: float, slope: float) -> None:
    assert hinge(s, t) == loss
    assert gradient(lambda v: hinge(v, t), s) == [slope]


def test_hinge_margin() -> None:
    assert hinge(1.0, 1, margin=3.0) == 2.0


# ---- in kind, and what is refused --------------------------------------------------------------------------------------------

CALLS: list[Callable[[Any], Any]] = [
    lambda x: squared_error([x, x], [0.0, 1.0]),
    lambda x: binary_cross_entropy(x, 0.25),
    lambda x: binary_cross_entropy_with_logits(x, 0.25),
    lambda x: cross_entropy([x, x + 1.0], 1),
    lambda x: cross_entropy([x, x + 1.0], [0.5, 0.5]),
    lambda x: cross_entropy_of_probabilities([x, 1.0 - x], [0.5, 0.5]),
    lambda x: hinge(x, 1),
]


@pytest.mark.parametrize("call", CALLS)
def test_answers_in_kind(call: Callable[[Any], Any]) -> None:
    number, value = call(0.375), call(Value(0.375))
    assert type(number) is float
    assert isinstance(value, Value)
    assert number == value.data


@pytest.mark.parametrize("call", CALLS)
def test_nan_is_carried(call: Callable[[Any], Any]) -> None:
    assert math.isnan(call(math.nan))


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: squared_error(1.0, 1.0, "rms"), ValueError, 'has the forms "half", "sum" and "mean", got \'rms\''),
        (
            lambda: squared_error([1.0], [1.0, 2.0]),
            ValueError,
            "squared_error got 1 outputs and 2 targets: give one target for each",
        ),
        (lambda: squared_error([], []), ValueError, "squared_error requires at least one output"),
        (lambda: squared_error([1.0], 1.0), TypeError, "a list of outputs and a single target: give two lists"),
        (lambda: squared_error(1.0, [1.0]), TypeError, "a list of targets and a single output: give two lists"),
        (
            lambda: squared_error([[1.0]], [[1.0]]),
            TypeError,
            "one sample, got a list of lists: write mean([squared_error(y, t) for",
        ),
        (
            lambda: binary_cross_entropy(1.5, 1),
            ValueError,
            "a probability must lie in [0, 1], got 1.5. For a logit use binary_cross_",
        ),
        (lambda: binary_cross_entropy(Value(-0.5), 1), ValueError, "a probability must lie in [0, 1], got -0.5."),
        (lambda: binary_cross_entropy(0.5, 2), ValueError, "a target must lie in [0, 1], got 2.0."),
        (lambda: binary_cross_entropy(0.5, numpy.float64(-1)), ValueError, "a target must lie in [0, 1], got -1.0."),
        (lambda: binary_cross_entropy_with_logits(0.5, -1), ValueError, "a target must lie in [0, 1], got -1.0."),
        (
            lambda: cross_entropy([1.0], 0),
            TypeError,
            "a list of at least two logits, one per class. For a single output use binary_",
        ),
        (lambda: cross_entropy(Value(1.0), 0), TypeError, "a list of at least two logits"),  # type: ignore[arg-type]
        (lambda: cross_entropy([1.0, 2.0], 2), ValueError, "cross_entropy got target 2 for 2 classes: an index is one of 0 ... 1"),
        (lambda: cross_entropy([1.0, 2.0], -1), ValueError, "cross_entropy got target -1 for 2 classes"),
        (
            lambda: cross_entropy([1.0, 2.0], 1.0),
            TypeError,
            "a class index (int) or a list of one probability per class as target, got 1.0",
        ),
        *(
            (
                lambda name=name: cross_entropy([1.0, 2.0], name),
                TypeError,
                f"a list of one probability per class as target, got {name!r}",
            )
            for name in ("1", "cat", "ab", "")
        ),
        (lambda: cross_entropy([1.0, 2.0], [1.0]), ValueError, "got 1 target probabilities for 2 classes: give one for each"),
        (
            lambda: cross_entropy([1.0, 2.0], [0.9, 0.9]),
            ValueError,
            "target probabilities that add up to 1.8: they must add up to 1",
        ),
        (lambda: cross_entropy([1.0, 2.0], [1.5, -0.5]), ValueError, "a target must lie in [0, 1], got 1.5."),
        (lambda: cross_entropy_of_probabilities([2.0, -1.0], 0), ValueError, "got 2.0. For logits use cross_entropy."),
        (
            lambda: cross_entropy_of_probabilities([0.5, 0.5], 5),
            ValueError,
            "cross_entropy_of_probabilities got target 5 for 2 classes",
        ),
        (lambda: hinge(1.0, 0), ValueError, "hinge takes the targets -1 and 1, got 0.0. For targets 0 and 1 write 2 * target - 1."),
        (lambda: hinge(1.0, 0.5), ValueError, "hinge takes the targets -1 and 1, got 0.5."),
        (lambda: hinge([1.0], [1, 1]), ValueError, "hinge got 1 outputs and 2 targets"),
    ],
)
def test_refusals(call: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=re.escape(message)):
        call()


# ---- second and third derivatives --------------------------------------------------------------------------------------------

BADLY_WRONG = [-58.0, -5.7, -31.9]


CURVED = ["logsumexp", "log_softmax", "index", "one-hot", "soft", "smoothed", "values"]
SHARES = [0.0, 0.25, 1.0]


def second_derivatives(xs: list[float]) -> list[list[Any]]:
    """diag(p) - p p^T in many digits, where 1 - p_i is the sum of the others."""
    return _second_derivatives(tuple(xs), mpmath.mp.prec)


@cache
def _second_derivatives(xs: tuple[float, ...], precision: int) -> list[list[Any]]:
    powers = [mpmath.exp(mpmath.mpf(x)) for x in xs]
    whole = mpmath.fsum(powers)
    return [
        [
            p / whole * mpmath.fsum(powers[:i] + powers[i + 1 :]) / whole if i == j else -p * q / whole**2
            for j, q in enumerate(powers)
        ]
        for i, p in enumerate(powers)
    ]


def curved(name: str, target: int, classes: int) -> Callable[[Any], Any]:
    """A function of logits with the second derivatives of cross-entropy."""
    one_hot = [float(i == target) for i in range(classes)]
    spread = [0.7 * share + 0.3 / classes for share in one_hot]
    return {
        "logsumexp": logsumexp,
        "log_softmax": lambda xs: -log_softmax(xs)[target],
        "index": lambda xs: cross_entropy(xs, target),
        "one-hot": lambda xs: cross_entropy(xs, one_hot),
        "soft": lambda xs: cross_entropy(xs, spread),
        "smoothed": lambda xs: cross_entropy(xs, target, label_smoothing=0.3),
        "values": lambda xs: cross_entropy(xs, [constant(share) for share in one_hot]),
    }[name]


@pytest.mark.parametrize("name", CURVED)
@pytest.mark.parametrize("engine", ["eager", "program"])
def test_second_derivatives_keep_their_digits(name, engine):
    rng = numpy.random.default_rng(1)
    points = [BADLY_WRONG, [0.0, 0.0], [700.0, 0.0, -5.0], [0.0, 700.0, 699.0, -1.0]]
    points += [rng.uniform(-size, size, count).tolist() for count, size in ((3, 1.0), (2, 20.0), (5, 20.0), (3, 300.0))]
    with mpmath.workprec(4500):
        for xs in points:
            for target in range(2 if engine == "eager" else 1):
                function = curved(name, target, len(xs))
                found = hessian(function)(xs) if engine == "eager" else trace(function, xs).hessian(xs).tolist()
                for row, expected_row in zip(found, second_derivatives(xs), strict=True):
                    assert all(close(entry, expected, 5e-13) for entry, expected in zip(row, expected_row, strict=True)), (
                        xs,
                        target,
                    )


def test_the_second_derivative_of_the_issue() -> None:
    assert hessian(lambda v: cross_entropy(v, 0))(BADLY_WRONG)[0][0] == pytest.approx(1.9337422958658e-23, rel=1e-12)


@pytest.mark.parametrize("t", SHARES)
@pytest.mark.parametrize("engine", ["eager", "program"])
def test_second_derivatives_of_binary_cross_entropy_keep_their_digits(t, engine):
    def second(function: Any, x: float) -> float:
        return float(hessian(function)(x)[0][0] if engine == "eager" else trace(function, x).hessian(x)[0][0])

    with mpmath.workprec(4500):
        for x in (-700.0, -40.0, -1.0, 0.0, 1e-9, 3.0, 37.0, 700.0):
            power = mpmath.exp(mpmath.mpf(x))
            assert close(second(lambda v: binary_cross_entropy_with_logits(v, t), x), power / (1 + power) ** 2, 5e-13)
        for p in (1e-150, 1e-20, 0.3, 0.5, 0.75, 1.0 - 2.0**-50):
            exact = mpmath.mpf(t) / mpmath.mpf(p) ** 2 + (1 - mpmath.mpf(t)) / (1 - mpmath.mpf(p)) ** 2
            assert close(second(lambda v: binary_cross_entropy(v, t), p), exact, 5e-13)


@pytest.mark.parametrize("xs", [BADLY_WRONG, [700.0, 0.0], [0.0, 700.0], [-2.0, 3.0, 0.5], [0.0, 0.0], [800.0, -800.0, 1.0]])
@pytest.mark.parametrize("target", [0, 1, [0.25, 0.75], [1.0, 0.0]])
def test_third_derivatives_are_numbers(xs, target):
    given = target if isinstance(target, int) else [*target, *[0.0] * (len(xs) - 2)]

    def curvature(first: Any) -> Any:
        return hessian(lambda v: cross_entropy(v, given))([first, *xs[1:]])[0][0]

    found = derivative(curvature)(xs[0])
    with mpmath.workprec(4500):
        powers = [mpmath.exp(mpmath.mpf(x)) for x in xs]
        p, others = powers[0] / mpmath.fsum(powers), mpmath.fsum(powers[1:]) / mpmath.fsum(powers)
        assert abs(found - p * others * (others - p)) <= 1e-13 * p * others + 1e-300


def test_infinite_logits() -> None:
    assert cross_entropy([0.0, math.inf], 0) == math.inf
    assert cross_entropy([-math.inf, 0.0], 0) == math.inf
    assert cross_entropy([math.inf, 0.0], 0) == 0.0
    assert math.isnan(cross_entropy([math.inf, math.inf], 0))


def test_label_smoothing() -> None:
    xs = [0.3, -1.0, 2.0]
    spread = [0.1 / 3, 0.1 / 3, 0.9 + 0.1 / 3]
    for target in (2, [0.0, 0.0, 1.0], numpy.int64(2)):
        assert cross_entropy(xs, target, label_smoothing=0.1) == pytest.approx(cross_entropy(xs, spread), rel=1e-15)
    assert cross_entropy(xs, 1, label_smoothing=0.0) == cross_entropy(xs, 1)
    for wrong in (-0.1, 1.5, math.nan, "0.1"):
        with pytest.raises(ValueError, match=re.escape(f"label_smoothing must lie in [0, 1], got {wrong!r}")):
            cross_entropy(xs, 1, label_smoothing=wrong)  # type: ignore[arg-type]
