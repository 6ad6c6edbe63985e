"""Random programs over the whole table: against fifty digits, and against themselves (properties that need no oracle)."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, note, settings, target
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.engine.primitives import TABLE
from tests.random_programs import NearKink, Program, amplification, exact_gradient, exact_hessian, is_hopeless, programs, run

# Random graphs go through sqrt(x * x) at 0, and nan is what is compared.
pytestmark = pytest.mark.filterwarnings("ignore::autograd_lite.NanGradientWarning")

EPS = 2.0**-53
SLACK = 64.0  # roundings per step, at most: a rule is several operations
NOISE = 1e-40  # of the fifty digits themselves, where numbers of size 1 cancel to an exact 0
MOST_SKIPPED = 0.2


def _leaves(program: Program) -> list[Value]:
    return [Value(number) for number in program.leaves]


def _backward(program: Program, seed: float = 1.0) -> tuple[list[float], Value]:
    leaves = _leaves(program)
    root = run(program, leaves)[-1]
    root.backward(seed)
    return [leaf.grad for leaf in leaves], root


def _is_tame(root: Value) -> bool:
    """Whether no local derivative is infinite: beyond a vertical tangent sums and products of slopes are inf - inf and 0 * inf."""
    return all(math.isfinite(local) for node in ag.topological_order(root) for local in node.local_derivatives if local is not None)


class Tally:
    """How many programs were compared, and how many were left out as ill-conditioned or too near a kink."""

    def __init__(self) -> None:
        self.compared = self.skipped = 0
        self.rows: set[str] = set()

    def truth(self, exact: Callable[..., Any], program: Program) -> tuple[list[float], list[float]] | None:
        """The exact numbers and how far off rounding may bring them; None where nothing can be said."""
        try:
            truth, answers = amplification(exact, program)
        except NearKink:
            truth, answers = [0.0], [math.inf]
        if is_hopeless(truth, answers):
            self.skipped += 1
            return None
        self.compared += 1
        self.rows |= {step.row for step in program.steps}
        return truth, [SLACK * EPS * answer + 1e-300 for answer in answers]

    def check(self) -> None:
        share = self.skipped / (self.compared + self.skipped)
        assert share <= MOST_SKIPPED, f"{share:.0%} of the programs were left out"


def _compare(program: Program, got: list[float], truth: list[float], bounds: list[float], way: str) -> None:
    note(str(program))
    bounds = [bound + NOISE for bound in bounds]
    errors = [abs(number - exact) for number, exact in zip(got, truth, strict=True)]
    target(min(1e9, max(error / bound for error, bound in zip(errors, bounds, strict=True))), label=way)
    for number, exact, error, bound in zip(got, truth, errors, bounds, strict=True):
        assert error <= bound, f"got {number!r}, exact {exact!r}: off by {error:.3g}, rounding explains {bound:.3g}"


def test_gradients_against_fifty_digits() -> None:
    tally = Tally()

    @settings(max_examples=500)
    @given(programs())
    def compare(program: Program) -> None:
        known = tally.truth(exact_gradient, program)
        leaves = _leaves(program)
        root = run(program, leaves)[-1]
        if known and _is_tame(root):
            root.backward()
            # The noise of the oracle is in the operands; what the terms of a gradient lose by cancelling comes on top.
            bounds = [bound + SLACK * EPS * size for bound, size in zip(known[1], _scale(root, leaves), strict=True)]
            _compare(program, [leaf.grad for leaf in leaves], known[0], bounds, "backward")

    compare()
    tally.check()
    left_out = {name for name, row in TABLE.items() if row.public} - tally.rows
    assert len(left_out) <= 3, f"no compared program has {sorted(left_out)}"


def test_second_derivatives_against_fifty_digits() -> None:
    """Hessian, Hessian times vector, gradient of gradient: one truth."""
    tally = Tally()

    @settings(max_examples=60)
    @given(programs(smooth=True, most_steps=5))
    def compare(program: Program) -> None:
        known = tally.truth(exact_hessian, program)
        if not known:
            return
        symbols = _leaves(program)
        slopes = ag.gradients(run(program, symbols)[-1], symbols, differentiable=True)
        # The noise of the oracle is in the slopes; what the terms of a second derivative lose by cancelling comes on top.
        sizes = [size for slope in slopes for size in _scale(slope, symbols)]
        truth, bounds = known[0], [bound + SLACK * EPS * size for bound, size in zip(known[1], sizes, strict=True)]

        def function(v: list[Any]) -> Any:
            return run(program, v)[-1]

        leaves = list(program.leaves)
        count = len(leaves)
        hessian = ag.hessian(function)(leaves)
        _compare(program, [x for row in hessian for x in row], truth, bounds, "hessian")
        nested = [ag.grad(lambda v, i=i: ag.grad(function)(v)[i])(leaves) for i in range(count)]
        _compare(program, [x for row in nested for x in row], truth, bounds, "gradient of gradient")
        vector = [1.0, -2.0, 0.5][:count]
        along = [math.fsum(truth[i * count + j] * vector[j] for j in range(count)) for i in range(count)]
        allowed = [
            2 * sum((bounds[i * count + j] + EPS * abs(truth[i * count + j])) * 2 for j in range(count)) for i in range(count)
        ]
        _compare(program, ag.hvp(function)(leaves, vector=vector), along, allowed, "hvp")
        for i in range(count):
            for j in range(count):
                assert abs(hessian[i][j] - hessian[j][i]) <= bounds[i * count + j] + bounds[j * count + i]

    compare()
    tally.check()


# ---- properties that need no oracle ------------------------------------------------------------------------------------------


def _scale(root: Value, leaves: list[Value]) -> list[float]:
    """The sum over all paths of the product of |local derivative|, per leaf: what reordered additions may differ by, over eps."""
    order = ag.topological_order(root)
    sizes = {id(node): 0.0 for node in order}
    sizes[id(root)] = 1.0
    for node in reversed(order):
        for operand, local in zip(node.operands, node.local_derivatives, strict=True):
            if local is not None:
                sizes[id(operand)] += abs(local) * sizes[id(node)]
    return [sizes.get(id(leaf), 0.0) for leaf in leaves]


@given(programs())
def test_values_are_bit_identical_to_plain_floats(program: Program) -> None:
    plain, recorded = run(program, program.leaves), run(program, _leaves(program))
    for number, value in zip(plain, recorded, strict=True):
        assert type(number) is float
        assert number.hex() == value.data.hex()
    with ag.no_grad():
        assert run(program, _leaves(program))[-1].data.hex() == plain[-1].hex()


@given(programs(), st.integers(-30, 30))
def test_seeds_that_are_powers_of_two_scale_exactly(program: Program, exponent: int) -> None:
    once, root = _backward(program)
    assume(_is_tame(root))
    scaled, _ = _backward(program, 2.0**exponent)
    tiny = any(0.0 < abs(x) < 1e-200 for x in once)
    assert tiny or scaled == [math.ldexp(x, exponent) for x in once]


@given(programs(), st.floats(-10.0, 10.0))
def test_backward_is_linear_in_its_seed(program: Program, seed: float) -> None:
    leaves = _leaves(program)
    root = run(program, leaves)[-1]
    root.backward(seed)
    bounds = _scale(root, leaves)
    assume(_is_tame(root))
    for leaf, once, bound in zip(leaves, _backward(program)[0], bounds, strict=True):
        assert abs(leaf.grad - seed * once) <= 8 * len(program.steps) * 8 * EPS * abs(seed) * bound + 1e-300


@given(programs())
def test_a_second_backward_gives_the_same_bits(program: Program) -> None:
    leaves = _leaves(program)
    root = run(program, leaves)[-1]
    root.backward()
    assume(_is_tame(root))
    first = [leaf.grad for leaf in leaves]
    root.backward()
    bounds = [8 * len(program.steps) * EPS * size + 1e-300 for size in _scale(root, leaves)]
    assert all(abs(leaf.grad - 2.0 * x) <= bound for leaf, x, bound in zip(leaves, first, bounds, strict=True))
    root.zero_grad()
    root.backward()
    assert [leaf.grad.hex() for leaf in leaves] == [x.hex() for x in first]


@given(programs())
def test_every_way_to_a_gradient_gives_the_same(program: Program) -> None:
    """backward, gradients, its differentiable twin, grad, jacobian: one order of the same products, up to reordered sums."""
    leaves = _leaves(program)
    numbers = run(program, leaves)
    root = numbers[-1]
    assume(_is_tame(root))
    root.backward()
    bounds = [8 * len(numbers) * EPS * size + 1e-300 for size in _scale(root, leaves)]
    ways = {
        "gradients": ag.gradients(root, leaves),
        "differentiable": [slope.data for slope in ag.gradients(root, leaves, differentiable=True)],
        "grad": ag.grad(lambda v: run(program, v)[-1])(list(program.leaves)),
        "jacobian": ag.jacobian(lambda v: run(program, v))(list(program.leaves))[-1],
    }
    for name, slopes in ways.items():
        for leaf, slope, bound in zip(leaves, slopes, bounds, strict=True):
            assert abs(slope - leaf.grad) <= bound, name
    inner = ag.gradients(root, numbers)
    for node, slope in zip(numbers, inner, strict=True):
        if node.primitive is not None and slope:
            assert math.isclose(node.grad, slope, rel_tol=1e-6) or abs(node.grad - slope) <= 1e-6 * abs(slope) + 1e-6


@given(programs())
def test_the_second_pass_of_rules_agrees_with_the_stored_numbers(program: Program) -> None:
    """`gradients(differentiable=True)` holds every partial against the recorded one and raises where they differ by a bit."""
    for root in run(program, _leaves(program)):
        ag.gradients(root, ag.topological_order(root), differentiable=True)


@given(programs(), st.randoms(use_true_random=False))
def test_the_order_in_which_nodes_are_made_does_not_matter(program: Program, random: Any) -> None:
    """The same graph, its steps made in another order that respects their operands."""
    expected, root = _backward(program)
    leaves = _leaves(program)
    made: dict[int, Any] = dict(enumerate(leaves))
    waiting = {len(leaves) + i: step for i, step in enumerate(program.steps)}
    while waiting:
        ready = [place for place, step in waiting.items() if all(operand in made for operand in step.places)]
        place = random.choice(ready)
        single = Program((), (waiting.pop(place),))
        made[place] = run(_shifted(single), [made[operand] for operand in single.steps[0].places])[-1]
    again = made[len(leaves) + len(program.steps) - 1]
    assert again.data.hex() == root.data.hex()
    again.backward()
    assert [leaf.grad.hex() for leaf in leaves] == [x.hex() for x in expected]


def _shifted(single: Program) -> Program:
    """A program of one step whose operands are its leaves, in order."""
    step = single.steps[0]
    return Program((), (type(step)(step.row, tuple(range(len(step.places))), step.scale, step.shift),))


whole = st.integers(-4, 4).map(float)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(whole, min_size=2, max_size=4),
    st.lists(st.tuples(st.sampled_from("+-*td"), st.integers(0), st.integers(0)), max_size=8),
)
def test_whole_numbers_are_differentiated_exactly(leaves: list[float], steps: list[tuple[str, int, int]]) -> None:
    """Sums and products of small whole numbers, against fractions with their own reverse sweep: every bit, in any order."""
    values: list[Any] = [Value(x) for x in leaves]
    duals: list[list[Fraction]] = [[Fraction(x), *(Fraction(i == j) for j in range(len(leaves)))] for i, x in enumerate(leaves)]
    for operator, i, j in steps:
        a, b = values[-1 - i % len(values)], values[-1 - j % len(values)]
        da, db = duals[-1 - i % len(duals)], duals[-1 - j % len(duals)]
        product = [da[0] * db[0], *(da[0] * q + db[0] * p for p, q in zip(da[1:], db[1:], strict=True))]
        if operator == "+":
            values.append(a + b)
            duals.append([p + q for p, q in zip(da, db, strict=True)])
        elif operator == "-":
            values.append(a - b)
            duals.append([p - q for p, q in zip(da, db, strict=True)])
        elif operator == "*":
            values.append(a * b)
            duals.append(product)
        elif operator == "t":
            values.append(ag.total([a, b, a]))
            duals.append([2 * p + q for p, q in zip(da, db, strict=True)])
        else:
            values.append(ag.dot([a, 2.0], [b, a], b))
            duals.append([p + 2 * q + r for p, q, r in zip(product, da, db, strict=True)])
    if any(abs(x) > 2**50 for dual in duals for x in dual):
        return
    root = values[-1]
    root.backward()
    got = [value.grad for value in values[: len(leaves)]]
    assert [root.data, *got] == duals[-1]
    assert [root.data, *ag.gradients(root, values[: len(leaves)])] == duals[-1]
