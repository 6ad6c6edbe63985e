"""The checker cannot be fooled: kinds of functions at which checkers acquit what is wrong, or accuse what is right."""

import math
import time
import warnings
from itertools import pairwise
from typing import Any

import mpmath
import numpy
import pytest

import autograd_lite as ag
from autograd_lite.testing import assert_gradients, check, finite_differences, numerical_derivative, numerical_grad
from autograd_lite.testing.checker.precision import unit_in, unit_of
from autograd_lite.testing.numeric.arguments import Target
from autograd_lite.testing.numeric.engines import PLAIN
from autograd_lite.testing.numeric.opaque import Opaque
from benchmarks.checkers import by_check, by_one_step, tallied
from benchmarks.claims import PARTS
from benchmarks.corpus import KINDS, corpus

E = math.e


def outcome(function: Any, point: Any, claim: Any, **options: Any) -> str:
    return check(function, point, gradient=lambda *_: claim, **options).outcome


# ---- the corpus --------------------------------------------------------------------------------------------------------------


def test_of_500_pairs_none_is_wrongly_acquitted_or_accused() -> None:
    pairs = list(corpus(250))
    assert len(pairs) >= 500
    found = tallied(by_check, pairs)["all"]
    assert found.mistakes == []
    assert found.count(True) == found.count(False) >= 250
    assert found.inconclusive <= 0.10
    assert found.inconclusive_if_smooth <= 0.02


def test_the_corpus_fools_differences_at_one_step() -> None:
    found = tallied(by_one_step, corpus(100))["all"]
    assert found.acquitted > 5
    assert found.accused > 2


def test_the_corpus_has_every_kind_and_is_the_same_every_time() -> None:
    pairs = list(corpus(60))
    assert {pair.kind for pair in pairs} == set(KINDS)
    assert [(pair.note, str(pair.point)) for pair in pairs] == [(pair.note, str(pair.point)) for pair in corpus(60)]
    assert sum(share for share, _ in KINDS.values()) >= 1.0


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_the_closed_forms_of_the_corpus_are_right(part: Any) -> None:
    x = mpmath.mpf(part.low + 0.377 * (part.high - part.low))
    with mpmath.workdps(40):
        for order, form in ((1, part.slope), (2, part.bend)):
            assert abs(mpmath.diff(lambda t: part.value(mpmath, t), x, order) - form(mpmath, x)) < 1e-18


# ---- 1. what is dropped on the way is not forgotten --------------------------------------------------------------------------

DROPPED: dict[str, tuple[Any, float, float, list[float]]] = {
    "math.exp": (lambda x: x * math.exp(x), 1.0, 2 * E, [E, 0.0]),
    "float": (lambda x: x * float(x), 3.0, 6.0, [3.0]),
    "int": (lambda x: x * int(x) + x, 2.5, 3.0, [1.0, 4.5]),
    "abs": (lambda x: x * abs(x), -3.0, 6.0, [3.0, -6.0]),
    "str": (lambda x: x * float(str(x)), 3.0, 6.0, [3.0]),
    "format": (lambda x: x * float(f"{x:.17g}"), 3.0, 6.0, [3.0]),
    "abs, far below the value": (lambda x: 1e6 + x + 1e-7 * x * abs(x), 3.0, 1.0 + 6e-7, [1.0, 1.0 + 3e-7]),
    "a sum in math": (lambda x: x * x + math.fsum([math.sin(x), x]), 1.0, 3 + math.cos(1.0), [2.0, 3.0]),
    "numpy's float": (lambda x: x * float(numpy.exp(x)), 1.0, 2 * E, [E]),
}


@pytest.mark.parametrize("name", DROPPED)
def test_a_claim_that_forgets_what_is_dropped_is_convicted(name: str) -> None:
    function, x, right, wrong = DROPPED[name]
    assert outcome(function, x, right) != "disagrees"
    for claim in wrong:
        assert outcome(function, x, claim) != "agrees", claim
    if "far below" not in name:
        assert outcome(function, x, right) == "agrees"
        assert {outcome(function, x, claim) for claim in wrong} == {"disagrees"}


@pytest.mark.parametrize(
    ("f", "right", "wrong"),
    [
        (lambda x: x * math.exp(x), 3 * E, [E, 2 * E, 0.0]),
        (lambda x: x * x * abs(x), 6.0, [2.0, 4.0]),
        (lambda x: x * float(x) ** 2, 6.0, [0.0, 2.0]),
    ],
)
def test_second_derivatives_see_it_too(f: Any, right: float, wrong: list[float]) -> None:
    slope = finite_differences(f, 1.0).value
    for claim, expected in ((right, "agrees"), *((number, "disagrees") for number in wrong)):
        verdict = check(f, 1.0, 2, gradient=lambda x: slope, hessian=lambda x, claim=claim: claim)
        assert [c.outcome for c in verdict.components if c.name.startswith("d2")] == [expected], verdict


def test_one_of_several_numbers_that_is_dropped() -> None:
    f = lambda x, y: x * math.exp(y)  # noqa: E731
    assert outcome(f, (2.0, 1.0), (E, 2 * E)) == "agrees"
    assert outcome(f, (2.0, 1.0), (E, 0.0)) == "disagrees"
    hidden = lambda x, y: 1e8 * x + 1e-8 * abs(y) * y  # noqa: E731
    assert outcome(hidden, (1.0, 2.0), (1e8, 4e-8)) == "agrees"
    assert outcome(hidden, (1.0, 2.0), (1e8, 2e-8)) == "disagrees"


def test_a_part_in_float_arithmetic_beyond_sight_is_not_acquitted() -> None:
    f = lambda x, y: 1e8 * x + 1e-8 * math.sin(y)  # noqa: E731
    assert outcome(f, (1.0, 2.0), (1e8, 0.5e-8 * math.cos(2.0))) == "inconclusive"


@pytest.mark.parametrize("factor", [1 + 1e-9, 1 - 1e-9, 1 + 1e-7])
def test_a_billionth_is_convicted_where_the_function_runs_on_values(factor: float) -> None:
    assert outcome(lambda x: ag.exp(x) * x, 0.7, factor * math.exp(0.7) * 1.7) == "disagrees"
    assert outcome(lambda x: x.exp() * x, 0.7, factor * math.exp(0.7) * 1.7) == "disagrees"


def test_a_small_fast_part_is_seen() -> None:
    right = 2 + 1e-3 * math.cos(1e7)
    found = numerical_derivative(lambda x: x * x + 1e-10 * math.sin(1e7 * x))(1.0)
    assert found.covers(right)
    assert not found.covers(2.0)
    assert outcome(lambda x: x * x + 1e-10 * math.sin(1e7 * x), 1.0, 2.0) == "disagrees"
    assert outcome(lambda x: x * x + 1e-10 * ag.sin(1e7 * x), 1.0, right) == "agrees"


def test_opaque_numbers_refuse_what_values_refuse() -> None:
    x = Opaque(2.0 + 1e-20j)
    for drop in (
        float,
        int,
        complex,
        math.exp,
        lambda t: float(str(t)),
        lambda t: float(repr(t)),
        lambda t: t.data,
    ):
        with pytest.raises((TypeError, ValueError, AttributeError)):
            drop(x)
    assert (x > 1.0, x >= 2.0, x < 1.0, x == 2.0, bool(x)) == (True, True, False, True, True)
    assert abs(-x).inside == x.inside
    assert math.floor(x).inside == round(x).inside == (x % 5.0).inside.real == 2.0  # type: ignore[attr-defined]
    assert ((2.0 / x) ** 2 - 3.0 + (+x) * 1.5).inside.real == 1.0
    assert (2.0**x).inside.real == 4.0
    assert (ag.Value(3.0) * x).inside.real == 6.0
    assert x.exp().inside.real == pytest.approx(math.exp(2.0))
    assert (numpy.array([1.0, 2.0]) * x)[1].inside.real == 4.0


# ---- 2. nothing right is accused ---------------------------------------------------------------------------------------------

QUICK: list[tuple[Any, float]] = [
    (lambda m, x: m.sin(2 * math.pi * 5e6 * x), 0.5),
    (lambda m, x: m.sin(1e8 * x), 1.0),
    (lambda m, x: m.sin(1e8 * x), 0.7),
    (lambda m, x: m.tanh(1e8 * (x - 1)), 1.0),
    (lambda m, x: m.exp(1e5 * (x - 1)), 1.0),
    (lambda m, x: m.sin(1e12 * x), 0.3),
    (lambda m, x: m.tanh(1e13 * (x - 1)), 1.0),
]


@pytest.mark.parametrize("number", range(len(QUICK)))
def test_fast_and_steep_functions_are_not_accused(number: int) -> None:
    f, x = QUICK[number]
    with mpmath.workdps(50):
        right = float(mpmath.diff(lambda t: f(mpmath, t), mpmath.mpf(x), h=mpmath.mpf(10) ** -25))
    for m in (ag, math):
        assert outcome(lambda t, m=m: f(m, t), x, right) != "disagrees"
        assert outcome(lambda t, m=m: f(m, t), x, 0.5 * right) != "agrees"
    assert check(lambda t: f(ag, t), x).outcome != "disagrees"


def test_rounding_that_stands_still_around_the_point_is_no_derivative() -> None:
    f = lambda x: (1 - math.cos(x)) / x**2  # noqa: E731
    for claim in (-1e-4 / 12, -1e4, 0.0):
        assert outcome(f, 1e-4, claim) == "inconclusive"
    assert "on stairs" in finite_differences(f, 1e-4).method


def test_noise_that_rounding_does_not_explain_neither_acquits_nor_accuses() -> None:
    hidden = lambda x: x * x + 1e-9 * math.sin(2.0**45 * math.pi * (x - 1.0))  # noqa: E731
    for claim in (2.0, 2.0 + 1e-9 * 2.0**45 * math.pi):
        assert outcome(hidden, 1.0, claim) == "inconclusive"
    assert finite_differences(hidden, 1.0).is_noisy
    assert not finite_differences(lambda x: (x * x + 1e9) - 1e9, 1.0).is_noisy  # it stands on stairs from one float to the next


def test_a_derivative_that_floats_cannot_compute_is_not_accused() -> None:
    def chaotic(x: Any) -> Any:
        for _ in range(40):
            x = 3.9 * x * (1 - x)
        return x

    by_floats = check(chaotic, 0.3).claimed
    assert outcome(chaotic, 0.3, by_floats) != "disagrees"
    assert outcome(chaotic, 0.3, 2.0 * by_floats) == "disagrees"


def test_zero_is_zero_and_next_to_it_is_not() -> None:
    assert outcome(math.cos, 0.0, 0.0) == "agrees"
    assert outcome(lambda x: 5.0, 1.0, 0.0) == "agrees"
    assert outcome(lambda x: 5.0, 1.0, 1e-9) == "disagrees"
    assert outcome(lambda x, y: x * (y / y), (1.5, 0.7), (1.0, 0.0)) == "agrees"
    assert outcome(math.erf, -9.45, 2 / math.sqrt(math.pi) * math.exp(-(9.45**2))) != "disagrees"
    assert outcome(lambda x: x * x, 1e-200, 1e-200) == "disagrees"
    assert outcome(lambda x: x * x, 1e-200, 2e-200) == "agrees"


# ---- 2. precision ------------------------------------------------------------------------------------------------------------


def product(x: Any) -> Any:
    return ag.sin(x) * x


SLOPE = math.sin(1.3) + 1.3 * math.cos(1.3)


@pytest.mark.parametrize("claim", [numpy.float32(SLOPE), numpy.array(SLOPE, dtype=numpy.float32), [numpy.float32(SLOPE)]])
def test_a_claim_in_single_precision_is_judged_by_its_own_rounding(claim: Any) -> None:
    assert outcome(product, 1.3, claim) == "agrees"
    assert outcome(lambda x: math.sin(x) * x, 1.3, claim) == "agrees"
    for units in (17, 30, 1000, -17, -1e6):
        wrong = numpy.float32(SLOPE * (1 + units * 2.0**-23))
        assert outcome(product, 1.3, wrong) != "agrees"
    assert outcome(product, 1.3, numpy.float32(SLOPE * (1 + 40 * 2.0**-23))) == "disagrees"
    assert outcome(product, 1.3, numpy.float16(SLOPE)) == "agrees"
    assert outcome(product, 1.3, numpy.float16(SLOPE * 1.05)) == "disagrees"


def test_precision_can_be_said() -> None:
    rounded = float(numpy.float32(SLOPE))
    assert outcome(product, 1.3, rounded) == "disagrees"
    for precision in ("single", "float32", numpy.float32, numpy.dtype("float32")):
        assert outcome(product, 1.3, rounded, precision=precision) == "agrees"
    assert outcome(product, 1.3, numpy.float32(SLOPE), precision="double") == "disagrees"
    assert_gradients(product, 1.3, gradient=lambda x: rounded, precision="single")
    with pytest.raises(ValueError, match="precision= is 'double', 'single', 'half' or a dtype such as float32; got 'quadruple'"):
        check(product, 1.3, precision="quadruple")
    assert unit_of("half") == unit_in(numpy.float16(1.0)) == 2.0**-10
    assert unit_in([]) == unit_in("text") == unit_of("double")


# ---- 3. jumps, and the ends of domains ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (ag.floor, 2.0),
        (ag.ceil, -3.0),
        (ag.sign, 0.0),
        (lambda x: x * ag.floor(x), 2.0),
        (lambda x: ag.fmod(x, 1.5), 3.0),
        (math.floor, 2.0),
        (math.trunc, -2.0),
        (round, 2.5),
        (lambda x: round(x, 1), 0.25),
        (lambda x: x % 1.5, 3.0),
        (lambda x: 3.0 // x, 1.0),
        (lambda x: ag.remainder(x, 4.0), 2.0),
        (lambda x: ag.copysign(2.0, x), 0.0),
        (lambda x: ag.fmod(3.0, x), 1.0),
    ],
)
def test_a_jump_agrees_with_the_documented_convention_only(f: Any, x: float) -> None:
    own = check(f, x)
    assert own
    assert "on a jump of" in str(own)
    documented = own.components[-1].claimed
    given = check(f, x, gradient=lambda t: documented)
    assert given
    assert "jumps as documented" in str(given)
    assert outcome(f, x, documented + 0.5) != "agrees"
    assert outcome(f, x, documented + 5.0) == "disagrees"


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (lambda x: float(round(x)) + x, 0.5, 1.0),
        (lambda x: x + (1e-12 if x >= 1 else 0.0), 1.0, 1.0),
        (lambda x: math.copysign(1.0, x) if x else 0.0, 0.0, 0.0),
        (lambda x: 5.0 if x == 1.0 else x, 1.0, 1.0),
    ],
)
def test_other_jumps_agree_with_nothing(f: Any, x: float, slope: float) -> None:
    verdict = check(f, x, gradient=lambda t: slope)
    assert verdict.outcome == "inconclusive"
    assert "jump" in str(verdict)
    assert outcome(f, x, slope + 3.0) == "disagrees"
    assert outcome(f, x, math.inf) == "inconclusive"
    with pytest.raises(AssertionError, match="the function jumps here, so no derivative is right"):
        assert_gradients(f, x, gradient=lambda t: slope)


def test_where_a_slope_jumps_there_is_no_second_derivative() -> None:
    verdict = check(lambda x: max(x, 2 * x), 0.0, 2, gradient=lambda x: 1.5, hessian=lambda x: 0.0)
    assert verdict.outcome == "inconclusive"
    assert "jump" in str(verdict)
    assert check(ag.relu, 0.0, 2)


@pytest.mark.parametrize("claim", [-0.0, 25.9, 1e6, -1e6, math.inf])
def test_the_second_derivative_of_an_entropy_at_zero_is_not_anything(claim: float) -> None:
    for f in (lambda x: -x * math.log(x) if x else 0.0, lambda x: -ag.xlogy(x, x)):
        verdict = check(f, 0.0, 2, gradient=lambda x: math.inf, hessian=lambda x: claim)
        assert verdict.components[-1].outcome == "disagrees", verdict


@pytest.mark.parametrize(
    ("f", "order", "right", "wrong"),
    [
        (math.sqrt, 1, math.inf, [0.0, 1.0, 1e6, -math.inf]),
        (lambda x: x * math.sqrt(x), 2, math.inf, [0.0, 1.0]),
        (lambda x: x**3 * math.sqrt(x), 2, 0.0, [1.0, math.inf, -1e3]),
        (lambda x: -x * math.log(x) if x else 0.0, 2, -math.inf, [-0.0, 25.9]),
    ],
)
def test_ends_of_domains(f: Any, order: int, right: float, wrong: list[float]) -> None:
    for claim in (right, *wrong):
        if order == 1:
            component = check(f, 0.0, gradient=lambda x, claim=claim: claim).components[-1]
        else:
            component = check(f, 0.0, 2, gradient=lambda x: 0.0, hessian=lambda x, claim=claim: claim).components[-1]
        assert component.outcome != ("disagrees" if claim == right else "agrees"), component


# ---- 4. arrays, and errors of others -----------------------------------------------------------------------------------------


def test_functions_of_numpy_arrays() -> None:
    at = numpy.array([1.0, 2.0])
    assert check(lambda x: float(numpy.sum(x**2)), at, gradient=lambda x: 2 * x)
    assert check(lambda x: numpy.sum(x**2 * numpy.exp(x)), at)  # on an array of Values
    assert outcome(lambda x: x[0] * float(numpy.exp(x[0])), at, [E, 0.0]) == "disagrees"
    assert outcome(lambda x: float(numpy.sum(x**2)), numpy.array([[1, 2], [3, 4]]), [[2.0, 4.0], [6.0, 8.0]]) == "agrees"
    assert check(lambda w, b: (w @ w) * b, (at, 3.0)).components[-1].name == "d/db"
    assert check(lambda x: x * x, at).components[1].name == "d out[1]/dx[0]"
    assert_gradients(lambda x: float(numpy.log(x).sum()), at, gradient=lambda x: 1 / x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert check(lambda x: float(numpy.sqrt(x).sum()), numpy.array([1e-3]), gradient=lambda x: 0.5 / numpy.sqrt(x))
    found = numerical_grad(lambda x: float(numpy.sum(x**3)))(at)
    assert [estimate.covers(3 * x * x) for estimate, x in zip(found, at, strict=True)] == [True, True]


def test_an_error_inside_the_function_is_the_functions() -> None:
    def broken(x: Any) -> Any:
        return {}["missing"] * x

    with pytest.raises(KeyError, match="missing") as caught:
        check(broken, 2.0)
    (note,) = caught.value.__notes__
    assert note.startswith("the function ")
    assert "broken raised this when it was called with Value(data=2" in note
    with pytest.raises(TypeError) as caught:
        check(lambda x: float(numpy.sum(x**2)), numpy.array([1.0, 2.0]))
    assert "raised this when it was called with array([Value(" in caught.value.__notes__[0]
    with pytest.raises(ZeroDivisionError) as caught:
        check(lambda x: x * x, 2.0, gradient=lambda x: 1 / 0)
    assert "gradient= " in caught.value.__notes__[0]
    assert "raised this when it was called with 2.0" in caught.value.__notes__[0]
    with pytest.raises(AttributeError) as caught:
        Target(lambda x: x.nothing, (1.0,), PLAIN)
    assert "raised this when it was called with 1.0" in caught.value.__notes__[0]


def test_a_negative_number_to_a_fraction_has_no_real_value() -> None:
    assert check(lambda x: x**2.5, 1e-9, gradient=lambda x: 2.5 * x**1.5).outcome != "disagrees"
    assert outcome(lambda x: math.exp(x**2.5), 0.5, 2.5 * 0.5**1.5 * math.exp(0.5**2.5)) == "agrees"
    with pytest.raises(ValueError, match="a real number is needed"):
        check(lambda x: x**0.5, -1.0, gradient=lambda x: 0.0)


# ---- 6. second derivatives of many numbers -----------------------------------------------------------------------------------


def test_second_derivatives_by_32_numbers_share_their_evaluations() -> None:
    calls = 0

    def loss(v: list[Any]) -> Any:
        nonlocal calls
        calls += 1
        return ag.total([ag.sin(a) * b for a, b in pairwise(v)]) * 0.1 + ag.exp(v[0])

    start = time.process_time()
    verdict = check(loss, [0.1 * i for i in range(1, 33)], 2)
    assert verdict
    assert len(verdict.components) == 32 + 32 * 32
    assert calls < 15_000
    assert time.process_time() - start < 6.0  # about 1 s on an idle machine


def test_a_hidden_part_of_a_hessian_is_found_in_its_row() -> None:
    def f(x: Any, y: Any, z: Any) -> Any:
        return x * y * z + (0.0 if isinstance(x, Opaque) else math.sin(x) * y)  # as blind as an oracle can be

    right = [[-math.sin(1.0) * 2, 3 + math.cos(1.0), 2.0], [3 + math.cos(1.0), 0.0, 1.0], [2.0, 1.0, 0.0]]
    wrong = [[0.0, 3.0, 2.0], [3.0, 0.0, 1.0], [2.0, 1.0, 0.0]]
    slopes = lambda x, y, z: [y * z + math.cos(x) * y, x * z + math.sin(x), x * y]  # noqa: E731
    for claim in (right, wrong):  # sharp and plain contradict each other, and nobody knows
        verdict = check(f, (1.0, 2.0, 3.0), 2, gradient=slopes, hessian=lambda *_, claim=claim: claim)
        assert verdict.outcome == "inconclusive"
        assert "against" in verdict.oracle
