"""Primitives as users write them; two of them have rules that no text can be made of."""

import math

import autograd_lite as al
from autograd_lite.engine.primitive import Nary, Unary


class Huber(Unary):
    """A kink softened within a bound that the instance knows."""

    def __init__(self, bound: float) -> None:
        super().__init__()
        self.bound = bound

    def forward(self, x: float) -> float:
        return al.where(al.abs(x) <= self.bound, lambda: 0.5 * x * x, lambda: self.bound * (al.abs(x) - 0.5 * self.bound))

    def dx(self, x: float, out: float) -> float:
        return al.clamp(x, -self.bound, self.bound)


class Geometric(Nary):
    """The geometric mean."""

    def forward(self, values: list[float]) -> float:
        whole = values[0]
        for value in values[1:]:
            whole = whole * value
        return whole ** (1.0 / len(values))

    def partials(self, values: list[float], out: float) -> list[float]:
        return [out / len(values) / value for value in values]


class Branching(Unary):
    def forward(self, x: float) -> float:
        return x if x > 0 else 0.0

    def dx(self, x: float, out: float) -> float:
        return 1.0


class Plain(Branching):
    def forward(self, x: float) -> float:
        return math.sin(x)


class Step(Unary):
    """1 where x is not below 0, which Python counts as True."""

    def forward(self, x: float) -> float:
        return x >= 0.0

    def dx(self, x: float, out: float) -> float:
        return (x != x) * 1.0
