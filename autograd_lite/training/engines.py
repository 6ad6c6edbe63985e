"""Engines: two ways to the same gradient of a batch.

eager      every sample through the model as Values, and backward
program    the model recorded once as a program, and the whole batch through its arrays

Both answer with the mean cost over the batch and the outputs, and update the optimizer's parameters by its rules.
"""

from collections.abc import Callable
from typing import Protocol

from autograd_lite.datasets import Array
from autograd_lite.training.eager_engine import EagerEngine
from autograd_lite.training.program_engine import ProgramEngine


class Engine(Protocol):
    """What training needs of an engine; inputs are (N, features), targets (N,) or (N, K), outputs (N, K) arrays."""

    def gradient(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        """The mean cost and the outputs; the gradient of the mean cost is kept for `update`."""

    def clip(self, max_norm: float) -> None:
        """Shrinks the kept gradient to a length of `max_norm` where it is longer."""

    def update(self) -> None:
        """One step of the optimizer along the kept gradient."""

    def evaluate(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        """The mean cost and the outputs, without a gradient."""

    def write_back(self) -> None:
        """Gives the Values and the optimizer what was learned, and the kept gradient; what is changed there counts from then on."""


ENGINES: dict[str, Callable[..., Engine]] = {"eager": EagerEngine, "program": ProgramEngine}
