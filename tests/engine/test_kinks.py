"""Kinks: found in the graph and in the numbers, judged by their slopes, and by the documented convention at ties."""

import pytest

from autograd_lite import Value, abs, ceil, clamp, floor, fmod, hypot, leaky_relu, maximum, minimum, relu, sign, sqrt, total, where
from autograd_lite.engine.primitive import Binary, Edge, SpecialPoint, Unary
from autograd_lite.engine.primitives import TABLE
from autograd_lite.nn import MLP
from autograd_lite.testing import as_function, check, kinks

TIES = [
    (relu, 0.0),
    (abs, 0.0),
    (sign, 0.0),
    (floor, 1.0),
    (floor, -3.0),
    (ceil, 2.0),
    (fmod, (6.0, 3.0)),
    (maximum, (1.0, 1.0)),
    (maximum, (2.5, 2.5)),
    (minimum, (-2.5, -2.5)),
    (lambda x: clamp(x, -1.0, 1.0), 1.0),
    (lambda x: clamp(x, -1.0, 1.0), -1.0),
    (lambda x: leaky_relu(x), 0.0),
    (lambda x: where(x > 0.0, x * x, lambda: -x), 0.0),
    (hypot, (0.0, 0.0)),
    (sqrt, 0.0),
    (lambda x, y: relu(x * y), (0.0, 3.0)),
    (lambda x: relu(x) ** 2, 0.0),
    (lambda x: relu(x) - relu(-x), 0.0),
]


@pytest.mark.parametrize("number", range(len(TIES)))
def test_the_engine_agrees_at_every_tie(number: int) -> None:
    verdict = check(*TIES[number])
    assert verdict, str(verdict)


@pytest.mark.parametrize("distance", [1e-3, 1e-6, 1e-9, 1e-12, 1e-15, -1e-15, -1e-9, -1e-3])
@pytest.mark.parametrize("f", [relu, abs, lambda x: clamp(x, 0.0, 1.0), lambda x: maximum(x, -x), lambda x: where(x > 0, 2 * x, x)])
def test_the_engine_agrees_beside_a_kink(f, distance: float) -> None:
    verdict = check(f, distance)
    assert verdict, str(verdict)


def test_every_special_point_of_the_table_is_judged_without_a_false_alarm() -> None:
    for primitive in TABLE.values():
        for special in primitive.special_points:
            if primitive.public:
                verdict = check(as_function(primitive), tuple(special.operands))
                wrong = [str(component) for component in verdict.components if component.outcome == "disagrees"]
                assert not wrong, (primitive, special.operands, wrong)


# ---- what a claim may be -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "outcome"), [(0.0, "agrees"), (0.5, "agrees"), (1.0, "agrees"), (-1e-6, "disagrees"), (1.001, "disagrees")]
)
def test_exactly_the_closed_interval_between_the_slopes_is_accepted(claim: float, outcome: str) -> None:
    assert check(lambda x: max(x, 0.0), 0.0, gradient=lambda x: claim).outcome == outcome
    assert check(relu, 0.0, gradient=lambda x: claim).outcome == outcome


def test_beside_a_kink_only_the_derivative_is_accepted() -> None:
    for claim, outcome in ((1.0, "agrees"), (0.5, "disagrees"), (0.0, "disagrees")):
        assert check(relu, 1e-9, gradient=lambda x, claim=claim: claim).outcome == outcome


def test_at_a_tie_the_engine_must_hold_what_the_table_documents() -> None:
    class OtherRelu(Unary):
        symbol, smooth, special_points = "relu({x})", False, relu.special_points

        def forward(self, x: float) -> float:
            return max(x, 0.0)

        def dx(self, x: float, out: float) -> float:
            return float(x >= 0.0)

    verdict = check(OtherRelu(), 0.0)
    assert verdict.outcome == "disagrees"
    assert (verdict.oracle, verdict.claimed, verdict.expected) == ("documented convention", 1.0, 0.0)
    assert "`relu(x)` at 0.0" in str(verdict)


def test_a_tie_of_other_operands_is_documented_by_a_special_point_of_the_same_order() -> None:
    class OtherMaximum(Binary):
        smooth, special_points = False, maximum.special_points

        def forward(self, x: float, y: float) -> float:
            return max(x, y)

        def dx(self, x: float, y: float, out: float) -> float:
            return float(x >= y)

        def dy(self, x: float, y: float, out: float) -> float:
            return float(x < y)

    assert check(OtherMaximum(), (7.0, 7.0)).outcome == "disagrees"
    assert check(OtherMaximum(), (7.0, 8.0)).outcome == "agrees"


def test_special_points_may_be_declared_by_their_old_name() -> None:
    """`edges` of a class or an instance, for it and its subclasses, whichever name those use; `Edge` is `SpecialPoint`."""
    assert Edge is SpecialPoint
    assert relu.edges == relu.special_points == type(relu).edges

    class OldRelu(Unary):
        smooth, edges = False, (Edge((0.0,), (0.0,)),)

        def forward(self, x: float) -> float:
            return max(x, 0.0)

        def dx(self, x: float, out: float) -> float:
            return float(x >= 0.0)

    class NewRelu(OldRelu):
        special_points = (SpecialPoint((0.0,), (1.0,)),)

    class OldestRelu(NewRelu):
        edges = (Edge((0.0,), (0.5,)),)

    for cls, convention in ((OldRelu, 0.0), (NewRelu, 1.0), (OldestRelu, 0.5)):
        assert [point.partials for point in cls.special_points] == [(convention,)]
        assert cls.edges is cls.special_points is cls().edges is cls().special_points
        verdict = check(cls(), 0.0)
        assert (verdict.outcome, verdict.expected) == ("agrees" if convention == 1.0 else "disagrees", convention)
    changed = NewRelu()
    changed.edges = OldRelu.special_points
    assert changed.special_points == changed.edges == OldRelu.edges
    assert check(changed, 0.0).outcome == "disagrees"
    with pytest.raises(TypeError, match=r"^Both sets both `special_points` and `edges`, its old name; keep `special_points`$"):
        type("Both", (Unary,), {"edges": (), "special_points": ()})


def test_a_users_primitive_with_a_kink_needs_no_registration() -> None:
    class Huberish(Unary):
        symbol = "huberish({x})"
        smooth = False
        special_points = (SpecialPoint((1.0,), (1.5,)),)

        def forward(self, x: float) -> float:
            return x * x / 2.0 if x < 1.0 else 2.0 * x - 1.5

        def dx(self, x: float, out: float) -> float:
            return x if x < 1.0 else 2.0 if x > 1.0 else self.at_kink

    good, bad = Huberish(), Huberish()
    good.at_kink, bad.at_kink = 1.5, 1.25
    assert check(good, 1.0)
    assert check(good, 0.5)
    assert check(good, 3.0)
    assert check(bad, 1.0).outcome == "disagrees"


# ---- finding them ------------------------------------------------------------------------------------------------------------


def test_ties_and_kinks_within_reach_are_found_in_the_graph() -> None:
    x, y = Value(0.0, label="x"), Value(1.0, label="y")
    tie, near, far = relu(x), maximum(y, 1.0 + 1e-8), abs(y)
    found = kinks(total([tie, near, far]), reach=1e-6)
    assert [kink.node for kink in found] == [tie, near]
    assert [kink.is_tie for kink in found] == [True, False]
    assert [kink.node for kink in kinks(total([tie, near, far]), reach=2.0)] == [tie, near, far]


def test_reach_grows_with_the_slopes_on_the_way() -> None:
    x = Value(1.0)
    steep = relu((x - 1.0 + 1e-9) * 1e6)
    assert len(kinks(steep, reach=1e-8)) == 1
    assert not kinks(steep, reach=1e-11)


def test_kinks_among_constants_do_not_count() -> None:
    x = Value(2.0)
    assert not kinks(x * relu(Value(0.0, requires_grad=False)))


def test_jumps_and_kinks_of_any_callable_are_seen_in_the_numbers() -> None:
    assert check(lambda x: max(x, 3 * x), 0.0, gradient=lambda x: 2.0)
    assert check(lambda x: max(x, 3 * x), 0.0, gradient=lambda x: 0.9).outcome == "disagrees"


# ---- networks ----------------------------------------------------------------------------------------------------------------


def relu_net(weights, x):
    hidden = [relu(w[0] * x[0] + w[1] * x[1] + w[2]) for w in weights[:3]]
    return total([w * h for w, h in zip(weights[3], hidden, strict=True)])


WEIGHTS = [[0.5, -1.0, 0.0], [1.5, 0.25, 0.0], [-0.75, 0.5, 0.25], [1.0, -2.0, 0.5]]


@pytest.mark.parametrize("x", [[0.0, 0.0], [1.0, 0.5], [0.0, 1.0], [-1e-12, 1e-12], [2.0, 1.0]])
def test_relu_nets_are_testable_at_any_point(x: list[float]) -> None:
    verdict = check(relu_net, (WEIGHTS, x))
    assert verdict, str(verdict)


def test_a_relu_net_of_zeros_is_testable() -> None:
    verdict = check(relu_net, ([[0.0] * 3] * 4, [0.0, 0.0]))
    assert verdict, str(verdict)


def test_a_model_is_testable_by_its_inputs() -> None:
    model = MLP(2, [4, 1], activation="relu", seed=1)
    assert check(lambda x: model(x)[0] if isinstance(model(x), list) else model(x), ([0.0, 0.0],))
