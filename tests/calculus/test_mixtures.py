"""Every transform inside every other one: one derivative, however it is put together, also by what inner functions captured."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import mpmath
import pytest

import autograd_lite as ag
from autograd_lite import derivative, grad, hessian, hvp, jacfwd, jacobian, jacrev, jvp, taylor, value_and_grad, vjp
from tests.samples import FULL

Function = Callable[[Any], Any]

# By name: the derivative of a function of one number that it gives, and of which order that is.
TRANSFORMS: dict[str, tuple[Callable[[Function], Function], int]] = {
    "grad": (grad, 1),
    "value_and_grad": (lambda f: lambda x: value_and_grad(f)(x)[1], 1),
    "jvp": (lambda f: lambda x: jvp(f, x, 1.0)[1], 1),
    "vjp": (lambda f: lambda x: vjp(lambda y: [y, f(y)], x, [0.0, 1.0])[1], 1),
    "jacobian": (lambda f: lambda x: jacobian(lambda y: [f(y), y])(x)[0][0], 1),
    "jacfwd": (lambda f: lambda x: jacfwd(lambda y: [f(y), y])(x)[0][0], 1),
    "jacrev": (lambda f: lambda x: jacrev(lambda y: [f(y), y])(x)[0][0], 1),
    "taylor, first": (lambda f: lambda x: taylor(f, x, 1)[1], 1),
    "taylor, second": (lambda f: lambda x: taylor(f, x, 2)[2] * 2.0, 2),
    "derivative, second": (lambda f: derivative(f, 2), 2),
    "derivative, third": (lambda f: derivative(f, 3), 3),
    "hessian": (lambda f: lambda x: hessian(f)(x)[0][0], 2),
    "hvp": (lambda f: lambda x: hvp(f)(x, vector=1.0), 2),
}


def _function(x: Any) -> Any:
    return ag.sin(x * 1.3) * ag.exp(x * x * 0.5) + ag.hypot(x, 1.5) + ag.logsumexp([x, x * x, 0.3]) + x**2.5 + ag.atan2(x, 1.2)


@pytest.mark.parametrize("first", TRANSFORMS)
def test_every_mixture_of_three(first: str) -> None:
    """By default one in three of them, with every pair."""
    right = [c * math.factorial(place) for place, c in enumerate(taylor(_function, 0.4, 9))]
    for mixture in itertools.product([first], TRANSFORMS, TRANSFORMS):
        order = sum(TRANSFORMS[name][1] for name in mixture)
        is_asked = FULL or sum(map(list(TRANSFORMS).index, mixture)) % 3 == 0
        if order <= 5 and is_asked:
            function: Function = _function
            for name in mixture:
                function = TRANSFORMS[name][0](function)
            assert function(0.4) == pytest.approx(right[order], rel=1e-9), mixture


@pytest.mark.parametrize("outer", TRANSFORMS)
def test_inner_derivatives_of_functions_that_capture_the_outer_argument(outer: str) -> None:
    through_x, of_x = TRANSFORMS[outer]
    for inner, (through_y, of_y) in TRANSFORMS.items():

        def captured(x: Any, through_y: Any = through_y) -> Any:
            return through_y(lambda y: ag.sin(x * y) + x * x * y**3)(0.7)

        if of_x + of_y <= 4:
            right = mpmath.diff(lambda x, y: mpmath.sin(x * y) + x * x * y**3, (0.5, 0.7), (of_x, of_y))
            assert through_x(captured)(0.5) == pytest.approx(float(right), rel=1e-8), inner
