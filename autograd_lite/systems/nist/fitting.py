"""fit: a data set's parameters, their standard deviations and the residual sum, computed beside the certified ones."""

import math
from dataclasses import dataclass
from typing import Any, Final

from autograd_lite.calculus.least_squares import Fit, least_squares
from autograd_lite.plotting.tables import table
from autograd_lite.systems.nist.dataset import DataSet, load

DIGITS: Final = 11.0  # that NIST certifies; more cannot be told


@dataclass(frozen=True, slots=True)
class Result:
    """What a fit gave. Given by `fit`; printed, it is a table.

    Attributes:
        data: the data set.
        start: 1 or 2.
        fit: the parameters and what belongs to them.
    Example:
        >>> result = fit("Misra1a", start=2)
        >>> result.record()["quantities"][0]["certified"]
        238.94212918
        >>> [name for name, computed, certified in result.rows], result.digits > 9
        (['b1', 'b2', 'deviation of b1', 'deviation of b2', 'residual sum', 'residual deviation'], True)
    """

    data: DataSet
    start: int
    fit: Fit

    @property
    def rows(self) -> list[tuple[str, float, float]]:
        """What was computed: (name, computed, certified)."""
        names = [f"b{number}" for number in range(1, len(self.data.parameters) + 1)]
        rows = list(zip(names, self.fit.parameters, self.data.parameters, strict=True))
        rows += zip([f"deviation of {name}" for name in names], self.fit.deviations, self.data.deviations, strict=True)
        rows.append(("residual sum", self.fit.residual_sum, self.data.residual_sum))
        return [*rows, ("residual deviation", self.fit.residual_deviation, self.data.residual_deviation)]

    @property
    def digits(self) -> float:
        """The digits that all the rows have in common with the certified values."""
        return min(digits(computed, certified) for _, computed, certified in self.rows)

    def record(self) -> dict[str, Any]:
        """The same as data."""
        rows = [
            {"quantity": name, "computed": computed, "certified": certified, "digits": digits(computed, certified)}
            for name, computed, certified in self.rows
        ]
        return {"start": self.start, "steps": len(self.fit.sums) - 1, "quantities": rows}

    def __str__(self) -> str:
        rows = [
            (name, f"{computed: .10E}", f"{certified: .10E}", f"{digits(computed, certified):6.1f}")
            for name, computed, certified in self.rows
        ]
        heading = f"{self.data.name} from start {self.start}: {len(self.fit.sums) - 1:,} steps"
        return f"{heading}\n{table(('quantity', ' computed', ' certified', 'digits'), rows, indent='  ')}"


def digits(computed: float, certified: float) -> float:
    """How many significant digits agree: the logarithm of the relative error, -log10 |computed - certified| / |certified|.

    Args:
        computed: what to judge.
        certified: the right value, not 0, to eleven digits.
    Returns:
        From 0 for none to 11 for all that are certified.
    Source: McCullough, "Assessing the reliability of statistical software: Part I", The American Statistician 52 (1998).
    Example:
        >>> round(digits(3.1416, 3.14159265359), 3), digits(2.0, 2.0), digits(-1.0, 2.0)
        (5.631, 11.0, 0.0)
    """
    error = abs(computed - certified) / abs(certified)
    if math.isnan(error):
        return 0.0
    return DIGITS if error == 0.0 else min(DIGITS, max(0.0, -math.log10(error)))


def fit(name: str, start: int = 1) -> Result:
    """The fit of a data set from one of its two starts.

    Args:
        name: one of NAMES, in capitals or not.
        start: 1, the one far away, or 2, the near one.
    Returns:
        A Result, which compares the fit with what is certified.
    Raises:
        ValueError: if there is no such data set or start.
        FitError: if no minimum is found.
    Example:
        >>> result = fit("Rat43", start=2)
        >>> result.digits > 9
        True
    """
    data = load(name)
    if start not in (1, 2):
        raise ValueError(f"a data set has the starts 1 and 2, got {start!r}")
    return Result(data, start, least_squares(data.residuals, data.starts[start - 1]))
