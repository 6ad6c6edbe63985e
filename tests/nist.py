"""All 27 nonlinear data sets of NIST, read from the files in `nist/`, with their models written out here."""

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import autograd_lite.systems.nist
from autograd_lite import atan, cos, exp, sin

__all__ = ["NAMES", "Certified", "load"]

_FOLDERS = (Path(__file__).parent / "nist_data", Path(autograd_lite.systems.nist.__file__).parent)
Model = Callable[[Sequence[Any], Any], Any]


def _lanczos(b: Sequence[Any], x: Any) -> Any:
    return b[0] * exp(-b[1] * x) + b[2] * exp(-b[3] * x) + b[4] * exp(-b[5] * x)


def _gauss(b: Sequence[Any], x: Any) -> Any:
    bells = b[2] * exp(-((x - b[3]) ** 2) / b[4] ** 2) + b[5] * exp(-((x - b[6]) ** 2) / b[7] ** 2)
    return b[0] * exp(-b[1] * x) + bells


def _enso(b: Sequence[Any], x: Any) -> Any:
    def wave(period: Any, a: Any, c: Any) -> Any:
        return a * cos(2.0 * math.pi * x / period) + c * sin(2.0 * math.pi * x / period)

    return b[0] + wave(12.0, b[1], b[2]) + wave(b[3], b[4], b[5]) + wave(b[6], b[7], b[8])


def _cubic_ratio(b: Sequence[Any], x: Any) -> Any:
    return (b[0] + b[1] * x + b[2] * x**2 + b[3] * x**3) / (1.0 + b[4] * x + b[5] * x**2 + b[6] * x**3)


_MODELS: dict[str, Model] = {
    "Bennett5": lambda b, x: b[0] * (b[1] + x) ** (-1.0 / b[2]),
    "BoxBOD": lambda b, x: b[0] * (1.0 - exp(-b[1] * x)),
    "Chwirut1": lambda b, x: exp(-b[0] * x) / (b[1] + b[2] * x),
    "Chwirut2": lambda b, x: exp(-b[0] * x) / (b[1] + b[2] * x),
    "DanWood": lambda b, x: b[0] * x ** b[1],
    "ENSO": _enso,
    "Eckerle4": lambda b, x: (b[0] / b[1]) * exp(-0.5 * ((x - b[2]) / b[1]) ** 2),
    "Gauss1": _gauss,
    "Gauss2": _gauss,
    "Gauss3": _gauss,
    "Hahn1": _cubic_ratio,
    "Kirby2": lambda b, x: (b[0] + b[1] * x + b[2] * x**2) / (1.0 + b[3] * x + b[4] * x**2),
    "Lanczos1": _lanczos,
    "Lanczos2": _lanczos,
    "Lanczos3": _lanczos,
    "MGH09": lambda b, x: b[0] * (x**2 + x * b[1]) / (x**2 + x * b[2] + b[3]),
    "MGH10": lambda b, x: b[0] * exp(b[1] / (x + b[2])),
    "MGH17": lambda b, x: b[0] + b[1] * exp(-x * b[3]) + b[2] * exp(-x * b[4]),
    "Misra1a": lambda b, x: b[0] * (1.0 - exp(-b[1] * x)),
    "Misra1b": lambda b, x: b[0] * (1.0 - (1.0 + b[1] * x / 2.0) ** -2),
    "Misra1c": lambda b, x: b[0] * (1.0 - (1.0 + 2.0 * b[1] * x) ** -0.5),
    "Misra1d": lambda b, x: b[0] * b[1] * x * (1.0 + b[1] * x) ** -1,
    "Nelson": lambda b, x: b[0] - b[1] * x[0] * exp(-b[2] * x[1]),
    "Rat42": lambda b, x: b[0] / (1.0 + exp(b[1] - b[2] * x)),
    "Rat43": lambda b, x: b[0] / (1.0 + exp(b[1] - b[2] * x)) ** (1.0 / b[3]),
    "Roszman1": lambda b, x: b[0] - b[1] * x - atan(b[2] / (x - b[3])) / math.pi,
    "Thurber": _cubic_ratio,
}
NAMES = tuple(_MODELS)


class Certified(NamedTuple):
    """A data set, and what NIST certifies."""

    residuals: Callable[[Sequence[Any]], list[Any]]
    starts: tuple[tuple[float, ...], ...]
    parameters: tuple[float, ...]
    deviations: tuple[float, ...]
    residual_sum: float


def load(name: str) -> Certified:
    """A data set by its name."""
    [path] = [folder / f"{name}.dat" for folder in _FOLDERS if (folder / f"{name}.dat").exists()]
    text = path.read_text("ascii")
    rows = [line.split("=")[1].split() for line in text.splitlines() if re.match(r" *b\d+ *=", line)]
    first, second, parameters, deviations = zip(*(map(float, row[:4]) for row in rows), strict=True)
    found = re.search(r"Data +\(lines +(\d+) to +(\d+)\)", text)
    assert found is not None
    start, end = map(int, found.groups())
    data = [list(map(float, line.split())) for line in text.splitlines()[start - 1 : end]]
    targets = [math.log(row[0]) if name == "Nelson" else row[0] for row in data]
    points = [row[1] if len(row) == 2 else row[1:] for row in data]
    model = _MODELS[name]
    residual_sum = re.search(r"Residual Sum of Squares: +(\S+)", text)
    assert residual_sum is not None
    return Certified(
        lambda b: [model(b, x) - y for x, y in zip(points, targets, strict=True)],
        (first, second),
        parameters,
        deviations,
        float(residual_sum.group(1)),
    )
