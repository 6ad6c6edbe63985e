"""Initializers: where the weights of a layer start, as small functions of (n_inputs, n_outputs, rng) that draw one number.

Any callable of that shape will do; these are the usual ones. `rng` is a `random.Random`, so a seed fixes every draw.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

Initializer = Callable[[int, int, random.Random], float]


@dataclass(frozen=True, slots=True)
class Uniform:
    """Numbers spread evenly between low and high; by default between -1 and 1, as in micrograd.

    Args:
        low: the least number.
        high: the largest.
    Raises:
        ValueError: if they are not finite, or low > high.
    Example:
        >>> import random
        >>> draw, rng = Uniform(0.0, 0.5), random.Random(0)
        >>> [round(draw(2, 1, rng), 3) for _ in range(3)]
        [0.422, 0.379, 0.21]
    """

    low: float = -1.0
    high: float = 1.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low <= self.high):
            raise ValueError(f"Uniform takes finite numbers low <= high, got low={self.low!r}, high={self.high!r}")

    def __call__(self, n_inputs: int, n_outputs: int, rng: random.Random) -> float:
        return rng.uniform(self.low, self.high)


@dataclass(frozen=True, slots=True)
class Normal:
    """Numbers from the normal distribution of mean 0 and standard deviation `scale`.

    Args:
        scale: the standard deviation; with 0 every number is 0.
    Raises:
        ValueError: if it is negative or not finite.
    Example:
        >>> import random
        >>> draw, rng = Normal(0.1), random.Random(0)
        >>> [round(draw(2, 1, rng), 3) for _ in range(3)]
        [0.094, -0.14, -0.068]
    """

    scale: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.scale < math.inf:
            raise ValueError(f"Normal takes a finite scale of at least 0, got {self.scale!r}")

    def __call__(self, n_inputs: int, n_outputs: int, rng: random.Random) -> float:
        return rng.gauss(0.0, self.scale) + 0.0  # + 0.0: with scale 0, no -0.0


@dataclass(frozen=True, slots=True)
class Xavier:
    """Uniform between -a and a, a = sqrt(6 / (n_inputs + n_outputs)): for tanh and sigmoid units.

    Signals keep their variance on the way forward, and gradients theirs on the way back, as far as one number can do both.

    Source: Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010, eq. 16.

    >>> import random
    >>> draw, rng = Xavier(), random.Random(0)
    >>> max(abs(draw(5, 1, rng)) for _ in range(1000)) <= 1.0  # sqrt(6 / (5 + 1))
    True
    """

    def __call__(self, n_inputs: int, n_outputs: int, rng: random.Random) -> float:
        bound = math.sqrt(6.0 / (n_inputs + n_outputs))
        return rng.uniform(-bound, bound)


@dataclass(frozen=True, slots=True)
class He:
    """Normal with standard deviation sqrt(2 / n_inputs): for relu units, which pass on half of the variance.

    Source: He, Zhang, Ren & Sun, "Delving deep into rectifiers", ICCV 2015, eq. 10.

    >>> import random
    >>> He()(2, 1, random.Random(0)) == random.Random(0).gauss(0.0, 1.0)  # sqrt(2 / 2)
    True
    """

    def __call__(self, n_inputs: int, n_outputs: int, rng: random.Random) -> float:
        return rng.gauss(0.0, math.sqrt(2.0 / n_inputs))


@dataclass(frozen=True, slots=True)
class Zeros:
    """0.0 for every number: the usual start of biases. Weights of 0 would make all neurons of a layer the same forever.

    >>> import random
    >>> Zeros()(2, 1, random.Random(0))
    0.0
    """

    def __call__(self, n_inputs: int, n_outputs: int, rng: random.Random) -> float:
        return 0.0


_NAMED: dict[str, type] = {kind.__name__.lower(): kind for kind in (He, Normal, Uniform, Xavier, Zeros)}


def initializer_of(initializer: str | Initializer) -> Initializer:
    """The initializer of a name, such as "he", with its defaults; the one of a class; or the function itself.

    Raises:
        ValueError: if no initializer has that name; the message lists them.
        TypeError: if it is neither a name nor callable.

    >>> initializer_of("he"), initializer_of(Normal), initializer_of(Normal(0.5))
    (He(), Normal(scale=1.0), Normal(scale=0.5))
    """
    if isinstance(initializer, str):
        name = initializer.lower()
        if name not in _NAMED:
            near = get_close_matches(name, _NAMED, n=1)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            raise ValueError(f"no initializer is named {initializer!r}. {hint}There are {', '.join(map(repr, sorted(_NAMED)))}.")
        return _NAMED[name]()  # type: ignore[no-any-return]
    if not callable(initializer):
        raise TypeError(f"an initializer is a name or a function of (n_inputs, n_outputs, rng), got {initializer!r}")
    return initializer() if isinstance(initializer, type) else initializer
