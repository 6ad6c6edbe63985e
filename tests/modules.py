"""Modules with chosen numbers, for the tests of networks."""

from typing import Any

from hypothesis import strategies as st

from autograd_lite.nn.module import Module

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def with_numbers(module: Any, numbers: list[float]) -> Any:
    """The module with its parameters set, in their order."""
    for parameter, number in zip(module.parameters(), numbers, strict=True):
        parameter.data = number
    return module


def numbers_of(module: Module) -> list[float]:
    return [parameter.data for parameter in module.parameters()]
