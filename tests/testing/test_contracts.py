"""Contracts that one derives from, and the strategies that draw functions and points: they pass what is right and find what is not."""

import math
from typing import Any

import numpy
import pytest
from hypothesis import find, given, settings

import autograd_lite as ag
from autograd_lite.engine.extras import advice, is_here
from autograd_lite.primitive import Unary
from autograd_lite.testing import assert_gradients, check_jax, check_torch
from autograd_lite.testing.contracts import ArrayContract, JaxContract, PrimitiveContract, TorchContract
from autograd_lite.testing.hypothesis import functions, points_like

torch_only = pytest.mark.skipif(not is_here("torch"), reason=advice("torch"))
jax_only = pytest.mark.skipif(not is_here("jax"), reason=advice("jax"))


class Versine(Unary):
    symbol = "versine({x})"

    def forward(self, x: Any) -> Any:
        return 2.0 * ag.square(ag.sin(0.5 * x))

    def dx(self, x: Any, out: Any) -> Any:
        return ag.sin(x)


class WrongVersine(Versine):
    def dx(self, x: Any, out: Any) -> Any:
        return ag.sin(x) * (1.0 + 1e-9)


versine, wrong_versine = Versine(), WrongVersine()


class TestVersine(PrimitiveContract):
    primitive = versine
    reference = staticmethod(lambda x: 1.0 - math.cos(x))


def test_a_wrong_primitive_breaks_its_contract() -> None:
    class Wrong(PrimitiveContract):
        primitive = wrong_versine

    with pytest.raises(AssertionError, match="wrongversine is wrong in partials"):
        Wrong().test_it_is_right_in_every_way()


def failing(contract: ArrayContract) -> list[str]:
    """The names of the tests of a contract that fail."""
    found = []
    for name in sorted(vars(ArrayContract).keys() | vars(type(contract).__mro__[1]).keys()):
        if name.startswith("test"):
            try:
                getattr(contract, name)()
            except AssertionError:
                found.append(name)
    return found


def sine_of_torch(change: Any) -> Any:
    import torch

    class Sine(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return torch.sin(x)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return change(g, ctx.saved_tensors[0])

    return Sine


@torch_only
def test_the_contract_of_pytorch() -> None:
    import torch

    def contract(change: Any) -> Any:
        class Sine(TorchContract):
            function = sine_of_torch(change)
            points = (torch.tensor([0.5, -1.0]), (torch.tensor([[0.25]]),))

        return Sine()

    everything = [name for name in vars(ArrayContract) | vars(TorchContract) if name.startswith("test")]
    assert len(everything) == 4
    assert failing(contract(lambda g, x: g * torch.cos(x))) == []
    assert failing(contract(lambda g, x: 1.01 * g * torch.cos(x))) == sorted(everything)
    assert failing(contract(lambda g, x: g * torch.cos(x.detach()))) == ["test_its_second_derivatives_are_right"]
    assert failing(contract(lambda g, x: g * torch.cos(x) * (1.0 + (not x.is_contiguous())))) == [
        "test_its_arguments_need_not_be_contiguous"
    ]
    rough = failing(contract(lambda g, x: g * torch.cos(x) * (1.0 + 1e-7)))
    assert rough == ["test_its_derivatives_are_right_in_double_precision", "test_its_second_derivatives_are_right"]


@jax_only
def test_the_contract_of_jax() -> None:
    import jax
    import jax.numpy as jnp

    def contract(change: Any) -> Any:
        @jax.custom_vjp
        def sine(x: Any) -> Any:
            return jnp.sin(x)

        sine.defvjp(lambda x: (jnp.sin(x), x), lambda x, g: (change(g, x),))

        class Sine(JaxContract):
            function = sine
            points = (jnp.array([0.5, -1.0]),)

        return Sine()

    assert failing(contract(lambda g, x: g * jnp.cos(x))) == []
    everything = failing(contract(lambda g, x: 1.01 * g * jnp.cos(x)))
    assert everything == sorted(name for name in vars(ArrayContract) if name.startswith("test"))
    in_copies = failing(contract(lambda g, x: g * jnp.cos(x) * (1.0 + ("Batch" in type(x).__name__ and g is not None))))
    assert "test_it_is_the_same_compiled_and_mapped" in in_copies


def test_a_contract_without_points_says_so() -> None:
    class Empty(TorchContract):
        function = staticmethod(abs)

    with pytest.raises(AssertionError, match="say at which points"):
        Empty().test_its_derivatives_are_right_in_double_precision()


# ---- strategies --------------------------------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(functions(versine, ag.exp, ag.multiply))
def test_functions_of_a_primitive_of_ones_own_are_right(case: Any) -> None:
    assert any(primitive is versine for primitive, *_ in case[0].steps)
    assert_gradients(*case)


def test_functions_find_a_wrong_primitive() -> None:
    @settings(max_examples=20, derandomize=True, database=None)
    @given(functions(wrong_versine, ag.exp))
    def search(case: Any) -> None:
        assert_gradients(*case)

    with pytest.raises(AssertionError, match="wrongversine"):
        search()
    with pytest.raises(ValueError, match="at least one primitive"):
        find(functions(), lambda case: True)


@settings(max_examples=10)
@given(points_like(({"w": numpy.ones((2, 40), numpy.float32)}, 1.0, numpy.array([1, 2]), numpy.ones((0, 2)), "name"), -1.0, 3.0))
def test_points_have_the_structure_of_the_example(point: Any) -> None:
    tree, number, integers, empty, name = point
    assert (tree["w"].shape, tree["w"].dtype) == ((2, 40), numpy.float32)
    assert tree["w"].min() >= -1.0 and tree["w"].max() <= 3.0 and -1.0 <= number <= 3.0
    assert (integers.tolist(), empty.shape, name) == ([1, 2], (0, 2), "name")


@torch_only
def test_points_of_tensors_go_to_check_torch() -> None:
    import torch

    @settings(max_examples=5, derandomize=True, database=None, deadline=None)
    @given(points_like((torch.ones(2, requires_grad=True), torch.ones(2, dtype=torch.float64))))
    def search(point: Any) -> None:
        assert (point[0].requires_grad, point[1].dtype) == (True, torch.float64)
        assert check_torch(lambda x, y: x * y.exp(), point)

    search()


@jax_only
def test_points_of_arrays_go_to_check_jax() -> None:
    import jax.numpy as jnp

    @settings(max_examples=2, derandomize=True, database=None, deadline=None)
    @given(points_like(jnp.ones(2)))
    def search(point: Any) -> None:
        assert point.dtype == jnp.float32
        assert check_jax(jnp.sin, point)

    search()
