"""Least squares: the parameters that make a sum of squared residuals smallest, and how sure the data make them.

b are the parameters, r(b) the residuals, J their Jacobian, which is exact. Near b the residuals are r + J p, and the p that makes
|r + J p|^2 smallest is the Gauss-Newton step. Far from the minimum it may lead anywhere; so the search minimises

    |r + J p|^2 + damping |D p|^2

instead (Levenberg-Marquardt), with D the largest norms of the columns of J so far, and lowers the damping as long as r + J p turns
out to be what happens. Every such problem is solved by orthogonal factors of J: the normal equations J^T J p = -J^T r would lose
half of the digits.

The search ends where the residuals stand at a right angle to the columns of J. Where J is nearly singular, so that its columns
together reach what none of them does alone, it ends, too, where no step leads further down and each column stands at a right angle.
There the sum of squares is flat, and tells parameters apart to half of the digits only; so the last steps, undamped, are judged by
their lengths and go on while these fall.

A search that fails is made once more by steps that bend with the residuals, by their second derivatives along the step, and are
scaled by the columns of J where they start: so it follows long curved valleys.

Source: Nocedal & Wright, Numerical Optimization, 2nd ed., chapter 10; the damping's schedule: Madsen, Nielsen & Tingleff, Methods
for Non-Linear Least Squares Problems (2004), section 3.2; the right angle: Bates & Watts, "A relative offset orthogonality
convergence criterion for nonlinear least squares", Technometrics 23 (1981).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import autograd_lite.engine.numpy_needed  # noqa: F401 - says what to install  # isort: skip
import numpy as np
from numpy.typing import NDArray

from autograd_lite.calculus.directions import jvp
from autograd_lite.calculus.transforms import jacobian
from autograd_lite.calculus.trees import leaves

Array = NDArray[np.floating[Any]]
Residuals = Callable[[list[Any]], Sequence[Any]]

_OFFSET: Final = 1e-5  # the cosine of the angle between residuals and columns of J at which the search ends
_ROUNDING: Final = 1e-14  # of residuals, as a share of J b: below it they are nothing but rounding, and point anywhere
_FLAT: Final = 1e-7  # the same cosine with each column alone: a step along it lowers the sum by no more than a share of its square
_PROGRESS: Final = 1e-4  # the least share of what r + J p promised that is worth a step
_RISE: Final = 1e-8  # of the sum, as a share, that a last step may bring: it is flat there, and its rounding shows
_LARGEST_BEND: Final = 0.375  # of a step that follows a valley, as a share of the step
_FIRST_DAMPING: Final = 1e-3  # after undamped steps


class FitError(ArithmeticError):
    """No minimum was found: the start is too far from one, or the data cannot tell the parameters apart.

    >>> least_squares(lambda b: [b[0] + b[1] - 1.0, b[0] + b[1] - 2.0], [0.0, 0.0])
    Traceback (most recent call last):
    ...
    autograd_lite.calculus.least_squares.FitError: ...
    """


@dataclass(frozen=True, slots=True)
class Fit:
    """A minimum of a sum of squares. Given by `least_squares`.

    Attributes:
        parameters: b there, in the order of the start.
        deviations: the standard deviation of each parameter; nan where there are no more residuals than parameters.
        residuals: r there.
        residual_sum: the sum of their squares.
        degrees_of_freedom: how many residuals there are more than parameters.
        sums: the sum of squares at the start and after every step of the search.
    Example:
        >>> fit = least_squares(lambda b: [b[0] - y for y in (1.0, 2.0, 6.0)], [0.0])
        >>> [round(parameter, 9) for parameter in fit.parameters], round(fit.residual_sum, 9), fit.degrees_of_freedom
        ([3.0], 14.0, 2)
        >>> round(fit.residual_deviation**2, 9), round(fit.deviations[0] ** 2, 9)
        (7.0, 2.333333333)
    """

    parameters: tuple[float, ...]
    deviations: tuple[float, ...]
    residuals: tuple[float, ...]
    residual_sum: float
    degrees_of_freedom: int
    sums: tuple[float, ...]

    @property
    def residual_deviation(self) -> float:
        """The residual standard deviation: the root of the residual sum over the degrees of freedom."""
        return math.sqrt(self.residual_sum / self.degrees_of_freedom) if self.degrees_of_freedom else math.nan


def least_squares(residuals: Residuals, start: Sequence[float], *, damping: float = 100.0, most_steps: int = 3000) -> Fit:
    """The parameters with the smallest sum of squared residuals that lies downhill from a start.

    Their standard deviations are the roots of the diagonal of s^2 (J^T J)^-1, with s the residual standard deviation.

    Args:
        residuals: from a list of p parameters to n residuals, as a rule predictions minus observations; differentiable functions.
        start: p numbers.
        damping: of the first step; 0 for Gauss-Newton steps until one of them fails.
        most_steps: of the search, those included that were tried in vain.
    Returns:
        A Fit, with the parameters and how far they are certain.
    Raises:
        ValueError: if the start is empty or not finite, the damping negative, or there are fewer residuals than parameters.
        FitError: if the steps do not suffice, a residual or a derivative becomes nan or infinite, or a parameter makes no
            difference at the minimum that the others could not make.
    Example:
        >>> times, heights = [0.0, 1.0, 2.0, 3.0], [1.0, 2.7, 7.4, 20.1]
        >>> fit = least_squares(lambda b: [b[0] * 2.0 ** (b[1] * t) - h for t, h in zip(times, heights)], [1.0, 1.0])
        >>> [round(parameter, 6) for parameter in fit.parameters], round(fit.residual_sum, 6)
        ([0.998317, 1.443899], 0.000384)
    """
    if not (math.isfinite(damping) and damping >= 0.0):
        raise ValueError(f"the damping is a finite number from 0 up, got {damping!r}")
    b = np.array([float(number) for number in start])
    if not (b.size and np.isfinite(b).all()):
        raise ValueError(f"the start is one finite number for each parameter, got {list(start)!r}")
    problem = _Problem(residuals)
    point = problem.at(b)
    if point.r.size < b.size:
        raise ValueError(f"{point.r.size} residuals cannot determine {b.size} parameters: give at least as many residuals")
    try:
        found, sums = _search(problem, point, damping, most_steps)
    except FitError as failure:
        try:
            found, sums = _search(problem, point, damping, most_steps, follows_valleys=True)
        except FitError:
            raise failure from None
    return _report(_polished(problem, found), sums)


class _Iterate:
    """Parameters, residuals and Jacobian: the residuals near b are r + J p."""

    def __init__(self, b: Array, r: Array, j: Array) -> None:
        self.b, self.r, self.j = b, r, j
        self.sum = float(r @ r)
        norms = np.linalg.norm(j, axis=0)
        self.norms = np.where(norms > 0.0, norms, 1.0)

    def step(self, scale: Array, damping: float = 0.0, r: Array | None = None) -> Array:
        """The p that minimises |r + J p|^2 + damping |scale p|^2, times scale; for the residuals here or for others."""
        matrix, right = self.j / scale, -self.r if r is None else -r
        if damping:
            matrix = np.vstack([matrix, math.sqrt(damping) * np.eye(scale.size)])
            right = np.concatenate([right, np.zeros(scale.size)])
        found: Array = np.linalg.lstsq(matrix, right, rcond=None)[0]
        return found

    def steepness(self) -> float:
        """The largest cosine of the angle between the residuals and a column of J: 0 where the gradient J^T r is."""
        length = np.linalg.norm(self.r)
        return float(np.max(np.abs(self.r @ self.j) / self.norms) / length) if length else 0.0

    def is_minimum(self) -> bool:
        """Whether the search may end here."""
        within = np.linalg.norm((self.j / self.norms) @ self.step(self.norms))  # how much of -r lies within the columns of J
        return bool(within <= max(_OFFSET * np.linalg.norm(self.r), _ROUNDING * np.linalg.norm(self.norms * self.b)))


class _Problem:
    """Residuals as arrays."""

    def __init__(self, residuals: Residuals) -> None:
        self._residuals = residuals
        self._jacobian = jacobian(residuals)

    def residuals(self, b: Array) -> Array:
        return np.array([float(number) for number in leaves(self._residuals(b.tolist()))])

    def at(self, b: Array, r: Array | None = None) -> _Iterate:
        """The point at b.

        Raises:
            FitError: if a residual or a derivative there is nan or infinite.
        """
        r, j = self.residuals(b) if r is None else r, np.array(self._jacobian(b.tolist()))
        for what, found in (("residual", r), ("derivative of residual", j)):
            places = np.argwhere(~np.isfinite(found))
            if len(places):
                number = float(found[tuple(places[0])])
                raise FitError(f"the {what} {places[0][0]} is {number!r} at {b.tolist()!r}: least squares needs finite numbers")
        return _Iterate(b, r, j)

    def second(self, b: Array, direction: Array) -> Array:
        """The second derivative of the residuals along a direction."""
        along = direction.tolist()
        try:
            _, second = jvp(lambda x: jvp(self._residuals, x, along)[1], b.tolist(), along)
        except (ArithmeticError, ValueError):
            return np.array([math.nan])
        return np.array([float(number) for number in leaves(second)])

    def lower(self, b: Array, bound: float) -> Array | None:
        """The residuals at b if their sum of squares is below the bound; None also where they do not exist."""
        try:
            r = self.residuals(b)
        except (ArithmeticError, ValueError):
            return None
        with np.errstate(over="ignore", invalid="ignore"):
            return r if float(r @ r) < bound else None


def _search(
    problem: _Problem, point: _Iterate, damping: float, most_steps: int, follows_valleys: bool = False
) -> tuple[_Iterate, list[float]]:
    """Damped steps downhill until there is a minimum; curved ones, scaled by the columns where they start, to follow valleys."""
    scale, growth, sums = point.norms, 2.0, [point.sum]
    for _ in range(most_steps):
        if point.is_minimum():
            return point, sums
        p, promised = _promise(point, scale, damping)
        if promised <= point.sum * np.finfo(float).eps:  # damped to nothing: what is left is the full step
            damping = 0.0
            p, promised = _promise(point, scale, damping)
        if follows_valleys:
            p = p + _bend(problem, point, scale, damping, p)
        r = problem.lower(point.b + p / scale, point.sum - _PROGRESS * promised)
        if r is None:
            if not damping and growth > 2.0:
                if point.steepness() <= _FLAT:
                    return point, sums
                raise FitError(f"no step leads further down, though this is no minimum: {_state(point, sums)}")
            damping = damping * growth or _FIRST_DAMPING
            growth *= 2.0
            continue
        kept = (point.sum - float(r @ r)) / promised
        point = problem.at(point.b + p / scale, r)
        scale = point.norms if follows_valleys else np.maximum(scale, point.norms)
        damping, growth = damping * max(1.0 / 3.0, 1.0 - (2.0 * kept - 1.0) ** 3), 2.0
        sums.append(point.sum)
    raise FitError(f"no minimum after {most_steps:,} steps: {_state(point, sums)}")


def _promise(point: _Iterate, scale: Array, damping: float) -> tuple[Array, float]:
    """The step, times scale, and by how much r + J p lowers the sum of squares."""
    p = point.step(scale, damping)
    return p, float(np.sum(((point.j / scale) @ p) ** 2) + 2.0 * damping * (p @ p))


def _bend(problem: _Problem, point: _Iterate, scale: Array, damping: float, p: Array) -> Array:
    """What a step must turn aside so that the residuals follow r + J p to second order; nothing where that is no small correction.

    Source: Transtrum & Sethna, "Improvements to the Levenberg-Marquardt algorithm for nonlinear least-squares minimization",
    arXiv:1201.5885 (2012): geodesic acceleration.
    """
    second = problem.second(point.b, p / scale)
    if not np.isfinite(second).all():
        return np.zeros_like(p)
    bend = point.step(scale, damping, 0.5 * second)
    return bend if np.linalg.norm(bend) <= _LARGEST_BEND * np.linalg.norm(p) else np.zeros_like(p)


def _state(point: _Iterate, sums: list[float]) -> str:
    place = [float(f"{number:.6g}") for number in point.b]
    return f"the sum of squares fell from {sums[0]:.6g} to {sums[-1]:.6g} at {place}. Try another start."


def _polished(problem: _Problem, point: _Iterate) -> _Iterate:
    """Gauss-Newton steps as long as each is shorter than the one before."""
    scale, last = point.norms, math.inf
    while True:
        p = point.step(scale)
        length = float(np.linalg.norm(p))
        rounding = _ROUNDING * float(np.linalg.norm(point.norms * point.b))
        r = problem.lower(point.b + p / scale, max(point.sum * (1.0 + _RISE), rounding**2))
        if r is None or not length < last:
            return point
        point, last = problem.at(point.b + p / scale, r), length


def _report(point: _Iterate, sums: list[float]) -> Fit:
    factor = np.linalg.qr(point.j / point.norms).R
    diagonal = np.abs(np.diagonal(factor))
    if diagonal.min() <= diagonal.max() * factor.shape[0] * np.finfo(float).eps:
        raise FitError(
            "the data cannot tell the parameters apart: at the minimum, a change of one of them is undone by the others. "
            f"Use fewer parameters, or another start. {_state(point, sums)}"
        )
    total, freedom = math.fsum(point.r * point.r), point.r.size - point.b.size
    spread = math.sqrt(total / freedom) if freedom else math.nan
    deviations = spread * np.linalg.norm(np.linalg.inv(factor), axis=1) / point.norms
    return Fit(tuple(point.b.tolist()), tuple(deviations.tolist()), tuple(point.r.tolist()), total, freedom, tuple(sums))
