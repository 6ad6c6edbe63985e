"""Functions of lists of numbers, composed from primitives: vectors, and matrices by their rows.

They answer in kind, as the primitives do; `functions` has them, too.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from autograd_lite.engine.primitives import abs, exp, logsumexp, maximum, total, xlogy
from autograd_lite.engine.reals import plain
from autograd_lite.engine.recording import no_grad
from autograd_lite.engine.text import shorten

__all__ = ["det", "entropy", "log_softmax", "mean", "product", "softmax", "softmin", "solve", "variance"]


def mean(values: Sequence[Any]) -> Any:
    """The arithmetic mean of `values`, at least one.

    >>> mean([1.0, 2.0, 6.0])
    3.0

    Raises:
        ValueError: if there is none.
    """
    return total(_not_empty(values, "mean")) / len(values)


def variance(values: Sequence[Any], correction: int = 0) -> Any:
    """The sum of squared distances of N `values` from their mean, divided by N - correction (0: population, 1: sample).

    >>> variance([1.0, 3.0]), variance([1.0, 3.0], correction=1)
    (1.0, 2.0)

    Raises:
        ValueError: if there are no more values than `correction`.
    Source: the two passes of Chan, Golub & LeVeque, "Algorithms for computing the sample variance: analysis and recommendations",
        The American Statistician 37 (1983).
    """
    if len(values) <= correction:
        raise ValueError(f"variance with correction={correction} requires more than {correction} values, got {len(values)}")
    center = mean(values)
    return total([x * x for x in (value - center for value in values)]) / (len(values) - correction)


def product(values: Sequence[Any]) -> Any:
    """The product of all `values`; 1.0 for none.

    >>> product([2.0, 3.0, 4.0])
    24.0
    """
    return reduce(lambda x, y: x * y, map(plain, values)) if len(values) else 1.0


def softmax(values: Sequence[Any]) -> list[Any]:
    """exp(x_i) / (exp(x_1) + exp(x_2) + ...) for every x_i of `values`: numbers from 0 to 1 that sum to 1.

    The largest is subtracted first, so that no exponential overflows.

    >>> softmax([1000.0, 1000.0])
    [0.5, 0.5]

    Raises:
        ValueError: if there is no value.
    Source: Blanchard, Higham & Higham, "Accurately computing the log-sum-exp and softmax functions", IMA Journal of Numerical
        Analysis 41 (2021).
    """
    weights = [exp(value) for value in _shifted(values, "softmax")]
    norm = total(weights)
    return [weight / norm for weight in weights]


def softmin(values: Sequence[Any]) -> list[Any]:
    """softmax(-values): the largest part is that of the smallest value.

    >>> softmin([0.0, 1000.0])
    [1.0, 0.0]

    Raises:
        ValueError: if there is no value.
    """
    return softmax([-plain(value) for value in _not_empty(values, "softmin")])


def log_softmax(values: Sequence[Any]) -> list[Any]:
    """log(softmax(values)), with all digits even where a probability is within rounding of 0 or 1.

    >>> log_softmax([0.0, -50.0])[0]
    -1.9287498479639178e-22

    Raises:
        ValueError: if there is no value.
    """
    shifted = _shifted(values, "log_softmax")
    whole = logsumexp(shifted)
    return [value - whole for value in shifted]


def entropy(probabilities: Sequence[Any]) -> Any:
    """-(p_1 log p_1 + p_2 log p_2 + ...) in nats, of `probabilities` p, where 0 log 0 counts as 0.

    >>> entropy([1.0, 0.0]), entropy([0.5, 0.5])
    (0.0, 0.6931471805599453)

    Raises:
        ValueError: if there is no probability.
        DomainError: if one is negative.
    Source: Shannon, "A mathematical theory of communication", Bell System Technical Journal 27 (1948).
    """
    return 0.0 - total([xlogy(p, p) for p in _not_empty(probabilities, "entropy")])


def _shifted(values: Sequence[Any], name: str) -> list[Any]:
    """values - their largest. The shift cancels in every softmax, so it is a constant to the derivative."""
    with no_grad():
        top = reduce(maximum, _not_empty(values, name))
    return [value - top for value in values]


def _not_empty(values: Sequence[Any], name: str) -> Sequence[Any]:
    if not len(values):
        raise ValueError(f"{name} requires at least one value")
    return values


# ---- systems of linear equations: the pivot depends on the numbers, and a traced function asks for them ------------


def det(matrix: Sequence[Sequence[Any]]) -> Any:
    """The determinant of a square `matrix`, given as its rows; differentiable also where the matrix is singular.

    >>> det([[1.0, 2.0], [3.0, 4.0]])
    -2.0

    The largest number left is the pivot. Where all that is left is 0, a formula without division goes on, so that the derivatives
    are right there, too: the cofactors. A matrix without rows has the determinant 1.

    Raises:
        ValueError: if the rows are not as long as they are many.
        TypeError: if it is no list of rows of single numbers.
    Source: Bird, "A simple division-free algorithm for computing determinants", Information Processing Letters 111 (2011).
    """
    rows = _square(matrix, "det")
    factors: list[Any] = []
    for column in range(len(rows)):
        row, place = max(((i, j) for i in range(column, len(rows)) for j in range(column, len(rows))), key=_size_in(rows))
        if _is_zero(rows[row][place]):
            factors.append(_without_division([line[column:] for line in rows[column:]]))
            break
        rows[column], rows[row] = rows[row], rows[column]
        for line in rows:
            line[column], line[place] = line[place], line[column]
        pivot = rows[column][column]
        factors.append(pivot if (row == column) == (place == column) else -pivot)
        _eliminate(rows, column)
    return product(factors)


def solve(matrix: Sequence[Sequence[Any]], right: Sequence[Any]) -> list[Any]:
    """The vector x with `matrix` @ x = `right`, for a matrix given as its rows: by elimination with pivots.

    >>> solve([[2.0, 1.0], [0.0, 4.0]], [5.0, 4.0])
    [2.0, 1.0]

    Raises:
        ValueError: if the matrix is singular, or the sizes do not fit.
        TypeError: if it is no list of rows of single numbers.
    Source: Golub & Van Loan, *Matrix Computations*, 4th ed. (2013), section 3.4.
    """
    rows = _square(matrix, "solve")
    numbers = _row(right, "solve needs one number on the right for each row")
    if len(numbers) != len(rows):
        raise ValueError(f"solve needs one number on the right for each of the {len(rows)} rows, got {len(numbers)}")
    for row, number in zip(rows, numbers, strict=True):
        row.append(number)
    for column in range(len(rows)):
        best, _ = max(((i, column) for i in range(column, len(rows))), key=_size_in(rows))
        if _is_zero(rows[best][column]):
            raise ValueError(
                f"solve needs a matrix with an inverse, and this one is singular: column {column} depends on those before"
            )
        rows[column], rows[best] = rows[best], rows[column]
        _eliminate(rows, column)
    found: list[Any] = []
    for place in range(len(rows) - 1, -1, -1):
        *_, last = rows[place]
        known = zip(rows[place][place + 1 : -1], found, strict=True)
        found.insert(0, (last - total([x * y for x, y in known])) / rows[place][place])
    return found


def _square(matrix: Sequence[Sequence[Any]], name: str) -> list[list[Any]]:
    needed = f"{name} needs a matrix as a list of rows, which are lists of numbers"
    if not hasattr(matrix, "__iter__"):
        raise TypeError(f"{needed}, got {shorten(repr(matrix))}")
    rows = [_row(row, needed) for row in matrix]
    if any(len(row) != len(rows) for row in rows):
        raise ValueError(
            f"{name} needs a square matrix, got {len(rows)} rows of {', '.join(str(len(row)) for row in rows)} numbers"
        )
    return rows


def _row(row: Any, needed: str) -> list[Any]:
    """A list of single numbers, from anything that has them in order."""
    numbers = list(map(plain, row)) if hasattr(row, "__iter__") else [None]
    for number in numbers:
        if number is None or isinstance(number, str | complex) or hasattr(number, "__len__"):
            raise TypeError(f"{needed}, got {shorten(repr(row))}")
    return numbers


def _size_in(rows: list[list[Any]]) -> Callable[[tuple[int, int]], Any]:
    """The size of an element, by its row and column, with no memory of where it came from."""

    def size(place: tuple[int, int]) -> Any:
        with no_grad():
            return abs(rows[place[0]][place[1]])

    return size


def _is_zero(number: Any) -> bool:
    return bool(number == 0.0)


def _eliminate(rows: list[list[Any]], column: int) -> None:
    """Takes multiples of a row from those below it, so that they begin with zeros."""
    top = rows[column]
    for row in rows[column + 1 :]:
        factor = row[column] / top[column]
        row[column + 1 :] = [x - factor * y for x, y in zip(row[column + 1 :], top[column + 1 :], strict=True)]


def _without_division(rows: list[list[Any]]) -> Any:
    count = len(rows)
    found = rows
    for _ in range(count - 1):
        sums = [-total([found[j][j] for j in range(i + 1, count)]) for i in range(count)]
        upper = [[sums[i], *found[i][i + 1 :]] for i in range(count)]
        found = [[total([x * rows[i + k][j] for k, x in enumerate(upper[i])]) for j in range(count)] for i in range(count)]
    return found[0][0] if count % 2 else -found[0][0]
