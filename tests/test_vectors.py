"""Determinants, linear systems and softmin: numbers, derivatives to the second order, and what is refused."""

from random import Random
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Value, grad, hessian, trace
from autograd_lite.program import BranchChanged


def _rows(numbers: Any, count: int) -> list[Any]:
    return [numbers[i * count : (i + 1) * count] for i in range(count)]


def _det(count: int) -> Any:
    return lambda numbers: ag.det(_rows(numbers, count))


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_determinants_and_their_gradients_are_those_of_numpy(count: int) -> None:
    random = Random(count)
    for _ in range(5):
        numbers = [random.uniform(-2.0, 2.0) for _ in range(count * count)]
        matrix = np.array(numbers).reshape(count, count)
        assert ag.det(_rows(numbers, count)) == pytest.approx(np.linalg.det(matrix), rel=1e-12)
        right = np.linalg.det(matrix) * np.linalg.inv(matrix).T
        assert np.array(grad(_det(count))(numbers)).reshape(count, count) == pytest.approx(right, rel=1e-10, abs=1e-12)


def _cofactors(matrix: np.ndarray) -> np.ndarray:
    count = len(matrix)
    minors = [
        [np.linalg.det(np.delete(np.delete(matrix, i, 0), j, 1)) if count > 1 else 1.0 for j in range(count)] for i in range(count)
    ]
    return np.array([[(-1) ** (i + j) * minors[i][j] for j in range(count)] for i in range(count)])


@pytest.mark.parametrize(
    "rows",
    [
        [[0.0]],
        [[1.0, 2.0], [2.0, 4.0]],
        [[0.0, 0.0], [0.0, 0.0]],
        [[0.0, 1.0], [0.0, 0.0]],
        [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]],
        [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [3.0, 6.0, 9.0]],
        [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
        [[0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 3.0, 0.0], [0.0, 0.0, 0.0, 0.0]],
    ],
)
def test_a_singular_matrix_has_its_cofactors_as_the_gradient(rows: list[list[float]]) -> None:
    count, numbers = len(rows), [x for row in rows for x in row]
    assert ag.det(rows) == pytest.approx(0.0, abs=1e-14)
    gradient = np.array(grad(_det(count))(numbers)).reshape(count, count)
    assert gradient == pytest.approx(_cofactors(np.array(rows)), abs=1e-13)
    # The second derivative by a change of one element is the change of the cofactors, which are linear in it.
    bends = np.array(hessian(_det(count))(numbers)).reshape(count, count, count, count)
    for i in range(count):
        for j in range(count):
            moved = np.array(rows)
            moved[i, j] += 1.0
            assert bends[i, j] == pytest.approx(_cofactors(moved) - _cofactors(np.array(rows)), abs=1e-12)


def test_solutions_and_their_derivatives() -> None:
    random = Random(4)
    for count in (1, 2, 4):
        numbers = [random.uniform(-2.0, 2.0) for _ in range(count * count)]
        right = [random.uniform(-2.0, 2.0) for _ in range(count)]
        matrix = np.array(numbers).reshape(count, count)
        found = ag.solve(_rows(numbers, count), right)
        assert found == pytest.approx(np.linalg.solve(matrix, right), rel=1e-11)
        for place in range(count):
            by_matrix, by_right = grad(lambda a, b, p=place, n=count: ag.solve(_rows(a, n), b)[p])(numbers, right)
            row = np.linalg.inv(matrix)[place]
            assert by_right == pytest.approx(row, rel=1e-10)
            assert by_matrix == pytest.approx(-np.outer(row, found).ravel(), rel=1e-9, abs=1e-12)
    zero_first = ag.solve([[0.0, 1.0], [2.0, 0.0]], [Value(3.0), 4.0])
    assert [float(x.data if isinstance(x, Value) else x) for x in zero_first] == [2.0, 3.0]
    assert ag.solve([], []) == []
    assert ag.det([]) == 1.0


def test_the_second_derivatives_of_a_solution() -> None:
    """x = (d - 2) / (a d - 1) by hand."""

    def by_hand(v: Any) -> Any:
        return (v[1] - 2.0) / (v[0] * v[1] - 1.0)

    def solved(v: Any) -> Any:
        return ag.solve([[v[0], 1.0], [1.0, v[1]]], [1.0, 2.0])[0]

    for point in ([3.0, 2.0], [0.5, 4.0], [0.1, -0.2]):
        for row, right in zip(hessian(solved)(point), hessian(by_hand)(point), strict=True):
            assert row == pytest.approx(right, rel=1e-13, abs=1e-13)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ag.solve([[1.0, 2.0], [2.0, 4.0]], [1.0, 1.0]), "this one is singular: column 1 depends on those before"),
        (lambda: ag.solve([[1.0, 2.0]], [1.0]), "solve needs a square matrix, got 1 rows of 2 numbers"),
        (lambda: ag.det([[1.0], [2.0]]), "det needs a square matrix, got 2 rows of 1, 1 numbers"),
        (lambda: ag.solve([[1.0]], [1.0, 2.0]), "one number on the right for each of the 1 rows, got 2"),
    ],
)
def test_what_has_no_solution_is_refused(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ag.det(5.0), "det needs a matrix as a list of rows, which are lists of numbers, got 5.0"),
        (lambda: ag.det([1.0, 2.0]), "det needs a matrix as a list of rows, which are lists of numbers, got 1.0"),
        (lambda: ag.det([["a"]]), r"det needs .*, got \['a'\]"),
        (lambda: ag.det([[1 + 1j, 2], [3, 4]]), r"det needs .*, got \[\(1\+1j\), 2\]"),
        (lambda: ag.det(np.zeros((2, 2, 2))), "det needs .*, got array"),
        (lambda: ag.solve([[2.0]], 4.0), "solve needs one number on the right for each row, got 4.0"),
        (lambda: ag.solve([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]), r"for each row, got \[\[1.0, 0.0\]"),
        (lambda: ag.solve([[1.0]], "a"), "for each row, got 'a'"),
    ],
)
def test_what_is_no_matrix_or_no_list_of_numbers_is_refused(call: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        call()


def test_the_right_side_may_be_an_iterator() -> None:
    assert ag.solve(iter([[2.0, 0.0], [0.0, 4.0]]), iter([2.0, 4.0])) == [1.0, 1.0]  # type: ignore[arg-type]


def test_a_program_refuses_points_with_another_pivot() -> None:
    program = trace(lambda a, b, c, d: ag.det([[a, b], [c, d]]), 1.0, 2.0, 3.0, 5.0)
    assert float(program([1.5], [2.5], [3.0], [6.0])[0]) == pytest.approx(1.5)
    with pytest.raises(BranchChanged):
        program([9.0], [2.0], [3.0], [5.0])


def test_softmin_prefers_the_smallest() -> None:
    assert ag.softmin([1.0, 2.0, 1000.0]) == ag.softmax([-1.0, -2.0, -1000.0])
    values = [Value(1.0), Value(2.0)]
    assert ag.gradients(ag.softmin(values)[0], values) == [pytest.approx(-0.19661193324148185), pytest.approx(0.19661193324148185)]
