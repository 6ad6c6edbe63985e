"""The test problems of More, Garbow & Hillstrom: residuals, start, and the sums of squares of their published minima.

Source: More, Garbow & Hillstrom, "Testing unconstrained optimization software", ACM TOMS 7 (1981), 17-41. Problem 11 as its authors
corrected it: exp(-|y_i - x2| ** x3 / x1) - t_i.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autograd_lite import atan, cos, exp, product, sin, sqrt, total, where

__all__ = ["PROBLEMS", "Problem"]

Numbers = Sequence[Any]


class Problem(NamedTuple):
    """One problem."""

    residuals: Callable[[list[Any]], list[Any]]
    start: list[float]
    minima: tuple[float, ...]


def _numbers(text: str) -> list[float]:
    return [float(word) for word in text.split()]


def _freudenstein_roth(x: Numbers) -> list[Any]:
    return [-13.0 + x[0] + ((5.0 - x[1]) * x[1] - 2.0) * x[1], -29.0 + x[0] + ((x[1] + 1.0) * x[1] - 14.0) * x[1]]


def _helix(x: Numbers) -> list[Any]:
    angle = atan(x[1] / x[0]) / (2.0 * math.pi) + where(x[0] < 0.0, 0.5, 0.0)
    return [10.0 * (x[2] - 10.0 * angle), 10.0 * (sqrt(x[0] ** 2 + x[1] ** 2) - 1.0), x[2]]


_BARD = _numbers("0.14 0.18 0.22 0.25 0.29 0.32 0.35 0.39 0.37 0.58 0.73 0.96 1.34 2.10 4.39")
_GAUSSIAN = _numbers("0.0009 0.0044 0.0175 0.0540 0.1295 0.2420 0.3521 0.3989 0.3521 0.2420 0.1295 0.0540 0.0175 0.0044 0.0009")
_MEYER = _numbers("34780 28610 23650 19630 16370 13720 11540 9744 8261 7030 6005 5147 4427 3820 3307 2872")
_KOWALIK_Y = _numbers("0.1957 0.1947 0.1735 0.1600 0.0844 0.0627 0.0456 0.0342 0.0323 0.0235 0.0246")
_KOWALIK_U = _numbers("4 2 1 0.5 0.25 0.167 0.125 0.1 0.0833 0.0714 0.0625")
_OSBORNE_1 = _numbers(
    "0.844 0.908 0.932 0.936 0.925 0.908 0.881 0.850 0.818 0.784 0.751 0.718 0.685 0.658 0.628 0.603 0.580 0.558 0.538 0.522 0.506 "
    "0.490 0.478 0.467 0.457 0.448 0.438 0.431 0.424 0.420 0.414 0.411 0.406"
)
_OSBORNE_2 = _numbers(
    "1.366 1.191 1.112 1.013 0.991 0.885 0.831 0.847 0.786 0.725 0.746 0.679 0.608 0.655 0.616 0.606 0.602 0.626 0.651 0.724 0.649 "
    "0.649 0.694 0.644 0.624 0.661 0.612 0.558 0.533 0.495 0.500 0.423 0.395 0.375 0.372 0.391 0.396 0.405 0.428 0.429 0.523 0.562 "
    "0.607 0.653 0.672 0.708 0.633 0.668 0.645 0.632 0.591 0.559 0.597 0.625 0.739 0.710 0.729 0.720 0.636 0.581 0.428 0.292 0.162 "
    "0.098 0.054"
)


def _bard(x: Numbers) -> list[Any]:
    return [y - (x[0] + i / ((16 - i) * x[1] + min(i, 16 - i) * x[2])) for i, y in enumerate(_BARD, 1)]


def _gulf(x: Numbers) -> list[Any]:
    times = [i / 100.0 for i in range(1, 100)]
    return [exp(-(abs(25.0 + (-50.0 * math.log(t)) ** (2.0 / 3.0) - x[1]) ** x[2]) / x[0]) - t for t in times]


def _box(x: Numbers) -> list[Any]:
    times = [0.1 * i for i in range(1, 11)]
    return [exp(-t * x[0]) - exp(-t * x[1]) - x[2] * (math.exp(-t) - math.exp(-10.0 * t)) for t in times]


def _powell_singular(x: Numbers) -> list[Any]:
    found: list[Any] = []
    for a, b, c, d in zip(x[::4], x[1::4], x[2::4], x[3::4], strict=True):
        found += [a + 10.0 * b, math.sqrt(5.0) * (c - d), (b - 2.0 * c) ** 2, math.sqrt(10.0) * (a - d) ** 2]
    return found


def _rosenbrock(x: Numbers) -> list[Any]:
    return [each for a, b in zip(x[::2], x[1::2], strict=True) for each in (10.0 * (b - a**2), 1.0 - a)]


def _wood(x: Numbers) -> list[Any]:
    return [
        *(10.0 * (x[1] - x[0] ** 2), 1.0 - x[0], math.sqrt(90.0) * (x[3] - x[2] ** 2), 1.0 - x[2]),
        *(math.sqrt(10.0) * (x[1] + x[3] - 2.0), (x[1] - x[3]) / math.sqrt(10.0)),
    ]


def _kowalik(x: Numbers) -> list[Any]:
    return [y - x[0] * (u * u + u * x[1]) / (u * u + u * x[2] + x[3]) for y, u in zip(_KOWALIK_Y, _KOWALIK_U, strict=True)]


def _brown_dennis(x: Numbers) -> list[Any]:
    times = [i / 5.0 for i in range(1, 21)]
    return [(x[0] + t * x[1] - math.exp(t)) ** 2 + (x[2] + x[3] * math.sin(t) - math.cos(t)) ** 2 for t in times]


def _osborne_1(x: Numbers) -> list[Any]:
    return [y - (x[0] + x[1] * exp(-10.0 * i * x[3]) + x[2] * exp(-10.0 * i * x[4])) for i, y in enumerate(_OSBORNE_1)]


def _biggs(x: Numbers) -> list[Any]:
    times = [0.1 * i for i in range(1, 14)]
    targets = [math.exp(-t) - 5.0 * math.exp(-10.0 * t) + 3.0 * math.exp(-4.0 * t) for t in times]
    return [x[2] * exp(-t * x[0]) - x[3] * exp(-t * x[1]) + x[5] * exp(-t * x[4]) - y for t, y in zip(times, targets, strict=True)]


def _osborne_2(x: Numbers) -> list[Any]:
    bells = [(x[1], x[5], x[8]), (x[2], x[6], x[9]), (x[3], x[7], x[10])]
    return [
        y - (x[0] * exp(-0.1 * i * x[4]) + total([height * exp(-((0.1 * i - at) ** 2) * width) for height, width, at in bells]))
        for i, y in enumerate(_OSBORNE_2)
    ]


def _watson(x: Numbers) -> list[Any]:
    found = []
    for i in range(1, 30):
        t = i / 29.0
        slope = total([j * each * t ** (j - 1) for j, each in enumerate(x[1:], 1)])
        found.append(slope - total([each * t**j for j, each in enumerate(x)]) ** 2 - 1.0)
    return [*found, x[0], x[1] - x[0] ** 2 - 1.0]


def _penalty_1(x: Numbers) -> list[Any]:
    return [*(math.sqrt(1e-5) * (each - 1.0) for each in x), total([each**2 for each in x]) - 0.25]


def _penalty_2(x: Numbers) -> list[Any]:
    a, n = math.sqrt(1e-5), len(x)
    pairs = [a * (exp(x[i] / 10.0) + exp(x[i - 1] / 10.0) - math.exp((i + 1) / 10.0) - math.exp(i / 10.0)) for i in range(1, n)]
    singles = [a * (exp(each / 10.0) - math.exp(-0.1)) for each in x[1:]]
    return [x[0] - 0.2, *pairs, *singles, total([(n - j) * each**2 for j, each in enumerate(x)]) - 1.0]


def _variably_dimensioned(x: Numbers) -> list[Any]:
    whole = total([j * (each - 1.0) for j, each in enumerate(x, 1)])
    return [*(each - 1.0 for each in x), whole, whole**2]


def _trigonometric(x: Numbers) -> list[Any]:
    whole = len(x) - total([cos(each) for each in x])
    return [whole + i * (1.0 - cos(each)) - sin(each) for i, each in enumerate(x, 1)]


def _almost_linear(x: Numbers) -> list[Any]:
    return [*(each + total(list(x)) - (len(x) + 1.0) for each in x[:-1]), product(x) - 1.0]


def _boundary_value(x: Numbers) -> list[Any]:
    h, around = 1.0 / (len(x) + 1.0), [0.0, *x, 0.0]
    return [
        2.0 * around[i] - around[i - 1] - around[i + 1] + h * h * (around[i] + i * h + 1.0) ** 3 / 2.0 for i in range(1, len(x) + 1)
    ]


def _integral_equation(x: Numbers) -> list[Any]:
    h = 1.0 / (len(x) + 1.0)
    t = [h * (i + 1) for i in range(len(x))]
    cubes = [(each + s + 1.0) ** 3 for each, s in zip(x, t, strict=True)]
    below = [s * cube for s, cube in zip(t, cubes, strict=True)]
    above = [(1.0 - s) * cube for s, cube in zip(t, cubes, strict=True)]
    return [
        each + h * ((1.0 - s) * total(below[: i + 1]) + s * total(above[i + 1 :])) / 2.0
        for i, (each, s) in enumerate(zip(x, t, strict=True))
    ]


def _tridiagonal(x: Numbers) -> list[Any]:
    around = [0.0, *x, 0.0]
    return [(3.0 - 2.0 * around[i]) * around[i] - around[i - 1] - 2.0 * around[i + 1] + 1.0 for i in range(1, len(x) + 1)]


def _banded(x: Numbers) -> list[Any]:
    return [
        each * (2.0 + 5.0 * each**2)
        + 1.0
        - total([x[j] * (1.0 + x[j]) for j in range(max(0, i - 5), min(len(x), i + 2)) if j != i])
        for i, each in enumerate(x)
    ]


def _full_rank(x: Numbers) -> list[Any]:
    mean = total(list(x)) * (2.0 / 20.0)
    return [*(each - mean - 1.0 for each in x), *(-mean - 1.0 for _ in range(10))]


def _rank_one(x: Numbers) -> list[Any]:
    whole = total([j * each for j, each in enumerate(x, 1)])
    return [i * whole - 1.0 for i in range(1, 21)]


def _rank_one_with_zeros(x: Numbers) -> list[Any]:
    whole = total([j * each for j, each in enumerate(x[1:-1], 2)])
    return [0.0 * x[0] - 1.0, *((i - 1) * whole - 1.0 for i in range(2, 20)), 0.0 * x[0] - 1.0]


def _chebyquad(x: Numbers) -> list[Any]:
    count = len(x)
    last, now = [1.0] * count, [2.0 * each - 1.0 for each in x]
    found = []
    for i in range(1, count + 1):
        found.append(total(now) / count - (0.0 if i % 2 else -1.0 / (i * i - 1.0)))
        last, now = now, [2.0 * (2.0 * each - 1.0) * b - a for each, a, b in zip(x, last, now, strict=True)]
    return found


_TEN = [i / 11.0 for i in range(1, 11)]
PROBLEMS: dict[str, Problem] = {
    "1 Rosenbrock": Problem(_rosenbrock, [-1.2, 1.0], (0.0,)),
    "2 Freudenstein and Roth": Problem(_freudenstein_roth, [0.5, -2.0], (48.98425, 0.0)),
    "3 Powell badly scaled": Problem(lambda x: [1e4 * x[0] * x[1] - 1.0, exp(-x[0]) + exp(-x[1]) - 1.0001], [0.0, 1.0], (0.0,)),
    "4 Brown badly scaled": Problem(lambda x: [x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2.0], [1.0, 1.0], (0.0,)),
    "5 Beale": Problem(lambda x: [y - x[0] * (1.0 - x[1] ** i) for i, y in enumerate((1.5, 2.25, 2.625), 1)], [1.0, 1.0], (0.0,)),
    "6 Jennrich and Sampson": Problem(
        lambda x: [2.0 + 2.0 * i - (exp(i * x[0]) + exp(i * x[1])) for i in range(1, 11)], [0.3, 0.4], (124.3622,)
    ),
    "7 Helical valley": Problem(_helix, [-1.0, 0.0, 0.0], (0.0,)),
    "8 Bard": Problem(_bard, [1.0, 1.0, 1.0], (8.21487e-3,)),
    "9 Gaussian": Problem(
        lambda x: [x[0] * exp(-x[1] * ((8 - i) / 2.0 - x[2]) ** 2 / 2.0) - y for i, y in enumerate(_GAUSSIAN, 1)],
        [0.4, 1.0, 0.0],
        (1.12793e-8,),
    ),
    "10 Meyer": Problem(
        lambda x: [x[0] * exp(x[1] / (45.0 + 5.0 * i + x[2])) - y for i, y in enumerate(_MEYER, 1)],
        [0.02, 4000.0, 250.0],
        (87.9458,),
    ),
    "11 Gulf research and development": Problem(_gulf, [5.0, 2.5, 0.15], (0.0,)),
    "12 Box three-dimensional": Problem(_box, [0.0, 10.0, 20.0], (0.0,)),
    "13 Powell singular": Problem(_powell_singular, [3.0, -1.0, 0.0, 1.0], (0.0,)),
    "14 Wood": Problem(_wood, [-3.0, -1.0, -3.0, -1.0], (0.0,)),
    "15 Kowalik and Osborne": Problem(_kowalik, [0.25, 0.39, 0.415, 0.39], (3.07505e-4,)),
    "16 Brown and Dennis": Problem(_brown_dennis, [25.0, 5.0, -5.0, -1.0], (85822.2,)),
    "17 Osborne 1": Problem(_osborne_1, [0.5, 1.5, -1.0, 0.01, 0.02], (5.46489e-5,)),
    "18 Biggs EXP6": Problem(_biggs, [1.0, 2.0, 1.0, 1.0, 1.0, 1.0], (5.65565e-3, 0.0)),
    "19 Osborne 2": Problem(_osborne_2, [1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5], (4.01377e-2,)),
    "20 Watson, n = 6": Problem(_watson, [0.0] * 6, (2.28767e-3,)),
    "20 Watson, n = 9": Problem(_watson, [0.0] * 9, (1.39976e-6,)),
    "21 Extended Rosenbrock": Problem(_rosenbrock, [-1.2, 1.0] * 5, (0.0,)),
    "22 Extended Powell singular": Problem(_powell_singular, [3.0, -1.0, 0.0, 1.0] * 3, (0.0,)),
    "23 Penalty I": Problem(_penalty_1, [1.0, 2.0, 3.0, 4.0], (2.24997e-5,)),
    "24 Penalty II": Problem(_penalty_2, [0.5] * 4, (9.37629e-6,)),
    "25 Variably dimensioned": Problem(_variably_dimensioned, [1.0 - j / 10.0 for j in range(1, 11)], (0.0,)),
    "26 Trigonometric": Problem(_trigonometric, [0.1] * 10, (2.79506e-5, 0.0)),
    "27 Brown almost-linear": Problem(_almost_linear, [0.5] * 10, (0.0, 1.0)),
    "28 Discrete boundary value": Problem(_boundary_value, [t * (t - 1.0) for t in _TEN], (0.0,)),
    "29 Discrete integral equation": Problem(_integral_equation, [t * (t - 1.0) for t in _TEN], (0.0,)),
    "30 Broyden tridiagonal": Problem(_tridiagonal, [-1.0] * 10, (0.0,)),
    "31 Broyden banded": Problem(_banded, [-1.0] * 10, (0.0,)),
    "32 Linear, full rank": Problem(_full_rank, [1.0] * 10, (10.0,)),
    "33 Linear, rank 1": Problem(_rank_one, [1.0] * 10, (190.0 / 41.0,)),
    "34 Linear, rank 1 with zeros": Problem(_rank_one_with_zeros, [1.0] * 10, (454.0 / 74.0,)),
    "35 Chebyquad": Problem(_chebyquad, [i / 9.0 for i in range(1, 9)], (3.51687e-3,)),
}
