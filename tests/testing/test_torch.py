"""`check_torch`: what is right is acquitted, what is wrong is named by its index, and what nobody can tell says why."""

import doctest
import math
from typing import Any

import pytest

from autograd_lite.engine.extras import advice, is_here

if not is_here("torch"):
    pytest.skip(advice("torch"), allow_module_level=True)

import torch

from autograd_lite.testing import check_torch
from autograd_lite.testing.contracts import TorchContract
from tests.processes import REPOSITORY
from tests.skipped_examples import run_example

DOUBLE = torch.float64
torch.set_num_threads(1)  # for tensors as small as these a second one is all waiting


def made(forward: Any, backward: Any, *, many: bool = False) -> Any:
    """An autograd.Function of these two; `backward(x, g)` gives the gradient of the one argument, or of many."""

    class Made(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *x: Any) -> Any:
            ctx.save_for_backward(*x)
            return forward(*x)

        @staticmethod
        def backward(ctx: Any, *g: Any) -> Any:
            return backward(*ctx.saved_tensors, *g)

    return Made


def points(*numbers: float, dtype: Any = DOUBLE) -> Any:
    return torch.tensor(numbers, dtype=dtype)


Sine = made(torch.sin, lambda x, g: g * torch.cos(x))


# ---- right and wrong ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [DOUBLE, torch.float32, torch.float16, torch.bfloat16])
def test_a_right_function_is_acquitted_in_every_precision(dtype: Any) -> None:
    verdict = check_torch(Sine, points(0.5, -1.25, 2.0, dtype=dtype))
    assert verdict, verdict
    assert len(verdict.components) == 9
    assert [each.name for each in verdict.components][:2] == ["d out[0]/d x[0]", "d out[1]/d x[0]"]


@pytest.mark.parametrize(("dtype", "factor"), [(DOUBLE, 1 + 2e-9), (torch.float32, 1 + 33 * 2.0**-23), (torch.bfloat16, 1.5)])
def test_a_factor_beyond_the_resolution_is_convicted(dtype: Any, factor: float) -> None:
    wrong = made(torch.sin, lambda x, g: g * torch.cos(x) * factor)
    assert check_torch(wrong, points(0.5, dtype=dtype)).outcome == "disagrees"


def test_a_wrong_entry_is_named_by_argument_and_index() -> None:
    def backward(x: Any, w: Any, g: Any) -> Any:
        by_w = x.T @ g
        by_w[2, 1] *= 1 + 1e-6
        return g @ w.T, by_w

    torch.manual_seed(0)
    product = made(lambda x, w: x @ w, backward)
    for rows, columns in ((2, 3), (6, 5)):
        verdict = check_torch(product, (torch.randn(rows, 4, dtype=DOUBLE), torch.randn(4, columns, dtype=DOUBLE)))
        assert verdict.outcome == "disagrees"
        assert verdict.worst.name.endswith("/d x[1][2, 1]"), verdict.worst.name  # the parameter is called *x
        assert "to" not in verdict.worst.name, "one result, one number"


def test_of_many_numbers_the_bar_is_that_of_the_entry() -> None:
    torch.manual_seed(1)
    x = torch.randn(30, 20, dtype=DOUBLE)
    verdict = check_torch(made(torch.tanh, lambda x, g: g / torch.cosh(x) ** 2), x)
    assert verdict, verdict
    assert len(verdict.components) < 20
    assert "along random directions" in verdict.oracle

    def one_wrong(x: Any, g: Any) -> Any:
        found = g / torch.cosh(x) ** 2
        found[21, 17] += 10.0 * verdict.error_bar
        return found

    wrong = check_torch(made(torch.tanh, one_wrong), x)
    assert wrong.outcome == "disagrees"
    assert "d x[21, 17]" in wrong.worst.name


@pytest.mark.parametrize("pairs", [64, 256])
def test_a_turn_the_wrong_way_is_convicted_however_many_numbers(pairs: int) -> None:
    def turned(x: Any, angle: float) -> Any:
        cosine, sine, (a, b) = math.cos(angle), math.sin(angle), x.unbind(-1)
        return torch.stack((cosine * a - sine * b, sine * a + cosine * b), -1)

    for angle, outcome in ((-0.3, "agrees"), (0.3, "disagrees")):
        rotary = made(lambda x: turned(x, 0.3), lambda x, g, angle=angle: turned(g, angle))
        verdict = check_torch(rotary, torch.linspace(-1.0, 1.0, 2 * pairs, dtype=DOUBLE).reshape(pairs, 2))
        assert verdict.outcome == outcome, verdict


@pytest.mark.parametrize(
    ("name", "backward"),
    {
        "ignores it": lambda x, g: torch.cos(x),
        "its size": lambda x, g: g.abs() * torch.cos(x),
        "its square": lambda x, g: g * g * torch.cos(x),
        "clipped": lambda x, g: g.clamp(-1.0, 1.0) * torch.cos(x),
        "normalized": lambda x, g: g / g.norm() * torch.cos(x),
    }.items(),
)
def test_a_backward_that_is_not_linear_in_its_gradient_is_convicted(name: str, backward: Any) -> None:
    assert check_torch(made(torch.sin, backward), points(0.5, 1.0)).outcome == "disagrees"


def test_a_gradient_of_zeros_leads_to_zeros() -> None:
    verdict = check_torch(made(torch.sin, lambda x, g: g * torch.cos(x) * g.norm() / g.norm()), points(0.5, 1.0))
    assert verdict.outcome == "disagrees"
    assert "a gradient of zeros came in" in verdict.oracle


# ---- kinks, jumps, conventions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at_zero", [0.0, 0.5, 1.0])
def test_relu_at_its_kink_is_acquitted_with_any_subgradient(at_zero: float) -> None:
    def backward(x: Any, g: Any) -> Any:
        return g * torch.where(x > 0, 1.0, torch.where(x == 0, at_zero, 0.0))

    assert check_torch(made(torch.relu, backward), points(0.0, 1.0, -1.0))
    many = torch.zeros(3, 25, dtype=DOUBLE)  # every entry of a mixture is on its kink
    many[0] = 1.0
    assert check_torch(made(torch.relu, backward), many).outcome in ("agrees", "inconclusive")


@pytest.mark.parametrize("at_zero", [-0.25, 1.5])
def test_relu_with_a_slope_outside_is_convicted(at_zero: float) -> None:
    wrong = made(torch.relu, lambda x, g: g * torch.where(x > 0, 1.0, torch.where(x == 0, at_zero, 0.0)))
    assert check_torch(wrong, points(0.0, 1.0)).outcome == "disagrees"


def test_a_straight_through_estimator_is_convicted() -> None:
    verdict = check_torch(made(torch.round, lambda x, g: g), points(0.3, 1.2))
    assert verdict.outcome == "disagrees"
    assert (verdict.claimed, verdict.expected) == (1.0, 0.0)


# ---- what functions are like -------------------------------------------------------------------------------------------------


def test_layouts_integers_and_arguments_without_gradients() -> None:
    take = made(
        lambda x, index: x[index] * x[index], lambda x, index, g: (torch.zeros_like(x).index_add(0, index, 2 * g * x[index]), None)
    )
    x = torch.arange(12.0, dtype=DOUBLE).reshape(3, 4).T[::2]  # not contiguous
    assert not x.is_contiguous()
    assert check_torch(take, (x, torch.tensor([1, 0, 1])))
    assert check_torch(lambda x, y: x * y.exp(), (torch.ones(1, dtype=DOUBLE).expand(5), torch.zeros(5, dtype=DOUBLE)))
    half = points(1.0).requires_grad_(), points(2.0)
    assert [each.name for each in check_torch(lambda x, y: x * y, half).components] == ["d out[0]/d x[0]"]
    with pytest.raises(TypeError, match="by tensors of floating point"):
        check_torch(torch.sin, torch.tensor([1, 2]))
    with pytest.raises(TypeError, match=r"real tensors; give a complex one as torch\.view_as_real"):
        check_torch(torch.sin, torch.tensor([1j]))
    with pytest.raises(TypeError, match=r"requires a gradient: is it detached"):
        check_torch(lambda x: x.detach() * 2, points(1.0))
    with pytest.raises(ValueError, match="finite numbers"):
        check_torch(torch.sin, points(float("nan")))


def test_the_strides_of_the_point_are_kept() -> None:
    seen = []

    def function(x: Any) -> Any:
        seen.append(x.stride())
        return x * x

    check_torch(function, torch.ones(2, 3, dtype=DOUBLE).T)
    assert set(seen) == {(1, 3)}


def test_none_for_a_gradient_is_zero() -> None:
    forgotten = made(lambda x, y: x * y, lambda x, y, g: (g * y, None))
    verdict = check_torch(forgotten, (points(2.0), points(3.0)))
    assert verdict.outcome == "disagrees"
    assert (verdict.claimed, verdict.expected) == (0.0, 2.0)
    assert check_torch(lambda x, y: x * x + 0.0 * y.detach(), (points(2.0), points(3.0)))


def test_several_results_of_which_some_have_no_gradient() -> None:
    verdict = check_torch(lambda x: {"value": x.sin(), "where": x.argmax(), "more": [x.cos()]}, points(0.5, 1.0))
    assert verdict, verdict
    assert {each.name.split("/")[0] for each in verdict.components} == {
        "d out['value'][0]", "d out['value'][1]", "d out['more'][0][0]", "d out['more'][0][1]",
    }  # fmt: skip
    detached = check_torch(lambda x: (x.sin(), x.detach() ** 2), points(0.5))
    assert detached.outcome == "disagrees"
    assert detached.worst.name == "d out[1][0]/d x[0]"


def test_a_module_is_judged_by_its_parameters_too_and_left_as_it_was() -> None:
    torch.manual_seed(0)

    class Scaled(torch.nn.Module):
        def __init__(self, backward: Any) -> None:
            super().__init__()
            self.scale = torch.nn.Parameter(torch.tensor([1.5, -0.5], dtype=DOUBLE))
            self.frozen = torch.nn.Parameter(torch.tensor(2.0, dtype=DOUBLE), requires_grad=False)
            self.register_buffer("seen", torch.tensor(0.0))
            self.apply_ = made(lambda x, s: x * s, backward).apply

        def forward(self, x: Any) -> Any:
            self.seen += 1
            return self.frozen * self.apply_(x, self.scale)

    x = torch.randn(2, 2, dtype=DOUBLE)
    right = Scaled(lambda x, s, g: (g * s, (g * x).sum(0)))
    verdict = check_torch(right, x)
    assert verdict, verdict
    assert any("d scale[1]" in each.name for each in verdict.components)
    assert not any("frozen" in each.name for each in verdict.components)
    assert (right.seen.item(), right.scale.grad) == (0.0, None)
    wrong = check_torch(Scaled(lambda x, s, g: (g * s, (g * x)[0])), x)  # forgets the sum over the broadcast rows
    assert wrong.outcome == "disagrees"
    assert "d scale[" in wrong.worst.name
    assert check_torch(torch.nn.Linear(2, 1), torch.randn(2, 2))


def test_chance_is_inconclusive_and_says_so() -> None:
    x = torch.ones(5, dtype=DOUBLE)
    verdict = check_torch(torch.nn.Dropout(0.01), x)
    assert verdict.outcome == "inconclusive"
    assert "draws random numbers; fix them" in str(verdict)
    assert check_torch(torch.nn.Dropout(0.5).eval(), x)

    def seeded(x: Any) -> Any:
        torch.manual_seed(7)
        return torch.nn.functional.dropout(x, 0.5) * x

    assert check_torch(seeded, x)
    counted = []

    def stateful(x: Any) -> Any:
        counted.append(1)
        return x * len(counted)

    assert "or a state?" in str(check_torch(stateful, x))
    backward = check_torch(made(torch.sin, lambda x, g: g * torch.cos(x) * torch.rand(())), x)
    assert backward.outcome == "inconclusive"
    assert "two backward passes at the same point differ" in str(backward)


def test_what_is_written_into_is_noticed() -> None:
    def scaled(x: Any, g: Any) -> Any:
        return g.mul_(torch.cos(x))

    verdict = check_torch(made(torch.sin, scaled), points(0.5, 1.0))
    assert verdict.outcome == "disagrees"
    assert "backward wrote into it" in verdict.oracle

    class Inside(torch.autograd.Function):
        marks = False

        @classmethod
        def _forward(cls, ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x.clone())
            if cls.marks:
                ctx.mark_dirty(x)
            return x.mul_(x)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return 2.0 * g * ctx.saved_tensors[0]

    class Told(Inside):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x.clone())
            ctx.mark_dirty(x)
            return x.mul_(x)

    class Untold(Inside):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x.clone())
            return x.mul_(x).clone()

    assert check_torch(Told, points(0.5, 1.5))
    verdict = check_torch(Untold, points(0.5, 1.5))
    assert verdict.outcome == "disagrees"
    assert "autograd was not told" in verdict.oracle


def test_a_gradient_that_is_not_contiguous_leads_to_the_same() -> None:
    as_strided = made(
        torch.sin,
        lambda x, g: torch.as_strided(g, g.shape, torch.empty(g.shape).stride()) * torch.cos(x) if g.stride() != (0,) else g * 0,
    )
    verdict = check_torch(as_strided, points(0.5, 1.0))
    assert verdict.outcome == "disagrees"
    assert "a gradient that is not contiguous" in verdict.oracle


def test_gradients_that_cancel_are_not_accused() -> None:
    """Those of the sum of what was made to have a fixed sum: all that is left is rounding."""
    torch.manual_seed(0)
    x = torch.randn(3, 4)
    for function in (lambda x: torch.softmax(x, 1), torch.nn.BatchNorm1d(4), lambda x: x - x.mean(1, keepdim=True)):
        verdict = check_torch(function, x)
        assert verdict.outcome != "disagrees", verdict  # BatchNorm's loses so many digits that three entries are inconclusive


def test_inside_no_grad_it_is_the_same() -> None:
    with torch.no_grad():
        assert check_torch(Sine, points(0.5))
        assert check_torch(torch.nn.Linear(1, 1).double(), points(0.5))


def test_forward_mode_is_held_against_reverse_mode() -> None:
    def of(factor: float) -> Any:
        class Both(torch.autograd.Function):
            @staticmethod
            def forward(x: Any) -> Any:
                return x * x

            @staticmethod
            def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
                ctx.save_for_backward(*inputs)
                ctx.save_for_forward(*inputs)

            @staticmethod
            def backward(ctx: Any, g: Any) -> Any:
                return 2 * g * ctx.saved_tensors[0]

            @staticmethod
            def jvp(ctx: Any, t: Any) -> Any:
                return 2 * factor * t * ctx.saved_tensors[0]

        return Both

    assert check_torch(of(1.0), points(3.0, 0.5))
    wrong = check_torch(of(1.0 + 1e-9), points(3.0, 0.5))
    assert wrong.outcome == "disagrees"
    assert "in forward mode" in wrong.worst.name


def test_second_derivatives_are_those_of_double_backward() -> None:
    assert check_torch(Sine, points(0.5, 1.0), 2)
    first_only = made(torch.exp, lambda x, g: g * torch.exp(x.detach()))
    assert check_torch(first_only, points(0.5))
    verdict = check_torch(first_only, points(0.5), 2)
    assert verdict.outcome == "disagrees"
    assert verdict.claimed == 0.0
    with pytest.raises(ValueError, match="order 1 or 2, got 3"):
        check_torch(Sine, points(0.5), 3)


def test_a_backward_that_cuts_its_gradient_off_has_wrong_second_derivatives() -> None:
    for cut, outcome in ((torch.clone, "agrees"), (torch.detach, "disagrees")):
        verdict = check_torch(made(torch.exp, lambda x, g, cut=cut: cut(g) * torch.exp(x)), points(0.5, -1.0), order=2)
        assert verdict.outcome == outcome, verdict
    assert "/d the gradient of out[" in verdict.worst.name


def test_a_function_that_keeps_its_argument_outside_of_ctx_is_convicted() -> None:
    kept = []

    class Kept(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            kept[:] = [x.detach().clone()]
            return torch.exp(x)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * torch.exp(kept[0])

    verdict = check_torch(Kept, points(0.5, 0.0))
    assert verdict.outcome == "disagrees" and "called once more before its backward pass" in str(verdict), verdict


def test_a_function_in_single_precision_only_is_judged_by_what_its_values_show() -> None:
    def narrow(factor: float) -> Any:
        return made(
            lambda x: torch.sin(x.float()).to(x.dtype) if x.dtype == torch.float32 else 1 / 0,
            lambda x, g: g * torch.cos(x) * factor,
        )

    x = points(0.5, 1.0, dtype=torch.float32)
    assert check_torch(narrow(1.0), x).outcome in ("agrees", "inconclusive")
    assert check_torch(narrow(1.001), x).outcome == "disagrees"


def test_a_function_that_is_another_in_double_precision_is_not_judged_by_it() -> None:
    def forward(x: Any) -> Any:
        return torch.sin(x) if x.dtype == torch.float32 else torch.sin(x) * 1.001

    x = points(0.5, 1.0, dtype=torch.float32)
    assert check_torch(made(forward, lambda x, g: g * torch.cos(x) * 1.001), x).outcome == "disagrees"
    assert check_torch(made(forward, lambda x, g: g * torch.cos(x)), x).outcome in ("agrees", "inconclusive")


def test_the_claims_of_a_function_that_computes_double_numbers_in_single_precision_are_not_accused() -> None:
    verdict = check_torch(lambda x: torch.sin(x.float()).double(), points(0.5, 1.0))
    assert verdict.outcome in ("agrees", "inconclusive"), verdict


# ---- the page ----------------------------------------------------------------------------------------------------------------


def test_the_examples_of_the_page_run() -> None:
    found = doctest.testfile(str(REPOSITORY / "docs" / "torch-function.md"), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert found.attempted >= 8
    assert found.failed == 0


def test_the_examples_of_docstrings_run() -> None:
    run_example(check_torch)
    run_example(TorchContract)
