"""What type checkers know of transforms: mypy reads this file strictly, and running it shows that what it reads is true."""

from pathlib import Path
from typing import Any, assert_type

import numpy as np
import pytest
from numpy.typing import NDArray

from autograd_lite import Value, derivative, grad, hessian, jacobian, taylor, value_and_grad


def cube(x: Any) -> Any:
    return x * x * x


def first(x: Any, y: Any = 0.0) -> Any:
    return (x[0] if isinstance(x, list) else x) * 2.0 + (y[0] if isinstance(y, list) else y)


def test_what_type_checkers_are_told_is_true() -> None:
    one = assert_type(grad(cube)(3.0), float)
    value = assert_type(grad(cube)(Value(3.0)), Value)
    assert (one, type(value)) == (27.0, Value)
    assert assert_type(grad(first)([1.0, 2.0]), list[float]) == [2.0, 0.0]
    assert assert_type(grad(first)((1, 2)), list[float]) == [2.0, 0.0]
    assert assert_type(grad(first)(1.0, 2.0), tuple[float, float]) == (2.0, 1.0)
    assert assert_type(grad(first)(1.0, [2.0]), tuple[float, list[float]]) == (2.0, [1.0])
    assert assert_type(grad(lambda p: p["w"] * 2.0)({"w": 1.0}), dict[str, float]) == {"w": 2.0}
    array: NDArray[np.float64] = np.ones(2)
    assert assert_type(grad(lambda x: x @ x)(array), NDArray[np.float64]).tolist() == [2.0, 2.0]
    assert assert_type(grad(grad(cube))(3.0), float) == 18.0
    assert assert_type(derivative(cube, 2)(3.0), float) == 18.0
    assert assert_type(value_and_grad(cube)(3.0), tuple[float, float]) == (27.0, 27.0)
    assert assert_type(hessian(cube)(3.0), list[list[float]]) == [[18.0]]
    assert assert_type(jacobian(first)(1.0, 2.0), list[list[float]]) == [[2.0, 1.0]]
    assert taylor(cube, 1.0, 3) == [1.0, 3.0, 3.0, 1.0]


def test_a_strict_type_checker_agrees(tmp_path: Path) -> None:
    api = pytest.importorskip("mypy.api")
    printed, _, status = api.run(["--strict", "--no-incremental", f"--cache-dir={tmp_path}", __file__])
    assert status == 0, printed
