"""DataSet: observations, model, two starts and certified values, read from a file of the NIST collection."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from typing import Any, Final

from autograd_lite.expressions import Expression, parse
from autograd_lite.functions import scalar_functions

# From the lower level of difficulty to the higher.
NAMES: Final = ("Misra1a", "Chwirut2", "Lanczos3", "MGH17", "MGH09", "Thurber", "BoxBOD", "Rat43")


@dataclass(frozen=True, slots=True)
class DataSet:
    """Observations y at x, and what NIST certifies about the model that is fitted to them. Given by `load`.

    Attributes:
        name: of the set.
        level: of difficulty: "lower", "average" or "higher".
        description: what was measured, in NIST's words.
        x_label, y_label: what x and y are.
        formula: the model, an expression of x and b1, b2, ...
        x, y: the observations.
        starts: the two points that the search is to start from.
        parameters, deviations: certified: b1, b2, ... and their standard deviations.
        residual_sum: certified: the sum of squared residuals.
        residual_deviation: certified: the root of that sum over the degrees of freedom.
    Example:
        >>> data = load("Misra1a")
        >>> data.level, str(data.formula), data.starts[1]
        ('lower', 'b1*(1-exp(-b2*x))', (250.0, 0.0005))
        >>> round(data.predict(data.parameters, 100.0), 4), len(data.residuals(data.parameters)) == len(data.x)
        (12.7905, True)
        >>> abs(sum(r * r for r in data.residuals(data.parameters)) / data.residual_sum - 1.0) < 1e-9
        True
    """

    name: str
    level: str
    description: str
    x_label: str
    y_label: str
    formula: Expression
    x: tuple[float, ...]
    y: tuple[float, ...]
    starts: tuple[tuple[float, ...], ...]
    parameters: tuple[float, ...]
    deviations: tuple[float, ...]
    residual_sum: float
    residual_deviation: float

    def predict(self, parameters: Sequence[Any], x: float) -> Any:
        """The model's y at x for these `parameters`, in kind: a float for floats, a Value for Values."""
        b = {f"b{number}": parameter for number, parameter in enumerate(parameters, start=1)}
        return self.formula({**b, "x": x})

    def residuals(self, parameters: Sequence[Any]) -> list[Any]:
        """The prediction by these `parameters` minus the observation, for each observation."""
        return [self.predict(parameters, x) - y for x, y in zip(self.x, self.y, strict=True)]


def load(name: str) -> DataSet:
    """A data set of the collection.

    Args:
        name: one of NAMES, in capitals or not.
    Raises:
        ValueError: if there is none of that name; the message lists them.
    Example:
        >>> thurber = load("Thurber")
        >>> thurber.level, len(thurber.x), str(thurber.formula)
        ('higher', 37, '(b1 + b2*x + b3*x**2 + b4*x**3) / (1 + b5*x + b6*x**2 + b7*x**3)')
    """
    known = {each.lower(): each for each in NAMES}
    if name.lower() not in known:
        near = get_close_matches(name.lower(), known, n=1)
        meant = f"Did you mean {known[near[0]]}? " if near else ""
        raise ValueError(f"there is no data set {name!r}. {meant}There are {', '.join(NAMES)}.")
    found = known[name.lower()]
    return _read(found, (files("autograd_lite.systems.nist") / f"{found}.dat").read_text("ascii"))


def _read(name: str, text: str) -> DataSet:
    lines = text.splitlines()
    rows = [line.split() for line in lines if re.match(r" *b\d+ *= ", line)]  # "b1 = start start certified deviation"
    columns = [tuple(map(float, column)) for column in zip(*(" ".join(row).split("= ")[1].split() for row in rows), strict=True)]
    first, last = map(int, _after(text, r"Data +\(lines +(\d+) to +(\d+)\)"))
    y, x = zip(*(map(float, line.split()) for line in lines[first - 1 : last]), strict=True)
    formula = _after(text, r"(?s) y = (.*?)\+  e\n")[0]  # with brackets of two shapes
    return DataSet(
        name=name,
        level=_after(text, r"(\w+) Level of Difficulty")[0].lower(),
        description=" ".join(_after(text, r"(?s)Description: +(.*?)\n\n")[0].split()),
        x_label=_after(text, r"Predictor(?: Variable)? +\((?:x = )?(.*)\)")[0],
        y_label=_after(text, r"Response(?: Variable)? +\((?:y = )?(.*)\)")[0],
        formula=parse(" ".join(formula.replace("[", "(").replace("]", ")").split()), scalar_functions()),
        x=x,
        y=y,
        starts=(columns[0], columns[1]),
        parameters=columns[2],
        deviations=columns[3],
        residual_sum=float(_after(text, r"Residual Sum of Squares: +(\S+)")[0]),
        residual_deviation=float(_after(text, r"Residual Standard Deviation: +(\S+)")[0]),
    )


def _after(text: str, pattern: str) -> Sequence[str]:
    found = re.search(pattern, text)
    assert found is not None, pattern
    return found.groups()
